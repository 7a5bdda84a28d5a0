#include "solver/relax.hpp"

namespace warpsmith {

// Never above (low) or never below (high) the term; none where nothing is known.
Relaxation::Bound Relaxation::bound(TermId id, Side side) {
    if (is_known(id)) {
        return id;
    }
    std::vector<TermId>& found = found_.at(static_cast<std::size_t>(side));
    if (id < found.size() && found[id] != kNotSought) {
        return found[id] == kNoBound ? std::nullopt : Bound(found[id]);
    }
    const Bound result = limited(id, computed_bound(id, side), side);
    if (id >= found.size()) {
        found.resize(id + 1, kNotSought);
    }
    found[id] = result.value_or(kNoBound);
    return result;
}

Relaxation::Bound Relaxation::make(Op op, Bound left, Bound right) {
    return left && right ? Bound(terms_.apply(op, {*left, *right})) : std::nullopt;
}

Relaxation::Bound Relaxation::make(Op op, Bound operand) {
    return operand ? Bound(terms_.apply(op, {*operand})) : std::nullopt;
}

Relaxation::Bound Relaxation::weaker(Bound left, Bound right, Side side) {
    return make(side == Side::low ? Op::minimum : Op::maximum, left, right);
}

Relaxation::Bound Relaxation::computed_bound(TermId id, Side side) {
    const Term term = terms_[id];  // a copy: making terms moves them
    Bound result;
    if (term.op != Op::variable && term.number) {
        result = term.boolean() ? truth(term, side) : arithmetic(term, side);
    }
    if (!result && term.range.known()) {
        result = terms_.constant(side == Side::low ? term.range.low : term.range.high);
    }
    return result;
}

// What the limits add to a bound of a term.
Relaxation::Bound Relaxation::limited(TermId id, Bound bound, Side side) {
    if (const std::optional<Int128> end = side == Side::low ? limits_.least(id) : limits_.most(id)) {
        bound = tighter(bound, terms_.constant(*end), side);
    }
    if (side == Side::low) {
        return bound;
    }
    for (const Limits::Product& product : limits_.products(id)) {
        TermId least = terms_.integer(1);  // of the others
        for (const TermId other : product.others) {
            const TermId factor = is_known(other) ? other : terms_.constant(terms_[other].range.low);
            least = terms_.apply(Op::multiply, {least, factor});
        }
        if (!terms_.is_constant(least)) {
            bound = tighter(bound, terms_.apply(Op::floor_divide, {terms_.constant(product.most), least}), side);
        }
    }
    return bound;
}

Relaxation::Bound Relaxation::tighter(Bound left, TermId right, Side side) {
    const auto always_within = [&](TermId inner, TermId outer) {
        const Range& one = terms_[inner].range;
        const Range& other = terms_[outer].range;
        return side == Side::low ? std::is_gteq(compare(one.low, other.high))
                                 : std::is_lteq(compare(one.high, other.low));
    };
    if (!left || always_within(right, *left)) {
        return right;
    }
    return always_within(*left, right) ? left : make(side == Side::low ? Op::maximum : Op::minimum, left, right);
}

Relaxation::Bound Relaxation::truth(const Term& term, Side side) {
    auto [left, right, third] = term.operands;
    switch (term.op) {
        case Op::logical_not:  // falls as its operand rises from zero; a negative one is true, too
            return is_not_negative(left) ? make(term.op, bound(left, opposite(side))) : std::nullopt;
        case Op::logical_and:
        case Op::logical_or:
            return make(term.op, bound(left, side), bound(right, side));
        case Op::less:
        case Op::less_equal:
            return make(term.op, bound(left, opposite(side)), bound(right, side));
        case Op::greater:
        case Op::greater_equal:
            return make(term.op, bound(left, side), bound(right, opposite(side)));
        case Op::equal:
            return side == Side::high ? may_be_equal(left, right) : std::nullopt;
        default:
            return std::nullopt;
    }
}

Relaxation::Bound Relaxation::may_be_equal(TermId left, TermId right) {
    Bound result = make(Op::logical_and, make(Op::less_equal, bound(left, Side::low), bound(right, Side::high)),
                        make(Op::less_equal, bound(right, Side::low), bound(left, Side::high)));
    for (auto [one, other] : {std::pair(left, right), std::pair(right, left)}) {
        const Term term = terms_[one];
        bool divides = term.op == Op::modulo && term.whole() && terms_.equals(other, 0);
        Bound stronger = divides ? may_divide(term.operands[0], term.operands[1]) : may_be_product(one, other);
        result = stronger ? make(Op::logical_and, result ? result : terms_.integer(1), stronger) : result;
    }
    return result;
}

// dividend % divisor == 0, for positive integers: the divisor is not larger, and each known factor of it divides.
Relaxation::Bound Relaxation::may_divide(TermId dividend, TermId divisor) {
    if (!is_positive(dividend) || !is_positive(divisor)) {
        return std::nullopt;
    }
    Bound fits = make(Op::less_equal, bound(divisor, Side::low), bound(dividend, Side::high));
    Bound divides = known_factors_divide(divisor, dividend);
    return divides ? make(Op::logical_and, fits, divides) : fits;
}

// product == value, where the value is known and the product is not: its known factors divide the value.
Relaxation::Bound Relaxation::may_be_product(TermId product, TermId value) {
    bool applies = terms_[product].op == Op::multiply && is_positive(product) && is_positive(value);
    return applies ? known_factors_divide(product, value) : std::nullopt;
}

Relaxation::Bound Relaxation::known_factors_divide(TermId divisor, TermId dividend) {
    if (!is_known(dividend) || !terms_[divisor].whole() || !terms_[dividend].whole()) {
        return std::nullopt;
    }
    TermId known_part = terms_.integer(1);
    for (TermId factor : terms_.factors(divisor)) {
        known_part = is_known(factor) ? terms_.apply(Op::multiply, {known_part, factor}) : known_part;
    }
    if (terms_.is_constant(known_part) || !is_positive(known_part)) {
        return std::nullopt;
    }
    TermId remainder = terms_.apply(Op::modulo, {dividend, known_part});
    return terms_.apply(Op::equal, {remainder, terms_.integer(0)});
}

Relaxation::Bound Relaxation::arithmetic(const Term& term, Side side) {
    auto [left, right, third] = term.operands;
    switch (term.op) {
        case Op::negate:
            return make(term.op, bound(left, opposite(side)));
        case Op::add:
        case Op::minimum:
        case Op::maximum:
            return make(term.op, bound(left, side), bound(right, side));
        case Op::subtract:
            return make(term.op, bound(left, side), bound(right, opposite(side)));
        case Op::multiply:
            return product(left, right, side);
        case Op::floor_divide:
        case Op::real_divide:
            return quotient(term, side);
        case Op::modulo:
            return remainder(term, side);
        case Op::power:
            return is_positive(left) && is_not_negative(right) ? make(term.op, bound(left, side), bound(right, side))
                                                               : std::nullopt;
        case Op::select:
            return choice(left, bound(right, side), bound(third, side), side);
        default:
            return std::nullopt;
    }
}

Relaxation::Bound Relaxation::choice(TermId condition, Bound if_true, Bound if_false, Side side) {
    if (!is_known(condition)) {
        return weaker(if_true, if_false, side);
    }
    return if_true && if_false ? Bound(terms_.apply(Op::select, {condition, *if_true, *if_false})) : std::nullopt;
}

Relaxation::Bound Relaxation::product(TermId left, TermId right, Side side) {
    if (!is_not_negative(left)) {
        std::swap(left, right);
    }
    if (!is_not_negative(left)) {
        return std::nullopt;  // the range of the whole product has to do
    }
    Bound together = make(Op::multiply, bound(left, side), bound(right, side));
    return is_not_negative(right)
               ? together
               : weaker(together, make(Op::multiply, bound(left, opposite(side)), bound(right, side)), side);
}

Relaxation::Bound Relaxation::quotient(const Term& term, Side side) {
    auto [dividend, divisor, unused] = term.operands;
    bool monotonic = term.whole() || term.op == Op::real_divide;  // see range_of
    Bound far = bound(divisor, opposite(side));
    Bound near = bound(divisor, side);
    if (!monotonic || !is_safe_divisor(far) || !is_safe_divisor(near)) {
        return std::nullopt;
    }
    Bound together = make(term.op, bound(dividend, side), far);
    return is_not_negative(dividend) ? together : weaker(together, make(term.op, bound(dividend, side), near), side);
}

bool Relaxation::is_safe_divisor(Bound divisor) const {
    return divisor && terms_[*divisor].range.always_true() && is_not_negative(*divisor);
}

// Of integers: below the divisor, and not above the dividend.
Relaxation::Bound Relaxation::remainder(const Term& term, Side side) {
    auto [dividend, divisor, unused] = term.operands;
    if (!term.whole() || !is_positive(divisor)) {
        return std::nullopt;
    }
    if (side == Side::low) {
        return terms_.integer(0);
    }
    Bound below = make(Op::subtract, bound(divisor, side), terms_.integer(1));
    return is_not_negative(dividend) ? make(Op::minimum, below, bound(dividend, side)) : below;
}

TermId Relaxation::may_hold(TermId condition) {
    if (!terms_[condition].boolean()) {
        condition = terms_.apply(Op::not_equal, {condition, terms_.integer(0)});
    }
    Bound high = bound(condition, Side::high);
    bool usable = high && !terms_[*high].may_fail;
    return usable ? *high : terms_.integer(1);
}

}  // namespace warpsmith
