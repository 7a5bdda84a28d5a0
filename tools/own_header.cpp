#include "tools/own_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <utility>

#include "cache/solutions_by_config.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr std::array kCudaTypes = {std::pair{"i8", "signed char"}, std::pair{"u8", "unsigned char"},
                                   std::pair{"i16", "short"},      std::pair{"u16", "unsigned short"},
                                   std::pair{"i32", "int"},        std::pair{"u32", "unsigned"},
                                   std::pair{"i64", "long long"},  std::pair{"u64", "unsigned long long"},
                                   std::pair{"f16", "__half"},     std::pair{"bf16", "__nv_bfloat16"},
                                   std::pair{"f32", "float"},      std::pair{"f64", "double"}};

std::string cuda_type(const ElementType& type) {
    return std::ranges::find_if(kCudaTypes, [&](const auto& row) { return row.first == type.name; })->second;
}

std::string type_of(const OwnArgument& argument) {
    std::string element = cuda_type(*argument.type);
    if (argument.is_buffer) {
        return (argument.is_output ? "" : "const ") + element + "*";
    }
    if (argument.count == 1) {
        return element;
    }
    if ((element != "float" && element != "double") || argument.count > 4) {
        throw Error(fmt::format(
            "emitting {}: CUDA has no type for {} values of {} in one parameter; pass them in a buffer instead",
            argument.name, argument.count, element));
    }
    return fmt::format("{}{}", element, argument.count);
}

bool is_identifier(const std::string& name) {
    const auto letter = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::ranges::all_of(name, letter);
}

// The name of the file, where it can be one in C++ and is not given twice.
std::string member_name(const OwnKernel& kernel, const std::string& name, const char* otherwise, std::size_t place) {
    const auto given = std::ranges::count(kernel.arguments, name, &OwnArgument::name) +
                       std::ranges::count(kernel.symbols, name, &OwnArgument::name);
    return is_identifier(name) && given == 1 ? name : fmt::format("{}_{}", otherwise, place);
}

std::vector<OwnParameter> parameters_of(const OwnKernel& kernel) {
    std::vector<OwnParameter> parameters;
    for (const OwnArgument& argument : kernel.arguments) {
        parameters.push_back(
            {.type = type_of(argument), .name = member_name(kernel, argument.name, "argument", parameters.size())});
    }
    return parameters;
}

std::vector<OwnSymbol> symbols_of(const OwnKernel& kernel) {
    std::vector<OwnSymbol> symbols;
    for (const OwnArgument& symbol : kernel.symbols) {
        symbols.push_back({.variable = symbol.name,
                           .values = {.type = "const " + cuda_type(*symbol.type) + "*",
                                      .name = member_name(kernel, symbol.name, "symbol", symbols.size())}});
    }
    return symbols;
}

std::string namespace_of(const OwnKernel& kernel) {
    std::string name = "own_" + std::filesystem::path(kernel.t1_file).stem().string();
    std::ranges::replace_if(
        name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

}  // namespace

TunedOwnKernel tuned_own_kernel(const OwnKernel& kernel, const Config& config, const Target& target) {
    const Solution solution = solutions_by_config(kernel.space).at(config.key());
    TunedOwnKernel tuned{.name = namespace_of(kernel),
                         .workload = workload_of(kernel).key(),
                         .config = config.key(),
                         .target = target,
                         .provenance = {},
                         .parameters = parameters_of(kernel),
                         .symbols = symbols_of(kernel),
                         .smem_bytes = evaluate(kernel.space.launch.smem_bytes, solution),
                         .image = {},
                         .image_entry = {}};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        tuned.grid[axis] = evaluate(kernel.grid[axis], solution);
        tuned.block[axis] = evaluate(kernel.block[axis], solution);
    }
    return tuned;
}

}  // namespace warpsmith
