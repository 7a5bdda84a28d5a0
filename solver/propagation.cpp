#include "solver/propagation.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "solver/terms.hpp"

namespace warpsmith {
namespace {

// Deeper terms are not looked into, which is safe and keeps the stack small.
constexpr int kMaxDescent = 500;

struct Limits {
    Int128 low = kInt128Min;
    Int128 high = kInt128Max;
};

// What is beyond 128 bits is the last number within: as a limit of numbers that fit, it says the same.
Int128 saturated(Int128 result, bool overflows, bool negative) {
    return !overflows ? result : negative ? kInt128Min : kInt128Max;
}

Int128 plus(Int128 left, Int128 right) {
    Int128 result = 0;
    bool overflows = __builtin_add_overflow(left, right, &result);
    return saturated(result, overflows, left < 0);
}

Int128 minus(Int128 left, Int128 right) {
    Int128 result = 0;
    bool overflows = __builtin_sub_overflow(left, right, &result);
    return saturated(result, overflows, left < 0);
}

Int128 times(Int128 left, Int128 right) {
    Int128 result = 0;
    bool overflows = __builtin_mul_overflow(left, right, &result);
    return saturated(result, overflows, (left < 0) != (right < 0));
}

Int128 rounded_down(Int128 dividend, Int128 divisor) {
    return dividend / divisor - (dividend % divisor < 0 ? 1 : 0);
}

Int128 rounded_up(Int128 dividend, Int128 divisor) {
    return dividend / divisor + (dividend % divisor > 0 ? 1 : 0);
}

// The integer next to a bound on this side of it; none when it is too large a double.
std::optional<Int128> integer_bound(const Scalar& bound, bool upper) {
    constexpr double kLargest = 0x1p100;
    if (const auto* integer = std::get_if<Int128>(&bound)) {
        return *integer;
    }
    const auto* real = std::get_if<double>(&bound);
    if (real == nullptr || !(std::abs(*real) < kLargest)) {
        return std::nullopt;
    }
    return static_cast<Int128>(upper ? std::floor(*real) : std::ceil(*real));
}

// One pass over all constraints, with the ranges of terms as they are at its start.
class Round {
  public:
    Round(const Model& model, std::vector<Knowledge>& known) : known_(known) {
        for (std::size_t v = 0; v < known.size(); ++v) {
            variables_.push_back(term_of(v));
        }
        for (const Constraint& constraint : model.constraints()) {
            collect_conjuncts(translate(terms_, constraint.condition, variables_));
        }
        for (TermId id = 0; id < terms_.size(); ++id) {
            congruences_.push_back(congruence_of(terms_[id]));  // operands precede results
        }
    }

    // Whether something has become narrower.
    bool run() {
        for (TermId conjunct : conjuncts_) {
            require(conjunct);
        }
        return changed_;
    }

    bool excludes_everything() const { return contradiction_; }

  private:
    TermId term_of(std::size_t v) {
        const Knowledge& known = known_[v];
        auto level = static_cast<Level>(v);
        if (!known.whole) {
            return terms_.variable(level, known.values);
        }
        return known.low == known.high ? terms_.constant(known.low) : terms_.variable(level, known.low, known.high);
    }

    // Parts that are false only where the whole constraint is false.
    void collect_conjuncts(TermId condition) {
        const Term& term = terms_[condition];
        if (term.op != Op::logical_and) {
            conjuncts_.push_back(condition);
            return;
        }
        auto [left, right, unused] = term.operands;
        collect_conjuncts(left);
        if (!terms_[left].may_fail) {
            collect_conjuncts(right);
        }
    }

