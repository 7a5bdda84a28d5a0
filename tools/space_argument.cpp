#include "tools/space_argument.hpp"

#include <chrono>

#include "solver/space_file.hpp"
#include "templates/family.hpp"
#include "tools/arguments.hpp"

namespace warpsmith {
namespace {

NamedModel model_of(const std::string& argument, const std::string& target) {
    if (argument.ends_with(".json") || is_file(argument)) {
        ModelFromText read = load_space(argument);
        return {.name = read.name, .model = std::move(read.model), .parse_ms = 0};
    }
    const Workload workload = parse_workload(argument, families());
    return {.name = workload.key(),
            .model = find_family(workload.family).space(workload, chosen_target(target)).model,
            .parse_ms = 0,
            .workload = workload};
}

}  // namespace

NamedModel read_space(const std::string& argument, const std::string& target) {
    auto start = std::chrono::steady_clock::now();
    NamedModel named = model_of(argument, target);
    named.parse_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    return named;
}

}  // namespace warpsmith
