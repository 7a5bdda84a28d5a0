// Random models with ranges that are not listed, each with what holds its solutions against.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "solver/model.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {

using Rows = std::vector<std::vector<Value>>;  // a solution each, by variable

inline Rows rows_of(const Model& model, const Exhausted& exhausted) {
    Rows rows;
    for (const std::vector<std::uint32_t>& choices : exhausted.solutions) {
        std::vector<Value>& row = rows.emplace_back();
        for (std::size_t v = 0; v < choices.size(); ++v) {
            row.push_back(model.variables()[v].values[choices[v]]);
        }
    }
    return rows;
}

// The model with some of its variables replaced by short ranges that stay unlisted until it is solved, and the same
// model with these ranges as lists.
struct RangeTwins {
    Model with_ranges;
    Model with_lists;
};

inline RangeTwins range_twins(std::uint32_t seed, RandomKind kind) {
    std::mt19937 random(seed + 1'000'000);
    auto pick = [&](int least, int greatest) { return std::uniform_int_distribution(least, greatest)(random); };
    const RandomModel original(seed, kind, 4);
    RangeTwins twins;
    for (const Variable& variable : original.model().variables()) {
        Variable listed = variable;
        Variable ranged = variable;
        if (pick(0, 1) == 0) {
            const int step = pick(0, 3) == 0 ? -pick(1, 3) : pick(1, 3);
            const int first = pick(kind.zero_and_negative ? -9 : 25, 30);
            ranged = {variable.name, {}, "", ValueRange{first, first + step * pick(0, 7), step}};
            listed.values.clear();
            for (std::uint64_t i = 0; i < size(*ranged.range); ++i) {
                listed.values.emplace_back(first + static_cast<std::int64_t>(i) * step);
            }
        }
        twins.with_ranges.variable(ranged);
        twins.with_lists.variable(listed);
    }
    for (const Constraint& constraint : original.model().constraints()) {
        twins.with_ranges.require(constraint.condition, constraint.reason);
        twins.with_lists.require(constraint.condition, constraint.reason);
    }
    return twins;
}

// A few listed variables, and ranges of up to 2^62 values whose values constraints give. The solutions come from trying
// every assignment of the listed ones.
class PinnedModel {
  public:
    explicit PinnedModel(std::uint32_t seed) : random_(seed) {
        const std::size_t pinned = pick(1, 3);
        const std::size_t listed = pick(1, 3);
        const std::size_t before = pick(0, pinned);  // that are declared before the listed ones
        for (std::size_t i = 0; i < pinned + listed; ++i) {
            const bool is_listed = i >= before && i < before + listed;
            is_listed_.push_back(is_listed);
            variables_.push_back(is_listed ? listed_variable(i) : range_variable(i));
        }
        values_of_.resize(variables_.size());
        for (std::size_t i = 0; i < variables_.size(); ++i) {
            if (!is_listed_[i]) {
                pin(i);
            }
        }
    }

    const Model& model() const { return model_; }

    Rows solutions() const {
        Rows rows;
        std::vector<Scalar> values(variables_.size(), Int128{0});
        try_all(0, values, rows);
        std::ranges::sort(rows, [&](const auto& left, const auto& right) { return places(left) < places(right); });
        return rows;
    }

  private:
    std::size_t pick(std::size_t least, std::size_t greatest) {
        return std::uniform_int_distribution<std::size_t>(least, greatest)(random_);
    }
    std::int64_t number(std::int64_t least, std::int64_t greatest) {
        return std::uniform_int_distribution<std::int64_t>(least, greatest)(random_);
    }

    Expr listed_variable(std::size_t i) {
        std::vector<std::int64_t> values;
        for (std::size_t count = pick(1, 5); values.size() < count;) {
            values.push_back(number(-3, 40));
        }
        return model_.variable("v" + std::to_string(i), values);
    }

