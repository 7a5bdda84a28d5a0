// All solutions of a model without listing them: the product of the decision diagrams of its independent groups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "solver/diagram.hpp"
#include "solver/model.hpp"
#include "solver/solution.hpp"
#include "solver/solution_table.hpp"

namespace warpsmith {

class ListedModel;

struct Found {
    bool nothing = false;         // every assignment is excluded
    std::vector<Diagram> groups;  // the solutions are their product
    std::uint64_t nodes = 0;      // values tried
    std::optional<FailedCheck> failure;
};

Found search_groups(const Model& model, Extent extent);  // of a model whose ranges are listed

class SolutionSet {
  public:
    // Throws Error when a constraint has no value for an assignment that no other constraint excludes.
    explicit SolutionSet(const Model& model, Extent extent = Extent::all);

    // Of variables whose values are listed, with these rows of places in the lists as its solutions: what was recorded,
    // say. A row that is given twice counts once. Throws Error when a row does not fit the variables.
    SolutionSet(std::vector<Variable> variables, std::vector<std::vector<std::uint32_t>> rows);

    Count count() const { return count_; }                // kMaxCount stands for itself and for everything above
    std::uint64_t nodes() const { return found_.nodes; }  // values tried to find them
    std::span<const Diagram> groups() const { return found_.groups; }  // none when there is no solution
    const std::shared_ptr<const Scope>& scope() const { return scope_; }

    // The values that a variable takes in some solution, as places in its list, ascending.
    std::vector<std::uint32_t> possible(std::size_t variable) const;

    // The first `limit` solutions, in lexicographic order.
    SolutionTable list(std::size_t limit) const;

    // The same, handed out in tables of `rows` solutions, the last of fewer: only one is held at a time. Stops when
    // `visit` returns false.
    void for_each_block(std::size_t limit, const std::function<bool(const SolutionTable&)>& visit,
                        std::size_t rows = kBlockRows) const;
    static constexpr std::size_t kBlockRows = 1U << 14U;  // of some 20 variables: what a second-level cache holds

    // The solution at a place in that order, counted from 0. Throws Error when there are not so many.
    Solution at(Count place) const;

    // The place of a solution, given by the place of each variable's value in its list; kMaxCount stands for itself and
    // for everything above. None when it is no solution.
    std::optional<Count> rank(std::span<const std::uint32_t> choices) const;
    bool contains(std::span<const std::uint32_t> choices) const { return rank(choices).has_value(); }

    // In how many solutions each value occurs: by variable and place in its list.
    std::vector<std::vector<Count>> marginals() const;

    std::size_t group_of(std::size_t variable) const { return group_of_[variable]; }  // its place in groups()
    std::vector<NodeId> roots() const;                                                // of groups()

  private:
    SolutionSet(const ListedModel& model, Extent extent);

    // The solutions below the nodes of all groups but one; `nodes` has one of each group.
    Count count_of_others(std::span<const NodeId> nodes, std::size_t group) const;
    void count_values(std::size_t group, std::vector<std::vector<Count>>& counts) const;

    std::shared_ptr<const Scope> scope_;
    Found found_;
    Count count_ = 0;
    std::vector<std::size_t> group_of_;  // by variable; of no meaning when there is no solution
};

}  // namespace warpsmith
