// Small random models, and their solutions by trying every assignment with the plain evaluator.
#pragma once

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "solver/evaluate.hpp"
#include "solver/model.hpp"
#include "tests/sanitized.hpp"

namespace warpsmith {

struct RandomKind {
    bool zero_and_negative = true;
    bool reals = false;
    bool texts = false;
    bool real_division = true;
    bool large = false;  // values near 2^31, whose products need more than 64 bits
};

class RandomModel {
  public:
    RandomModel(std::uint32_t seed, RandomKind kind, std::size_t most_variables = 5) : random_(seed), kind_(kind) {
        std::size_t variables = pick(2, most_variables);
        for (std::size_t v = 0; v < variables; ++v) {
            std::vector<Value> values(pick(1, 5));
            bool text = kind_.texts && v == 0;
            std::generate(values.begin(), values.end(), [&] { return text ? this->text() : number_value(); });
            variables_.push_back(model_.variable(std::string(1, static_cast<char>('a' + v)), values));
        }
        std::size_t constraints = pick(1, 4);
        for (std::size_t c = 0; c < constraints; ++c) {
            Expr constraint = condition(3);
            model_.require(constraint, to_string(constraint));
        }
    }

    const Model& model() const { return model_; }

    // A random expression over the variables, for which some solutions may have no value.
    Expr expression() { return number(3); }

  private:
    std::size_t pick(std::size_t least, std::size_t greatest) {
        return std::uniform_int_distribution<std::size_t>(least, greatest)(random_);
    }

    Value text() {
        constexpr const char* kTexts[] = {"row", "column", ""};
        return kTexts[pick(0, 2)];
    }

    Value number_value() {
        if (kind_.reals && pick(0, 2) == 0) {
            return static_cast<double>(pick(0, 16)) / 4 - 1;
        }
        if (kind_.large && pick(0, 1) == 0) {
            return static_cast<std::int64_t>((std::size_t{1} << 31U) + pick(0, 9));
        }
        auto magnitude = static_cast<std::int64_t>(pick(1, 12));
        return kind_.zero_and_negative ? magnitude - 4 : magnitude;
    }

    Expr leaf() {
        bool rarely_text = pick(0, 39) == 0;
        std::size_t first = kind_.texts && !rarely_text ? 1 : 0;
        return pick(0, 3) == 0 ? Expr::constant(number_value()) : variables_[pick(first, variables_.size() - 1)];
    }

    Expr text_condition() {
        Expr text = pick(0, 9) == 0 ? leaf() : Expr::constant(this->text());
        return pick(0, 1) == 0 ? variables_[0] == text : variables_[0] != text;
    }

    Expr number(int depth) {
        constexpr Op kBinary[] = {Op::add,         Op::subtract,     Op::multiply,   Op::multiply,
                                  Op::minimum,     Op::floor_divide, Op::modulo,     Op::maximum,
                                  Op::logical_and, Op::logical_or,   Op::real_divide};
        std::size_t shape = depth == 0 ? 0 : pick(0, 10);
        if (shape <= 2) {
            return leaf();
        }
        if (shape == 10) {
            return condition(depth - 1);
        }
        if (shape == 3) {
            return pick(0, 1) == 0 ? -number(depth - 1) : abs(number(depth - 1));
        }
        if (shape == 4) {
            return pick(0, 1) == 0 ? select(condition(depth - 1), number(depth - 1), number(depth - 1))
                                   : pow(number(depth - 1), static_cast<std::int64_t>(pick(0, 3)));
        }
        return Expr::apply(kBinary[pick(0, std::size(kBinary) - (kind_.real_division ? 1 : 2))],
                           {number(depth - 1), number(depth - 1)});
    }