    Expr range_variable(std::size_t i) {
        constexpr std::int64_t kFar = std::int64_t{1} << 61;
        const std::int64_t step = pick(0, 2) == 0 ? number(2, 5) : 1;
        const std::int64_t first = pick(0, 1) == 0 ? 1 : -kFar + number(0, 9);
        const bool descends = pick(0, 3) == 0;
        ValueRange range{first, first + kFar / 5 * step, step};
        return model_.range_variable("v" + std::to_string(i), descends ? ValueRange{range.last, first, -step} : range);
    }

    Expr listed_leaf() {
        std::vector<Expr> listed;
        for (std::size_t i = 0; i < variables_.size(); ++i) {
            if (is_listed_[i]) {
                listed.push_back(variables_[i]);
            }
        }
        return pick(0, 3) == 0 ? Expr(number(-3, 1000)) : listed[pick(0, listed.size() - 1)];
    }

    // Never fails.
    Expr expression(int depth) {
        if (depth == 0) {
            return listed_leaf();
        }
        constexpr Op kOps[] = {Op::add, Op::subtract, Op::multiply, Op::multiply, Op::minimum, Op::maximum};
        return Expr::apply(kOps[pick(0, std::size(kOps) - 1)], {expression(depth - 1), expression(depth - 1)});
    }

    // One constraint that gives the variable its value, and perhaps more that limit it.
    void pin(std::size_t i) {
        const Expr x = variables_[i];
        const Expr value = pick(0, 2) == 0 && i > 0 && !is_listed_[i - 1] ? variables_[i - 1] + expression(1)
                                                                          : expression(static_cast<int>(pick(1, 3)));
        const std::int64_t factor = number(1, 4);
        values_of_[i] = value;
        switch (pick(0, 3)) {
            case 0:
                model_.require(x == value, "equal");
                break;
            case 1:
                model_.require(value - factor * x + 2 == 2 - (factor - 1) * value, "hidden on the left");
                break;
            default:
                model_.require(value * factor == -(x * factor) + 2 * factor * value, "multiplied");
                break;
        }
        if (pick(0, 2) == 0) {
            model_.require(x % number(2, 4) == 0, "divisible");
        }
        if (pick(0, 2) == 0) {
            model_.require(x <= number(0, 5000), "bounded");
        }
    }

    void try_all(std::size_t i, std::vector<Scalar>& values, Rows& rows) const {
        if (i == variables_.size()) {
            add_solution(values, rows);
            return;
        }
        if (!is_listed_[i]) {
            return try_all(i + 1, values, rows);
        }
        for (const Value& value : model_.variables()[i].values) {
            values[i] = to_scalar(value);
            try_all(i + 1, values, rows);
        }
    }

    void add_solution(std::vector<Scalar>& values, Rows& rows) const {
        auto value_of = [&](std::size_t v) { return values[v]; };
        std::vector<Value> row;
        for (std::size_t i = 0; i < variables_.size(); ++i) {
            if (values_of_[i]) {
                values[i] = evaluate_with(*values_of_[i], value_of);
            }
            std::optional<Value> value = to_value(values[i]);
            if (!value || (!is_listed_[i] && !contains(*model_.variables()[i].range, std::get<std::int64_t>(*value)))) {
                return;
            }
            row.push_back(*value);
        }
        if (std::ranges::all_of(model_.constraints(), [&](const Constraint& constraint) {
                return truth(evaluate_with(constraint.condition, value_of));
            })) {
            rows.push_back(std::move(row));
        }
    }

    // By variable, what its values are ordered by.
    std::vector<std::int64_t> places(const std::vector<Value>& row) const {
        std::vector<std::int64_t> result;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const Variable& variable = model_.variables()[i];
            const auto value = std::get<std::int64_t>(row[i]);
            result.push_back(!is_listed_[i] ? (variable.range->step < 0 ? -value : value)
                                            : std::ranges::find(variable.values, row[i]) - variable.values.begin());
        }
        return result;
    }

    std::mt19937 random_;
    Model model_;
    std::vector<Expr> variables_;
    std::vector<bool> is_listed_;
    std::vector<std::optional<Expr>> values_of_;  // of a range: what gives its value
};

}  // namespace warpsmith
