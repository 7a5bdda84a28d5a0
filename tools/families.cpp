// warpsmith families: what kernels there are, and what describes a workload of each.
#include <fmt/format.h>

#include <memory>

#include "templates/family.hpp"
#include "tools/command.hpp"
#include "tools/table.hpp"

namespace warpsmith {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

std::string dtype_names(const Family& family) {
    std::vector<std::string> names;
    for (DType dtype : family.dtypes) {
        names.emplace_back(name(dtype));
    }
    return joined(names);
}

std::string dimension_names(const Family& family) {
    std::vector<std::string> names;
    for (const Dimension& dimension : family.dimensions) {
        names.push_back(dimension.name);
    }
    return joined(names);
}

int list_families() {
    std::vector<TableRow> rows = {{"family", "dimensions", "dtypes", "what it is"}};
    for (const Family& family : families()) {
        rows.push_back({family.name, dimension_names(family), dtype_names(family), family.summary});
    }
    fmt::print("{}", table(rows));
    return kDone;
}

// The fields of the Config struct, taken from the space of the family's first case: they are the same in all.
std::vector<TableRow> config_rows(const Family& family) {
    std::vector<TableRow> rows = {{family.config_struct, "meaning"}};
    const Space space = family.space(case_workloads(family).front(), known_targets().front());
    for (const Variable& variable : space.model.variables()) {
        rows.push_back({variable.name, variable.meaning});
    }
    return rows;
}

int describe(const Family& family) {
    fmt::print("{}: {}\n\n", family.name, family.summary);
    std::vector<TableRow> dimensions = {{"dimension", "binding", "meaning"}};
    for (const Dimension& dimension : family.dimensions) {
        dimensions.push_back(
            {dimension.name, dimension.binding == Binding::fixed ? "fixed" : "runtime", dimension.meaning});
    }
    fmt::print("{}\n", table(dimensions));
    std::vector<TableRow> options = {{"option", "values", "meaning"}, {"dtype", dtype_names(family), "of the tensors"}};
    for (const Option& option : family.options) {
        options.push_back({option.name, joined(option.values), option.meaning + "; default " + option.values.front()});
    }
    fmt::print("{}\n{}\n", table(options), table(config_rows(family)));
    if (!family.gates.empty()) {
        fmt::print("gates, in the order of the G axis: {}\n\n", joined(family.gates));
    }
    fmt::print("cases\n");
    for (const Workload& workload : case_workloads(family)) {
        fmt::print("  {}\n", workload.key());
    }
    return kDone;
}

}  // namespace

Command families_command() {
    auto family = std::make_shared<std::string>();
    return {.arguments = {{.name = "FAMILY", .value = family.get(), .meaning = "tell all about this one"}},
            .notes =
                "Fixed dimensions are compiled into a kernel; runtime ones are passed when it is launched.\n"
                "Examples:\n"
                "  warpsmith families\n"
                "  warpsmith families lstm",
            .run = [family] { return family->empty() ? list_families() : describe(find_family(*family)); }};
}

}  // namespace warpsmith