    Congruence congruence_of(const Term& term) const {
        auto operand = [&](std::size_t i) { return congruences_[term.operands.at(i)]; };
        constexpr Int128 kLargest = Int128{1} << 62U;
        const auto* constant = std::get_if<Int128>(&term.constant);
        if (!term.whole()) {
            return {};
        }
        switch (term.op) {
            case Op::constant:
                return constant != nullptr && *constant <= kLargest && *constant >= -kLargest ? Congruence{0, *constant}
                                                                                              : Congruence{};
            case Op::variable:
                return known_[static_cast<std::size_t>(term.level)].congruence;
            case Op::add:
                return sum(operand(0), operand(1));
            case Op::subtract:
                return sum(operand(0), product({0, -1}, operand(1)));
            case Op::negate:
                return product({0, -1}, operand(0));
            case Op::multiply:
                return product(operand(0), operand(1));
            default:
                return {};
        }
    }

    void require(TermId id) {
        const Term& term = terms_[id];
        if (term.may_fail) {
            return;
        }
        auto [left, right, unused] = term.operands;
        contradiction_ |= terms_.is_constant(id) ? !truth(term.constant) : term.range.always_false();
        switch (term.op) {
            case Op::less:
                return order(left, right, true);
            case Op::less_equal:
                return order(left, right, false);
            case Op::greater:
                return order(right, left, true);
            case Op::greater_equal:
                return order(right, left, false);
            case Op::equal:
                order(left, right, false);
                order(right, left, false);
                relate(left, right);
                return relate(right, left);
            default:
                return;
        }
    }

    // smaller <= larger, or smaller < larger.
    void order(TermId smaller, TermId larger, bool strictly) {
        Int128 apart = strictly && terms_[smaller].whole() && terms_[larger].whole() ? 1 : 0;
        if (std::optional<Int128> most = integer_bound(terms_[larger].range.high, true)) {
            narrow(smaller, {.high = minus(*most, apart)});
        }
        if (std::optional<Int128> least = integer_bound(terms_[smaller].range.low, false)) {
            narrow(larger, {.low = plus(*least, apart)});
        }
    }

    // one == other: what follows besides bounds.
    void relate(TermId one, TermId other) {
        const Term& term = terms_[one];
        const auto* value = std::get_if<Int128>(&terms_[other].constant);
        if (!term.whole()) {
            return;
        }
        if (term.op == Op::variable) {
            changed_ |= meet(known_[static_cast<std::size_t>(term.level)], congruences_[other]);
        } else if (term.op == Op::modulo && terms_.is_constant(other) && value != nullptr) {
            leaves(term.operands[0], term.operands[1], *value);
        } else if (term.op == Op::multiply && terms_.is_constant(other) && value != nullptr && *value > 0) {
            divides(one, *value);
        }
    }

    // dividend % divisor == residue.
    void leaves(TermId dividend, TermId divisor, Int128 residue) {
        const auto* number = std::get_if<Int128>(&terms_[dividend].constant);
        const auto* modulus = std::get_if<Int128>(&terms_[divisor].constant);
        if (terms_.is_constant(divisor) && modulus != nullptr && terms_[dividend].op == Op::variable) {
            Congruence congruence{.modulus = *modulus, .residue = residue};
            bool usable = *modulus > 0 && *modulus <= (Int128{1} << 62U) && residue >= 0 && residue < *modulus;
            changed_ |= usable && meet(known_[static_cast<std::size_t>(terms_[dividend].level)], congruence);
        }
        bool positive = terms_[dividend].range.within(1, kInt128Max) && terms_[divisor].range.within(1, kInt128Max);
        if (residue == 0 && positive) {
            order(divisor, dividend, false);
        }
        if (residue == 0 && terms_.is_constant(dividend) && number != nullptr && *number > 0) {
            divides(divisor, *number);
        }
    }

    // What divides a number does so with each of its factors.
    void divides(TermId product, Int128 number) {
        for (TermId factor : terms_.factors(product)) {
            const Term& term = terms_[factor];
            bool positive = term.whole() && term.range.within(1, kInt128Max);
            if (term.op == Op::variable && positive && number <= std::numeric_limits<std::int64_t>::max()) {
                changed_ |= divide(known_[static_cast<std::size_t>(term.level)], number);
            }
        }
    }

