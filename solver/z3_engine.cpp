#include "solver/z3_engine.hpp"

#include <fmt/format.h>
#include <z3++.h>

#include <algorithm>
#include <set>

#include "solver/error.hpp"
#include "solver/listed_model.hpp"

namespace warpsmith {
namespace {

enum class Kind : std::uint8_t { truth, integer, real };

struct Encoded {
    Kind kind;
    z3::expr value;
    z3::expr defined;  // whether it has a value
};

[[noreturn]] void unsupported(const std::string& what) {
    throw Error(fmt::format("solving with Z3: {} is not supported; use the native engine", what));
}

class Encoder {
  public:
    Encoder(z3::context& context, const Model& model) : context_(context) {
        for (const Variable& variable : model.variables()) {
            variables_.push_back(context.int_const(variable.name.c_str()));
        }
    }

    z3::expr is(std::size_t variable, const Value& value) { return variables_[variable] == literal(value); }

    z3::expr in_domain(std::size_t variable, const Variable& domain) {
        if (domain.range) {
            return in_range(variables_[variable], *domain.range);
        }
        z3::expr_vector choices(context_);
        for (const Value& value : domain.values) {
            choices.push_back(is(variable, value));
        }
        return z3::mk_or(choices);
    }

    Encoded encode(const Expr& expr) {
        if (expr.op() == Op::constant) {
            return {Kind::integer, literal(expr.value()), context_.bool_val(true)};
        }
        if (expr.op() == Op::variable) {
            return {Kind::integer, variables_[expr.index()], context_.bool_val(true)};
        }
        Encoded first = encode(expr.operands()[0]);
        switch (expr.op()) {
            case Op::named:
                return first;
            case Op::logical_not:
                return {Kind::truth, !truth(first), first.defined};
            case Op::negate:
                return {number_kind(first), -number(first), first.defined};
            case Op::absolute:
                return {number_kind(first), z3::ite(number(first) >= 0, number(first), -number(first)), first.defined};
            case Op::power:
                return power(first, expr.operands()[1]);
            default:
                break;
        }
        Encoded second = encode(expr.operands()[1]);
        switch (expr.op()) {
            case Op::logical_and:
                return choose(truth(first), second, first, first.defined);
            case Op::logical_or:
                return choose(truth(first), first, second, first.defined);
            case Op::select:
                return choose(truth(first), second, encode(expr.operands()[2]), first.defined);
            default:
                return arithmetic(expr.op(), first, second);
        }
    }

    static z3::expr truth(const Encoded& encoded) {
        return encoded.kind == Kind::truth ? encoded.value : encoded.value != 0;
    }

  private:
    z3::expr in_range(const z3::expr& variable, const ValueRange& range) {
        auto [low, high] = std::minmax(range.first, range.last);
        return integer(low) <= variable && variable <= integer(high) &&
               z3::mod(variable - integer(range.first), integer(range.step)) == 0;
    }

    z3::expr integer(std::int64_t value) { return context_.int_val(value); }

    z3::expr literal(const Value& value) {
        const auto* integer = std::get_if<std::int64_t>(&value);
        if (integer == nullptr) {
            unsupported(fmt::format("the value {}", to_string(value)));
        }
        return context_.int_val(*integer);
    }

    static Kind number_kind(const Encoded& encoded) { return encoded.kind == Kind::real ? Kind::real : Kind::integer; }

    z3::expr number(const Encoded& encoded) {
        return encoded.kind == Kind::truth ? z3::ite(encoded.value, context_.int_val(1), context_.int_val(0))
                                           : encoded.value;
    }

    z3::expr real(const Encoded& encoded) {
        return encoded.kind == Kind::real ? encoded.value : z3::to_real(number(encoded));
    }

    Encoded choose(const z3::expr& condition, const Encoded& if_true, const Encoded& if_false,
                   const z3::expr& condition_defined) {
        z3::expr defined = condition_defined && z3::ite(condition, if_true.defined, if_false.defined);
        if (if_true.kind == if_false.kind) {
            return {if_true.kind, z3::ite(condition, if_true.value, if_false.value), defined};
        }
        if (number_kind(if_true) == Kind::integer && number_kind(if_false) == Kind::integer) {
            return {Kind::integer, z3::ite(condition, number(if_true), number(if_false)), defined};
        }
        return {Kind::real, z3::ite(condition, real(if_true), real(if_false)), defined};
    }

    Encoded arithmetic(Op op, const Encoded& left, const Encoded& right) {
        bool divides = op == Op::floor_divide || op == Op::modulo || op == Op::real_divide;
        bool integers = number_kind(left) == Kind::integer && number_kind(right) == Kind::integer;
        bool as_real = !integers || op == Op::real_divide;
        z3::expr a = as_real ? real(left) : number(left);
        z3::expr b = as_real ? real(right) : number(right);
        z3::expr defined = left.defined && right.defined && (divides ? b != 0 : context_.bool_val(true));
        bool compares = op >= Op::equal && op <= Op::greater_equal;
        return {compares ? Kind::truth : as_real ? Kind::real : Kind::integer, combined(op, a, b, as_real), defined};
    }

    z3::expr combined(Op op, const z3::expr& a, const z3::expr& b, bool as_real) {
        switch (op) {
            case Op::add:
                return a + b;
            case Op::subtract:
                return a - b;
            case Op::multiply:
                return a * b;
            case Op::real_divide:
                return a / b;
            case Op::floor_divide:
                return floor_quotient(a, b, as_real);
            case Op::modulo:
                return a - b * floor_quotient(a, b, as_real);
            case Op::minimum:
                return z3::ite(b < a, b, a);
            case Op::maximum:
                return z3::ite(b > a, b, a);
            case Op::equal:
                return a == b;
            case Op::not_equal:
                return a != b;
            case Op::less:
                return a < b;
            case Op::less_equal:
                return a <= b;
            case Op::greater:
                return a > b;
            default:
                return a >= b;
        }
    }

