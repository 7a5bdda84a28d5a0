#include "solver/solution_set.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/error.hpp"
#include "solver/listed_model.hpp"
#include "solver/listing.hpp"
#include "solver/plan.hpp"

namespace warpsmith {
namespace {

[[noreturn]] void report_failure(const Model& model, const FailedCheck& failure) {
    const Constraint& constraint = model.constraints()[failure.constraint];
    std::string assignment;
    for (auto [variable, code] : failure.choices) {
        const Variable& chosen = model.variables()[variable];
        assignment +=
            fmt::format("{}{}={}", assignment.empty() ? "" : " ", chosen.name, to_string(chosen.values[code]));
    }
    throw Error(fmt::format(
        "solving: the constraint \"{}\" ({}) has no value for {}: a division by zero, a number beyond "
        "128 bits or text in arithmetic; guard it, as in `b != 0 and a % b == 0`",
        constraint.reason, to_string(constraint.condition), assignment.empty() ? "any assignment" : assignment));
}

}  // namespace

Found search_groups(const Model& model, Extent extent) {
    Found found;
    Plan plan = make_plan(model);
    if (plan.empty) {
        return {.nothing = true};
    }
    if (!plan.failing.empty()) {
        found.failure = FailedCheck{.constraint = plan.failing.front()};
    }
    for (const GroupPlan& group : plan.groups) {
        GroupDiagram compiled = compile(plan, group, extent);
        found.nodes += compiled.nodes;
        if (compiled.diagram.count() == 0 && !compiled.failure) {
            return {.nothing = true, .nodes = found.nodes};  // whatever fails elsewhere is excluded here
        }
        found.failure = found.failure ? found.failure : compiled.failure;
        found.groups.push_back(std::move(compiled.diagram));
    }
    return found;
}

SolutionSet::SolutionSet(const Model& model, Extent extent) : SolutionSet(ListedModel(model, extent), extent) {}

SolutionSet::SolutionSet(const ListedModel& model, Extent extent)
    : scope_(std::make_shared<const Scope>(Scope{model->variables(), model->definitions()})),
      found_(search_groups(*model, extent)),
      group_of_(scope_->variables.size()) {
    if (found_.failure) {
        report_failure(*model, *found_.failure);
    }
    count_ = found_.nothing ? 0 : 1;
    for (std::size_t group = 0; group < found_.groups.size(); ++group) {
        count_ = multiply_counts(count_, found_.groups[group].count());
        for (std::size_t variable : found_.groups[group].variables()) {
            group_of_[variable] = group;
        }
    }
}

SolutionTable SolutionSet::list(std::size_t limit) const {
    SolutionTable table(scope_, static_cast<std::size_t>(std::min<Count>(count_, limit)));
    if (table.rows() > 0) {
        Listing(found_.groups, scope_->variables.size()).write(table, 0);
    }
    return table;
}

void SolutionSet::for_each_block(std::size_t limit, const std::function<bool(const SolutionTable&)>& visit,
                                 std::size_t rows) const {
    const auto end = static_cast<std::uint64_t>(std::min<Count>(count_, limit));
    if (end == 0) {
        return;
    }
    Listing listing(found_.groups, scope_->variables.size());
    SolutionTable block(scope_, std::min(end, rows));
    for (std::uint64_t begin = 0; begin < end; begin += block.rows()) {
        if (end - begin < block.rows()) {
            block = SolutionTable(scope_, end - begin);
        }
        listing.write(block, begin);
        if (!visit(block)) {
            return;
        }
    }
}

std::vector<std::uint32_t> SolutionSet::possible(std::size_t variable) const {
    for (const Diagram& group : found_.groups) {
        auto place = std::ranges::find(group.variables(), variable);
        if (place != group.variables().end()) {
            return group.codes_at(static_cast<std::size_t>(place - group.variables().begin()));
        }
    }
    return {};
}

}  // namespace warpsmith
