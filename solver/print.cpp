#include <fmt/format.h>

#include <iterator>

#include "solver/expr.hpp"

namespace warpsmith {
namespace {

// How tightly each piece of Python syntax binds.
enum Binding : int { conditional, disjunction, conjunction, negation, comparison, sum, product, sign, exponent, atom };

struct Syntax {
    Op op;
    Binding binding;
    Binding left, right;  // what an operand must bind at least as tightly as, to do without brackets
    const char* text;     // "{}" stands for an operand
};

constexpr Syntax kSyntax[] = {
    {Op::negate, sign, sign, sign, "-{}"},
    {Op::logical_not, negation, negation, negation, "not {}"},
    {Op::absolute, atom, conditional, conditional, "abs({})"},
    {Op::add, sum, sum, product, "{} + {}"},
    {Op::subtract, sum, sum, product, "{} - {}"},
    {Op::multiply, product, product, sign, "{} * {}"},
    {Op::floor_divide, product, product, sign, "{} // {}"},
    {Op::real_divide, product, product, sign, "{} / {}"},
    {Op::modulo, product, product, sign, "{} % {}"},
    {Op::power, exponent, atom, sign, "{} ** {}"},
    {Op::minimum, atom, conditional, conditional, "min({}, {})"},
    {Op::maximum, atom, conditional, conditional, "max({}, {})"},
    {Op::equal, comparison, sum, sum, "{} == {}"},
    {Op::not_equal, comparison, sum, sum, "{} != {}"},
    {Op::less, comparison, sum, sum, "{} < {}"},
    {Op::less_equal, comparison, sum, sum, "{} <= {}"},
    {Op::greater, comparison, sum, sum, "{} > {}"},
    {Op::greater_equal, comparison, sum, sum, "{} >= {}"},
    {Op::logical_and, conjunction, conjunction, negation, "{} and {}"},
    {Op::logical_or, disjunction, disjunction, conjunction, "{} or {}"},
};

const Syntax& syntax_of(Op op) {
    for (const Syntax& syntax : kSyntax) {
        if (syntax.op == op) {
            return syntax;
        }
    }
    return kSyntax[0];  // unreachable: constants, names and select are written without the table
}

bool starts_with_sign(const Value& value) {
    return to_string(value).front() == '-';
}

std::string written(const Expr& expr, Binding context);

std::string without_brackets(const Expr& expr) {
    switch (expr.op()) {
        case Op::constant:
            return to_string(expr.value());
        case Op::variable:
        case Op::named:
            return expr.name();
        case Op::select:
            return fmt::format("{} if {} else {}", written(expr.operands()[1], disjunction),
                               written(expr.operands()[0], disjunction), written(expr.operands()[2], conditional));
        default:
            break;
    }
    const Syntax& syntax = syntax_of(expr.op());
    std::string left = written(expr.operands()[0], syntax.left);
    std::string right = expr.operands().size() > 1 ? written(expr.operands()[1], syntax.right) : "";
    return fmt::format(fmt::runtime(syntax.text), left, right);
}

Binding binding_of(const Expr& expr) {
    switch (expr.op()) {
        case Op::constant:
            return starts_with_sign(expr.value()) ? sign : atom;
        case Op::variable:
        case Op::named:
            return atom;
        case Op::select:
            return conditional;
        default:
            return syntax_of(expr.op()).binding;
    }
}

std::string written(const Expr& expr, Binding context) {
    std::string text = without_brackets(expr);
    return binding_of(expr) < context ? "(" + text + ")" : text;
}

std::string literal(double number) {
    std::string text = fmt::format("{}", number);
    return text.find_first_of(".ein") == std::string::npos ? text + ".0" : text;
}

std::string literal(const std::string& content) {
    std::string text = "'";
    for (char character : content) {
        if (character == '\'' || character == '\\') {
            text += '\\';
        }
        text += character;
    }
    return text + "'";
}

}  // namespace

std::string to_string(const Expr& expr) {
    return without_brackets(expr);
}

std::string to_string(const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        return fmt::format("{}", *integer);
    }
    if (const auto* real = std::get_if<double>(&value)) {
        return literal(*real);
    }
    return literal(std::get<std::string>(value));
}

}  // namespace warpsmith
