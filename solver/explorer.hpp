// Sets the variables of one group one after the other and tells which values of the next one pass its checks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "solver/columns.hpp"
#include "solver/plan.hpp"

namespace warpsmith {

class Explorer {
  public:
    Explorer(const Plan& plan, const GroupPlan& group);

    std::size_t depth() const { return levels_.size(); }

    // The rows (places in the domain) of the variable at `level` that pass, given the rows chosen at all levels above.
    // Valid until the next call for the same level.
    std::span<const std::uint32_t> passing(std::size_t level);

    // The constraint that could not be evaluated for a row that passes, if there is one.
    std::optional<std::size_t> failing_constraint(std::size_t level, std::uint32_t row) const;

    void choose(std::size_t level, std::uint32_t row);

    // What the levels from `level` on depend on; written to `words`, seven bits of a number to a byte, so that small
    // numbers, as most are, take little memory where keys are kept.
    void key(std::size_t level, std::vector<std::uint64_t>& words) const;

    std::uint64_t nodes() const { return nodes_; }  // values tried so far

  private:
    struct BoundCheck {
        std::size_t steps_before;
        Operand condition;
        std::size_t constraint;
    };
    struct Move {
        Operand column;
        Result slot;
    };
    // The value of a variable from value == expression: what is done to the variable is undone, the outermost first.
    struct Undo {
        Op op;  // add, subtract or multiply
        bool variable_on_left;
        const Word* known;
    };
    struct Inverse {
        const Word* value;
        std::vector<Undo> undos;
    };
    struct LevelState {
        std::size_t rows = 0;
        std::optional<Inverse> computed;  // how an equality gives the value of the variable
        std::vector<std::pair<std::int64_t, std::uint32_t>> rows_by_value;  // ascending, when it does
        std::vector<ColumnStep> steps;
        std::vector<BoundCheck> checks;
        std::vector<Move> moves;
        std::vector<const Word*> key;
        bool one_row = false;  // only the row in `passing` is computed
        std::vector<std::uint32_t> passing;
        std::vector<std::pair<std::uint32_t, std::size_t>> failing;  // row, constraint
    };

    void allocate(const Plan& plan, const GroupPlan& group);
    LevelState bind(const Plan& plan, const LevelPlan& level);
    void bind_computed(LevelState& state, const Plan& plan, const LevelPlan& level) const;
    std::optional<Inverse> inverse(const Plan& plan, const LevelPlan& level, const Term& condition) const;
    ColumnStep bind_step(const Plan& plan, const LevelPlan& level, TermId id) const;
    Operand operand(const Plan& plan, const LevelPlan& level, TermId id) const;
    static std::size_t words_in(const Plan& plan, const GroupPlan& group);
    void place_constants(const Plan& plan, const Term& term);
    Result place_for(const Term& term, std::size_t rows);
    static void start(LevelState& state);
    static void run_step(const LevelState& state, const ColumnStep& step);
    void keep_passing(LevelState& state, const BoundCheck& check);

    std::vector<LevelState> levels_;
    std::vector<Result> columns_;  // by term: one value per row of its level
    std::vector<Result> slots_;    // by term: the value that deeper levels use
    std::vector<Word> words_;      // of all columns and slots; allocated once
    std::vector<std::vector<Scalar>> scalars_;
    std::uint64_t nodes_ = 0;
};

}  // namespace warpsmith
