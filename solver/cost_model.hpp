// A cost over the solutions of a set: in which order a search for the least cost sets the variables, and between what
// each part of the cost lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "solver/solution_set.hpp"
#include "solver/terms.hpp"

namespace warpsmith {

// Between which values the variables of a cost lie in the solutions below each node of a diagram.
class Reach {
  public:
    // `variables` has the term of each variable of the model; those that are constants are left out.
    Reach(const SolutionSet& set, std::size_t group, const Terms& terms, std::span<const TermId> variables);

    // Of a variable that the node or one below it sets.
    Range range(NodeId node, TermId variable) const;

  private:
    struct Column {
        TermId variable;
        std::size_t position;              // in the group
        std::vector<Scalar> sorted;        // its values, ascending; empty when they are no numbers
        std::vector<std::uint32_t> ranks;  // by code: the place in `sorted`
        bool whole;
    };
    struct Span {
        std::uint32_t low = ~std::uint32_t{0};  // ranks
        std::uint32_t high = 0;
    };

    void add_column(const Variable& variable, TermId term, std::size_t position, bool whole);
    void widen(NodeId node, std::size_t position, const Diagram& diagram);

    std::vector<Column> columns_;
    std::vector<Span> spans_;  // by node and column
};

// The variable at a place in the order of the search.
struct SearchLevel {
    std::size_t group = 0;
    std::size_t variable = 0;
};

struct CostModel {
    CostModel(const SolutionSet& solutions, const Expr& expr);

    bool is_single_group(TermId term) const { return first_group[term] == last_group[term]; }
    std::vector<TermId> parts_of(TermId term) const;  // with the term, without constants; operands before results
    TermId negated(TermId term);

    const SolutionSet& set;
    std::vector<SearchLevel> levels;  // the groups one after the other, those that decide the cost first
    std::vector<std::size_t> starts;  // of each group in `levels`, in that order, and one past the last
    std::size_t deciding = 0;         // so many of `levels` are in groups that the cost depends on
    Terms terms;                      // their levels are places in `levels`
    TermId cost = 0;
    std::vector<Reach> reach;  // by group, in the order of `starts`; of those that decide

    // By term: the first and last group that it depends on, in the order of `starts`; of a constant, none.
    std::vector<std::size_t> first_group;
    std::vector<std::size_t> last_group;
    std::vector<Range> ranges;  // over all solutions

  private:
    void order_levels(const Expr& expr);
    void classify_new_terms();
};

}  // namespace warpsmith
