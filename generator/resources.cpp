#include "generator/resources.hpp"

#include <cctype>
#include <charconv>
#include <sstream>
#include <string>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

// Every amount stands before its unit: "Used 40 registers, used 1 barriers, 256 bytes smem".
struct Amount {
    const char* unit;
    std::int64_t Resources::*field;
};
constexpr Amount kAmounts[] = {
    {" registers", &Resources::registers},
    {" bytes spill stores", &Resources::spill_store_bytes},
    {" bytes spill loads", &Resources::spill_load_bytes},
    {" bytes stack frame", &Resources::stack_bytes},
    {" bytes smem", &Resources::static_smem_bytes},
};

void read_amounts(const std::string& line, Resources& resources) {
    for (const Amount& amount : kAmounts) {
        const std::size_t unit = line.find(amount.unit);
        if (unit == std::string::npos) {
            continue;
        }
        std::size_t digits = unit;
        while (digits > 0 && std::isdigit(static_cast<unsigned char>(line[digits - 1])) != 0) {
            --digits;
        }
        std::from_chars(line.data() + digits, line.data() + unit, resources.*amount.field);
    }
}

// The function that the lines after this one are about, or nothing when the line does not change that:
//   Compiling entry function 'NAME' for 'sm_90a'
//   Function properties for NAME
std::string named_function(const std::string& line) {
    for (const char* introduction : {"Compiling entry function ", "Function properties for "}) {
        const std::size_t found = line.find(introduction);
        if (found != std::string::npos) {
            std::string name = line.substr(found + std::string_view(introduction).size());
            name = name.starts_with('\'') ? name.substr(1, name.find('\'', 1) - 1) : name;
            return name.substr(0, name.find_last_not_of(" \r\t") + 1);
        }
    }
    return {};
}

}  // namespace

Resources resources_of(std::string_view entry, std::string_view log) {
    Resources resources;
    bool found = false;
    std::string function;
    std::istringstream lines{std::string(log)};
    for (std::string line; std::getline(lines, line);) {
        if (std::string name = named_function(line); !name.empty()) {
            function = std::move(name);
        } else if (function == entry) {
            found = true;
            read_amounts(line, resources);
        }
    }
    if (!found) {
        throw Error("reading the compiler's log: it says nothing of " + std::string(entry) +
                    "; is --ptxas-options=-v among the options? The log was:\n" + std::string(log));
    }
    return resources;
}

}  // namespace warpsmith
