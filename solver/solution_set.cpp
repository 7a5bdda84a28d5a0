#include "solver/solution_set.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/error.hpp"
#include "solver/listed_model.hpp"
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

// Writes the solutions into the columns; a part that was written before is copied.
class Listing {
  public:
    Listing(std::span<const Diagram> groups, SolutionTable& table, std::size_t variables)
        : groups_(groups), table_(table), group_of_(variables), repeats_(variables), written_at_(groups.size()) {
        for (std::size_t group = 0; group < groups.size(); ++group) {
            current_.push_back(groups[group].root());
            written_at_[group].assign(groups[group].size(), kNowhere);
            for (std::size_t variable : groups[group].variables()) {
                group_of_[variable] = group;
            }
        }
        for (std::size_t variable = 0; variable < variables; ++variable) {
            repeats_[variable] = others_are_untouched(variable);
        }
    }

    // Writes the variables from `variable` on, for the values that have been chosen before it. Returns the next row.
    std::size_t write(std::size_t variable, std::size_t first) {
        if (variable == group_of_.size()) {
            return first + 1;
        }
        std::size_t group = group_of_[variable];
        NodeId node = current_[group];
        const Diagram& diagram = groups_[group];
        Count others = count_of_others(group);
        std::size_t& written_at = written_at_[group][node];
        if (repeats_[variable] && written_at != kNowhere) {
            return copy(variable, written_at, first, rows_left(first, multiply_counts(others, diagram.count(node))));
        }
        written_at = first;
        for (std::size_t i = 0; i < diagram.edge_count(node) && first < table_.rows(); ++i) {
            Diagram::Edge edge = diagram.edge(node, i);
            std::size_t rows = rows_left(first, multiply_counts(others, diagram.count(edge.child)));
            table_.fill(variable, first, rows, edge.code);
            current_[group] = edge.child;
            first = write(variable + 1, first);
        }
        current_[group] = node;
        return first;
    }

  private:
    static constexpr std::size_t kNowhere = ~std::size_t{0};

    // Then the node of the variable's own group determines everything from this variable on.
    bool others_are_untouched(std::size_t variable) const {
        return std::ranges::all_of(groups_, [&](const Diagram& group) {
            bool own = &group == &groups_[group_of_[variable]];
            return own || group.variables().front() >= variable || group.variables().back() < variable;
        });
    }

    Count count_of_others(std::size_t group) const {
        Count product = 1;
        for (std::size_t other = 0; other < groups_.size(); ++other) {
            product = other == group ? product : multiply_counts(product, groups_[other].count(current_[other]));
        }
        return product;
    }

    std::size_t rows_left(std::size_t first, Count rows) const {
        return static_cast<std::size_t>(std::min<Count>(rows, table_.rows() - first));
    }

    std::size_t copy(std::size_t variable, std::size_t source, std::size_t first, std::size_t rows) {
        for (; variable < group_of_.size(); ++variable) {
            table_.repeat(variable, source, first, rows);
        }
        return first + rows;
    }

    std::span<const Diagram> groups_;
    SolutionTable& table_;
    std::vector<std::size_t> group_of_;                 // by variable
    std::vector<bool> repeats_;                         // by variable: what follows can be copied
    std::vector<std::vector<std::size_t>> written_at_;  // by group and node: a row where its solutions start
    std::vector<NodeId> current_;                       // by group
};

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
        Listing(found_.groups, table, scope_->variables.size()).write(0, 0);
    }
    return table;
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