    // Of an integer term: only values within the limits do. The other operands keep their ranges.
    void narrow(TermId id, Limits limits) {
        const Term& term = terms_[id];
        if (!term.whole() || !term.range.known() || descent_ == kMaxDescent) {
            return;
        }
        const auto low = integer_bound(term.range.low, false);
        const auto high = integer_bound(term.range.high, true);
        if (!low || !high || (limits.low <= *low && limits.high >= *high)) {
            return;
        }
        limits = {std::max(limits.low, *low), std::min(limits.high, *high)};
        if (limits.low > limits.high) {
            contradiction_ = true;
            return;
        }
        ++descent_;
        narrow_operands(term, limits);
        --descent_;
    }

    void narrow_operands(const Term& term, const Limits& limits) {
        auto [left, right, unused] = term.operands;
        switch (term.op) {
            case Op::variable:
                changed_ |= limit(known_[static_cast<std::size_t>(term.level)], limits.low, limits.high);
                return;
            case Op::negate:
                return narrow(left, {minus(0, limits.high), minus(0, limits.low)});
            case Op::absolute:
                return narrow(left, {minus(0, limits.high), limits.high});
            case Op::add:
                narrow(left, {minus(limits.low, range(right).high), minus(limits.high, range(right).low)});
                return narrow(right, {minus(limits.low, range(left).high), minus(limits.high, range(left).low)});
            case Op::subtract:
                narrow(left, {plus(limits.low, range(right).low), plus(limits.high, range(right).high)});
                return narrow(right, {minus(range(left).low, limits.high), minus(range(left).high, limits.low)});
            case Op::multiply:
                narrow_factor(left, range(right), limits);
                return narrow_factor(right, range(left), limits);
            case Op::floor_divide:
                return narrow_dividend(left, range(right), limits);
            case Op::minimum:
                narrow(left, {.low = limits.low});
                return narrow(right, {.low = limits.low});
            case Op::maximum:
                narrow(left, {.high = limits.high});
                return narrow(right, {.high = limits.high});
            default:
                return;
        }
    }

    // Of an operand of an integer operation; unbounded where nothing is known.
    Limits range(TermId id) const {
        const Range& range = terms_[id].range;
        return {integer_bound(range.low, false).value_or(kInt128Min),
                integer_bound(range.high, true).value_or(kInt128Max)};
    }

    void narrow_factor(TermId factor, const Limits& other, const Limits& limits) {
        if (other.low < 1) {
            return;
        }
        narrow(factor, {rounded_up(limits.low, limits.low > 0 ? other.high : other.low),
                        rounded_down(limits.high, limits.high > 0 ? other.low : other.high)});
    }

    void narrow_dividend(TermId dividend, const Limits& divisor, const Limits& limits) {
        if (divisor.low < 1) {
            return;
        }
        const Int128 above = plus(limits.high, 1);
        narrow(dividend, {times(limits.low, limits.low > 0 ? divisor.low : divisor.high),
                          minus(times(above, above > 0 ? divisor.high : divisor.low), 1)});
    }

    std::vector<Knowledge>& known_;
    Terms terms_;
    std::vector<TermId> variables_;
    std::vector<TermId> conjuncts_;
    std::vector<Congruence> congruences_;  // by term
    int descent_ = 0;
    bool changed_ = false;
    bool contradiction_ = false;
};

}  // namespace

bool propagate(const Model& model, std::vector<Knowledge>& known) {
    // Two bounds can push each other up by one step per round, for ever as good as.
    constexpr int kMaxRounds = 64;
    auto is_empty = [](const Knowledge& variable) {
        return variable.whole ? variable.low > variable.high : variable.values.empty();
    };
    bool changed = true;
    for (int i = 0; i < kMaxRounds && changed; ++i) {
        if (std::ranges::any_of(known, is_empty)) {
            return false;
        }
        Round round(model, known);
        changed = round.run();
        if (round.excludes_everything()) {
            return false;
        }
    }
    return std::ranges::none_of(known, is_empty);
}

}  // namespace warpsmith
