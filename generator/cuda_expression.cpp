#include "generator/cuda_expression.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/error.hpp"
#include "solver/evaluate.hpp"

namespace warpsmith {
namespace {

// Python's division rounds down and C++'s towards zero, hence functions.
struct Spelling {
    Op op;
    const char* format;
};
constexpr Spelling kSpellings[] = {
    {Op::negate, "(-{})"},
    {Op::logical_not, "(!{})"},
    {Op::absolute, "absolute({})"},
    {Op::add, "({} + {})"},
    {Op::subtract, "({} - {})"},
    {Op::multiply, "({} * {})"},
    {Op::floor_divide, "floor_divide({}, {})"},
    {Op::modulo, "floor_modulo({}, {})"},
    {Op::minimum, "smaller({}, {})"},
    {Op::maximum, "larger({}, {})"},
    {Op::equal, "({} == {})"},
    {Op::not_equal, "({} != {})"},
    {Op::less, "({} < {})"},
    {Op::less_equal, "({} <= {})"},
    {Op::greater, "({} > {})"},
    {Op::greater_equal, "({} >= {})"},
    {Op::logical_and, "({0} ? {1} : {0})"},
    {Op::logical_or, "({0} ? {0} : {1})"},
    {Op::select, "({} ? {} : {})"},
};

// Divisions that round up are built from three operators; they read better as one.
bool rounds_up(const Expr& expr) {
    return expr.op() == Op::negate && expr.operands()[0].op() == Op::floor_divide &&
           expr.operands()[0].operands()[0].op() == Op::negate;
}

std::string number(const Expr& expr, const ChosenConfig& chosen) {
    const std::vector<Variable>& variables = chosen.model.variables();
    const Scalar scalar =
        evaluate_with(expr, [&](std::size_t index) -> Scalar { return Int128{chosen.config[variables[index].name]}; });
    const std::optional<Value> value = to_value(scalar);
    if (!value || !std::holds_alternative<std::int64_t>(*value)) {
        throw Error("emitting a launch geometry: " + to_string(expr) + " is no whole number for " +
                    chosen.config.key());
    }
    return std::to_string(std::get<std::int64_t>(*value));
}

}  // namespace

std::set<std::string> runtime_dimensions_of(const Expr& expr, const ChosenConfig& chosen) {
    if (expr.op() == Op::named && chosen.runtime_dimensions.contains(expr.name())) {
        return {expr.name()};
    }
    std::set<std::string> names;
    for (const Expr& operand : expr.operands()) {
        names.merge(runtime_dimensions_of(operand, chosen));
    }
    return names;
}

std::string cuda_expression(const Expr& expr, const ChosenConfig& chosen) {
    if (runtime_dimensions_of(expr, chosen).empty()) {
        return number(expr, chosen);
    }
    if (expr.op() == Op::named) {
        return chosen.runtime_dimensions.contains(expr.name()) ? expr.name()
                                                               : cuda_expression(expr.operands()[0], chosen);
    }
    if (rounds_up(expr)) {
        const std::span<const Expr> division = expr.operands()[0].operands();
        return "ceil_divide(" + cuda_expression(division[0].operands()[0], chosen) + ", " +
               cuda_expression(division[1], chosen) + ")";
    }
    const auto* spelling = std::find_if(std::begin(kSpellings), std::end(kSpellings),
                                        [&](const Spelling& s) { return s.op == expr.op(); });
    if (spelling == std::end(kSpellings)) {
        throw Error("emitting a launch geometry: " + to_string(expr) +
                    " cannot be written in CUDA; use + - * // % instead");
    }
    std::vector<std::string> operands(3);
    for (std::size_t i = 0; i < expr.operands().size(); ++i) {
        operands[i] = cuda_expression(expr.operands()[i], chosen);
    }
    return fmt::format(fmt::runtime(spelling->format), operands[0], operands[1], operands[2]);
}

}  // namespace warpsmith
