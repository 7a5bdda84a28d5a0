#include "solver/limits.hpp"

#include <algorithm>

namespace warpsmith {
namespace {

// An end of the range, where it is one of integers.
std::optional<Int128> end_of(const Term& term, const Scalar& end) {
    const auto* integer = std::get_if<Int128>(&end);
    return term.whole() && !term.may_fail && integer != nullptr ? std::optional(*integer) : std::nullopt;
}

std::optional<Int128> low_of(const Term& term) {
    return end_of(term, term.range.low);
}

std::optional<Int128> high_of(const Term& term) {
    return end_of(term, term.range.high);
}

// Rounded down, by a divisor from 1.
Int128 quotient(Int128 dividend, Int128 divisor) {
    return dividend / divisor - (dividend < 0 && dividend % divisor != 0 ? 1 : 0);
}

}  // namespace

void Limits::require(const Terms& terms, TermId condition) {
    const Term& term = terms[condition];
    const auto [left, right, unused] = term.operands;
    switch (term.op) {
        case Op::less:
            return order(terms, left, right, 1);
        case Op::less_equal:
            return order(terms, left, right, 0);
        case Op::greater:
            return order(terms, right, left, 1);
        case Op::greater_equal:
            return order(terms, right, left, 0);
        case Op::equal:
            order(terms, left, right, 0);
            order(terms, right, left, 0);
            return terms.equals(right, 0) ? divides(terms, terms[left]) : void();
        default:
            return;
    }
}

// Something is not above what divides nothing that is smaller.
void Limits::divides(const Terms& terms, const Term& remainder) {
    const auto [dividend, divisor, unused] = remainder.operands;
    if (remainder.op == Op::modulo && low_of(terms[dividend]).value_or(0) >= 1) {
        narrow(terms, divisor, {.least = std::nullopt, .most = high_of(terms[dividend])});
    }
}

void Limits::order(const Terms& terms, TermId smaller, TermId larger, Int128 gap) {
    const std::optional<Int128> low = low_of(terms[smaller]);
    const std::optional<Int128> high = high_of(terms[larger]);
    if (low && high) {
        narrow(terms, smaller, {.least = std::nullopt, .most = *high - gap});
        narrow(terms, larger, {.least = *low + gap, .most = std::nullopt});
    }
}

void Limits::narrow(const Terms& terms, TermId id, const Ends& ends) {
    const std::optional<Int128> low = low_of(terms[id]);
    const std::optional<Int128> high = high_of(terms[id]);
    if (!low || !high || terms.is_constant(id)) {
        return;
    }
    const bool rises = ends.least && *ends.least > *low;
    const bool falls = ends.most && *ends.most < *high;
    if (rises || falls) {
        ends_.resize(std::max<std::size_t>(ends_.size(), id + 1));
        auto& [least, most] = ends_[id];
        least = rises ? std::max(least.value_or(*low), *ends.least) : least;
        most = falls ? std::min(most.value_or(*high), *ends.most) : most;
    }
    if (terms[id].op == Op::multiply) {
        narrow_product(terms, id, ends);
    }
}

void Limits::narrow_product(const Terms& terms, TermId id, const Ends& ends) {
    std::vector<TermId> factors = terms.factors(id);
    Int128 constant = 1;
    std::erase_if(factors, [&](TermId factor) {
        const bool is_constant = terms.is_constant(factor);
        constant *= is_constant ? *low_of(terms[factor]) : 1;
        return is_constant;
    });
    if (constant < 1) {
        return;
    }
    if (factors.size() == 1) {
        const auto least = ends.least ? std::optional(-quotient(-*ends.least, constant)) : std::nullopt;
        const auto most = ends.most ? std::optional(quotient(*ends.most, constant)) : std::nullopt;
        return narrow(terms, factors.front(), {.least = least, .most = most});
    }
    const auto is_positive_variable = [&](TermId factor) {
        return terms[factor].op == Op::variable && terms[factor].range.within(1, kInt128Max);
    };
    if (ends.most && *ends.most < *high_of(terms[id]) && std::ranges::all_of(factors, is_positive_variable)) {
        for (std::size_t i = 0; i < factors.size(); ++i) {
            std::vector<TermId> others = factors;
            others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
            products_.resize(std::max<std::size_t>(products_.size(), factors[i] + 1));
            products_[factors[i]].push_back({std::move(others), quotient(*ends.most, constant)});
        }
    }
}

std::optional<Int128> Limits::least(TermId term) const {
    return term < ends_.size() ? ends_[term].least : std::nullopt;
}

std::optional<Int128> Limits::most(TermId term) const {
    return term < ends_.size() ? ends_[term].most : std::nullopt;
}

std::span<const Limits::Product> Limits::products(TermId variable) const {
    return variable < products_.size() ? std::span<const Product>(products_[variable]) : std::span<const Product>();
}

}  // namespace warpsmith
