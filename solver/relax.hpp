// What a constraint requires of the variables that are set first, whatever the others are set to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "solver/limits.hpp"
#include "solver/terms.hpp"

namespace warpsmith {

// Bounds terms by terms over the variables up to one level. Keeps what it found: conditions share most of their parts.
class Relaxation {
  public:
    // `terms` and `limits` must outlive it.
    Relaxation(Terms& terms, Level level, const Limits& limits) : terms_(terms), level_(level), limits_(limits) {}

    // A term over variables up to the level that is false only where, for every setting of the deeper ones, `condition`
    // is false or something that the limits come from. `condition` must not be able to fail, and nor can the result.
    // Uses the ranges of the deeper variables, and that if n % (a * b) == 0 then n % a == 0.
    TermId may_hold(TermId condition);

  private:
    // Of a number: from below or from above. Of a truth value: it must hold, or it may hold.
    enum class Side : std::uint8_t { low, high };
    using Bound = std::optional<TermId>;

    static Side opposite(Side side) { return side == Side::low ? Side::high : Side::low; }
    bool is_known(TermId id) const { return terms_[id].level <= level_; }
    bool is_positive(TermId id) const { return terms_[id].range.within(1, kInt128Max); }
    bool is_not_negative(TermId id) const { return terms_[id].range.within(0, kInt128Max); }
    bool is_safe_divisor(Bound divisor) const;

    Bound bound(TermId id, Side side);
    Bound computed_bound(TermId id, Side side);
    Bound limited(TermId id, Bound bound, Side side);
    Bound tighter(Bound left, TermId right, Side side);
    Bound make(Op op, Bound left, Bound right);
    Bound make(Op op, Bound operand);
    Bound weaker(Bound left, Bound right, Side side);

    Bound truth(const Term& term, Side side);
    Bound may_be_equal(TermId left, TermId right);
    Bound may_divide(TermId dividend, TermId divisor);
    Bound may_be_product(TermId product, TermId value);
    Bound known_factors_divide(TermId divisor, TermId dividend);

    Bound arithmetic(const Term& term, Side side);
    Bound choice(TermId condition, Bound if_true, Bound if_false, Side side);
    Bound product(TermId left, TermId right, Side side);
    Bound quotient(const Term& term, Side side);
    Bound remainder(const Term& term, Side side);

    Terms& terms_;
    Level level_;
    const Limits& limits_;
    static constexpr TermId kNotSought = ~TermId{0};
    static constexpr TermId kNoBound = kNotSought - 1;
    std::array<std::vector<TermId>, 2> found_;  // by side and term
};

}  // namespace warpsmith