    Expr condition(int depth) {
        std::size_t shape = depth == 0 ? 0 : pick(0, 10);
        if (kind_.texts && shape <= 1) {
            return text_condition();
        }
        if (shape == 10) {
            return number(depth - 1);
        }
        if (shape == 9) {
            return !condition(depth - 1);
        }
        if (shape >= 6) {
            Expr left = condition(depth - 1);
            Expr right = condition(depth - 1);
            return shape == 8 ? left || right : left && right;
        }
        if (shape >= 4) {
            return number(depth - 1) % number(depth - 1) == 0;
        }
        constexpr Op kComparisons[] = {Op::equal,   Op::not_equal,     Op::less,      Op::less_equal,
                                       Op::greater, Op::greater_equal, Op::less_equal};
        int below = depth == 0 ? 0 : depth - 1;
        return Expr::apply(kComparisons[pick(0, std::size(kComparisons) - 1)], {number(below), number(below)});
    }

    std::mt19937 random_;
    RandomKind kind_;
    Model model_;
    std::vector<Expr> variables_;
};

// Constraints as kernels have them: products that are limited, that divide, and quotients of them.
inline Model random_tiling(std::uint32_t seed) {
    std::mt19937 random(seed);
    auto pick = [&](std::int64_t least, std::int64_t greatest) {
        return std::uniform_int_distribution<std::int64_t>(least, greatest)(random);
    };
    Model model;
    std::vector<Expr> variables;
    for (const char* name : {"a", "b", "c", "d"}) {
        std::vector<std::int64_t> values(static_cast<std::size_t>(pick(1, 8)));
        std::ranges::generate(values, [&] { return pick(0, 19) == 0 ? pick(-1, 0) : pick(1, 12); });
        variables.push_back(model.variable(name, values));
    }
    auto any = [&] { return variables[static_cast<std::size_t>(pick(0, 3))]; };
    auto product = [&] { return pick(0, 1) == 0 ? any() * any() : any() * pick(1, 3) * any() * any(); };
    auto quotient = [&] { return product() * pick(1, 40) / product(); };
    for (std::int64_t i = pick(1, 5); i > 0; --i) {
        const Expr forms[] = {
            product() <= pick(1, 300),    pick(1, 200) > product(),
            pick(1, 60) % product() == 0, product() % any() == 0,
            quotient() >= pick(1, 9),     quotient() <= pick(1, 9) && any() > 1,
            product() == 12 * pick(1, 9), quotient() * any() - product() * pick(1, 3) <= pick(-50, 50)};
        model.require(forms[pick(0, 7)], "form");
    }
    return model;
}

struct Exhausted {
    std::vector<std::vector<std::uint32_t>> solutions;  // the place of each variable's value in its list
    bool fails = false;        // for some assignment that no constraint excludes, one has no value
    bool fails_first = false;  // for one before the first solution
};

inline Exhausted exhaust(const Model& model) {
    Exhausted result;
    std::vector<std::uint32_t> choices(model.variables().size());
    auto value_of = [&](std::size_t v) { return to_scalar(model.variables()[v].values[choices[v]]); };
    std::function<void(std::size_t)> descend = [&](std::size_t variable) {
        if (variable < choices.size()) {
            for (choices[variable] = 0; choices[variable] < model.variables()[variable].values.size();
                 ++choices[variable]) {
                descend(variable + 1);
            }
            return;
        }
        bool excluded = false;
        bool fails = false;
        for (const Constraint& constraint : model.constraints()) {
            Scalar holds = evaluate_with(constraint.condition, value_of);
            fails |= failed(holds);
            excluded |= !failed(holds) && !truth(holds);
        }
        result.fails |= fails && !excluded;
        result.fails_first |= fails && !excluded && result.solutions.empty();
        if (!fails && !excluded) {
            result.solutions.push_back(choices);
        }
    };
    descend(0);
    return result;
}

// The model as text, for the message of a test that fails.
inline std::string description(const Model& model) {
    std::string text;
    for (const Variable& variable : model.variables()) {
        text += variable.name + " in";
        for (const Value& value : variable.values) {
            text += " " + to_string(value);
        }
        text += "\n";
    }
    for (const Constraint& constraint : model.constraints()) {
        text += to_string(constraint.condition) + "\n";
    }
    return text;
}

}  // namespace warpsmith
