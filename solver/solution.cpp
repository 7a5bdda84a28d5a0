#include "solver/solution.hpp"

#include <fmt/format.h>

#include <cmath>

#include "solver/error.hpp"
#include "solver/evaluate.hpp"

namespace warpsmith {
namespace {

std::int64_t whole(const Value& value, std::string_view what) {
    const auto* integer = std::get_if<std::int64_t>(&value);
    if (integer == nullptr) {
        throw Error(
            fmt::format("reading {}: it is {}, not a whole number; ask for its value instead", what, to_string(value)));
    }
    return *integer;
}

Scalar scalar_of(const Expr& expr, const Solution& solution) {
    return evaluate_with(expr, [&](std::size_t variable) { return to_scalar(solution.at(variable)); });
}

}  // namespace

std::int64_t Solution::operator[](std::string_view name) const {
    return whole(value(name), name);
}

Value Solution::value(std::string_view name) const {
    for (std::size_t variable = 0; variable < size(); ++variable) {
        if (variables()[variable].name == name) {
            return at(variable);
        }
    }
    for (const Definition& definition : scope_->definitions) {
        if (definition.name == name) {
            return evaluate_value(definition.value, *this);
        }
    }
    throw Error(fmt::format("reading a solution: it has no \"{}\"; it has {}", name, to_string(*this)));
}

bool Solution::operator==(const Solution& other) const {
    auto same = [&](std::size_t variable) { return at(variable) == other.at(variable); };
    for (std::size_t variable = 0; variable < size(); ++variable) {
        if (variable >= other.size() || !same(variable)) {
            return false;
        }
    }
    return size() == other.size();
}

Value evaluate_value(const Expr& expr, const Solution& solution) {
    Scalar result = scalar_of(expr, solution);
    if (const auto* failure = std::get_if<Failure>(&result)) {
        throw Error(fmt::format("evaluating {} for {}: {}; guard it with `and`, `or` or `if`", to_string(expr),
                                to_string(solution), failure->reason));
    }
    std::optional<Value> value = to_value(result);
    if (!value) {
        throw Error(fmt::format("evaluating {} for {}: the result is beyond 64 bits; use smaller factors",
                                to_string(expr), to_string(solution)));
    }
    return *value;
}

std::optional<Value> value_if_any(const Expr& expr, const Solution& solution) {
    return to_value(scalar_of(expr, solution));
}

std::optional<std::int64_t> whole_value(const Expr& expr, const Solution& solution) {
    std::optional<Value> value = value_if_any(expr, solution);
    const auto* integer = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    return integer == nullptr ? std::nullopt : std::optional(*integer);
}

std::int64_t evaluate(const Expr& expr, const Solution& solution) {
    return whole(evaluate_value(expr, solution), to_string(expr));
}

std::string to_string(const Solution& solution) {
    std::string text;
    for (std::size_t variable = 0; variable < solution.size(); ++variable) {
        text += fmt::format("{}{}={}", variable == 0 ? "" : " ", solution.variables()[variable].name,
                            to_string(solution.at(variable)));
    }
    return text;
}

}  // namespace warpsmith
