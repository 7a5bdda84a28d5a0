#include "tools/space_argument.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>

#include "solver/error.hpp"
#include "solver/model_file.hpp"
#include "templates/family.hpp"
#include "tools/arguments.hpp"
#include "tools/workload_text.hpp"

namespace warpsmith {
namespace {

// A workload has more than one word, and its first is a family.
bool could_be_workload(const std::string& argument) {
    std::span<const Family> known = families();
    return argument.find_first_of(" =") != std::string::npos ||
           std::ranges::find(known, argument, &Family::name) != known.end();
}

NamedModel model_of(const std::string& argument, const std::string& target, Brackets brackets) {
    if (argument.ends_with(".json") || is_file(argument)) {
        ModelFromText read = load_model(argument, brackets);
        return {.name = read.name, .model = std::move(read.model), .parse_ms = 0};
    }
    if (!could_be_workload(argument)) {
        throw Error(
            fmt::format("reading \"{}\": there is no such file, and no family of this name; give a space file, a "
                        "T1 file or ConstrINT text, or a workload such as \"lstm T=128 B=16 N=4 D=64 dtype=bf16\"",
                        argument));
    }
    const Workload workload = read_workload(argument);
    return {.name = workload.key(),
            .model = find_family(workload.family).space(workload, chosen_target(target)).model,
            .parse_ms = 0,
            .workload = workload};
}

}  // namespace

NamedModel read_space(const std::string& argument, const std::string& target, Brackets brackets) {
    auto start = std::chrono::steady_clock::now();
    NamedModel named = model_of(argument, target, brackets);
    named.parse_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    return named;
}

}  // namespace warpsmith