    // Z3 rounds the quotient of integers so that the remainder is not negative.
    static z3::expr floor_quotient(const z3::expr& a, const z3::expr& b, bool as_real) {
        return as_real ? z3::to_real(z3::expr(a.ctx(), Z3_mk_real2int(a.ctx(), a / b)))
                       : z3::ite(b > 0, a / b, -a / -b);
    }

    Encoded power(const Encoded& base, const Expr& exponent) {
        const auto* times = exponent.op() == Op::constant ? std::get_if<std::int64_t>(&exponent.value()) : nullptr;
        if (times == nullptr || *times < 0 || *times > kMaxZ3Exponent) {
            unsupported("a power whose exponent is not a constant from 0 to 64");
        }
        Kind kind = number_kind(base);
        z3::expr product = kind == Kind::real ? context_.real_val(1) : context_.int_val(1);
        for (std::int64_t i = 0; i < *times; ++i) {
            product = product * number(base);
        }
        return {kind, product, base.defined};
    }

    z3::context& context_;
    std::vector<z3::expr> variables_;
};

// Lists solutions in order by setting one variable after the other.
class Enumeration {
  public:
    Enumeration(const Model& model, std::size_t limit)
        : model_(model),
          limit_(limit),
          encoder_(context_, model),
          solver_(context_),
          choices_(model.variables().size()) {
        scope_ = std::make_shared<const Scope>(Scope{model.variables(), model.definitions()});
        for (std::size_t variable = 0; variable < choices_.size(); ++variable) {
            solver_.add(encoder_.in_domain(variable, model.variables()[variable]));
        }
        z3::expr_vector undefined(context_);
        for (const Constraint& constraint : model.constraints()) {
            Encoded condition = encoder_.encode(constraint.condition);
            solver_.add(z3::implies(condition.defined, Encoder::truth(condition)));
            undefined.push_back(!condition.defined);
        }
        reject_undefined(undefined);
    }

    std::vector<Solution> run() {
        descend(0);
        return std::move(found_);
    }

  private:
    void descend(std::size_t variable) {
        if (found_.size() >= limit_ || !satisfiable()) {
            return;
        }
        if (variable == choices_.size()) {
            found_.emplace_back(scope_, choices_);
            return;
        }
        const std::vector<Value>& values = model_.variables()[variable].values;
        for (choices_[variable] = 0; choices_[variable] < values.size(); ++choices_[variable]) {
            solver_.push();
            solver_.add(encoder_.is(variable, values[choices_[variable]]));
            descend(variable + 1);
            solver_.pop();
        }
    }

    bool satisfiable() {
        z3::check_result result = solver_.check();
        if (result == z3::unknown) {
            throw Error(
                fmt::format("solving with Z3: it gives up ({}); use the native engine", solver_.reason_unknown()));
        }
        return result == z3::sat;
    }

    void reject_undefined(const z3::expr_vector& undefined) {
        for (unsigned i = 0; i < undefined.size(); ++i) {
            solver_.push();
            solver_.add(undefined[static_cast<int>(i)]);
            if (satisfiable()) {
                throw Error(
                    fmt::format("solving with Z3: the constraint \"{}\" divides by zero for values that no other "
                                "constraint excludes; guard it, as in `b != 0 and a % b == 0`",
                                model_.constraints()[i].reason));
            }
            solver_.pop();
        }
    }

    const Model& model_;
    std::size_t limit_;
    z3::context context_;
    Encoder encoder_;
    z3::solver solver_;
    std::shared_ptr<const Scope> scope_;
    std::vector<std::uint32_t> choices_;
    std::vector<Solution> found_;
};

}  // namespace

std::vector<Solution> solve_with_z3(const Model& model, std::size_t limit) {
    try {
        const ListedModel listed(model);
        return Enumeration(*listed, limit).run();
    } catch (const z3::exception& error) {
        throw Error(fmt::format("solving with Z3: {}; use the native engine", error.msg()));
    }
}

std::optional<std::vector<std::size_t>> z3_conflict(const Model& model, unsigned effort) {
    z3::context context;
    Encoder encoder(context, model);
    z3::solver solver(context);
    solver.set("rlimit", effort);
    for (std::size_t variable = 0; variable < model.variables().size(); ++variable) {
        solver.add(encoder.in_domain(variable, model.variables()[variable]));
    }
    z3::expr_vector switches(context);
    for (std::size_t i = 0; i < model.constraints().size(); ++i) {
        Encoded condition = encoder.encode(model.constraints()[i].condition);
        z3::expr enabled = context.bool_const(fmt::format("constraint {}", i).c_str());
        solver.add(z3::implies(enabled && condition.defined, Encoder::truth(condition)));
        switches.push_back(enabled);
    }
    if (solver.check(switches) != z3::unsat) {
        return std::nullopt;
    }
    std::set<unsigned> used;
    for (const z3::expr& part : solver.unsat_core()) {
        used.insert(part.id());
    }
    std::vector<std::size_t> conflict;
    for (std::size_t i = 0; i < model.constraints().size(); ++i) {
        if (used.contains(switches[static_cast<int>(i)].id())) {
            conflict.push_back(i);
        }
    }
    return conflict;
}

}  // namespace warpsmith
