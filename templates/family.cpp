#include "templates/family.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <system_error>

#include "solver/error.hpp"
#include "solver/suggestion.hpp"

namespace warpsmith {

std::int64_t Config::operator[](std::string_view field) const {
    for (const auto& [name, value] : fields) {
        if (name == field) {
            return value;
        }
    }
    throw Error("reading a configuration: it has no field '" + std::string(field) + "' in \"" + key() + "\"");
}

std::string Config::key() const {
    std::string text;
    for (const auto& [name, value] : fields) {
        text += (text.empty() ? "" : " ") + name + "=" + std::to_string(value);
    }
    return text;
}

Config parse_config(std::string_view text) {
    constexpr std::string_view kSeparators = ", \t\n\v\f\r";
    Config config;
    for (std::size_t first = text.find_first_not_of(kSeparators); first < text.size();) {
        const std::string_view word = text.substr(first, text.find_first_of(kSeparators, first) - first);
        const std::size_t equals = std::min(word.find('='), word.size() - 1);
        const char* const end = word.data() + word.size();
        std::int64_t value = 0;
        const auto [last, error] = std::from_chars(word.data() + equals + 1, end, value);
        if (equals == 0 || last != end || error != std::errc()) {
            throw Error("reading a configuration: '" + std::string(word) + "' is not name=integer");
        }
        config.fields.emplace_back(word.substr(0, equals), value);
        first = text.find_first_not_of(kSeparators, first + word.size());
    }
    return config;
}

const Family& find_family(std::string_view name) {
    std::vector<std::string> known;
    for (const Family& family : families()) {
        if (family.name == name) {
            return family;
        }
        known.push_back(family.name);
    }
    throw Error("looking up a family: there is no '" + std::string(name) + "'; " + suggestion(name, known));
}

Config to_config(const Solution& solution, const Space& space) {
    Config config;
    for (const Variable& variable : space.model.variables()) {
        config.fields.emplace_back(variable.name, solution[variable.name]);
    }
    return config;
}

std::vector<Workload> case_workloads(const Family& family) {
    std::vector<Workload> workloads;
    std::istringstream lines(family.cases);
    for (std::string line; std::getline(lines, line);) {
        line = line.substr(0, line.find('#'));
        if (line.find_first_not_of(" \t\r") != std::string::npos) {
            workloads.push_back(parse_workload(line, families()));
        }
    }
    return workloads;
}

}  // namespace warpsmith
