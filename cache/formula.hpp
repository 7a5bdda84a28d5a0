// Integer expressions laid out flat, so that they are evaluated in nanoseconds and without allocating.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "solver/expr.hpp"

namespace warpsmith {

// Expressions over the same inputs. Inputs, numbers and what operations yield have a slot each.
class Formulas {
  public:
    using Slot = std::uint16_t;
    using Operands = std::array<Slot, 3>;  // of fewer operands, the first stands in place of the others

    // Where a choice of configuration leaves more slots, which no family has, no expression has a value.
    static constexpr std::size_t kMostEvaluated = 256;

    explicit Formulas(std::size_t inputs = 0);

    // Input i has slot i. Throws Error beyond 65,536 slots.
    Slot add_number(std::int64_t number);
    Slot add_operation(Op op, const Operands& operands);
    Slot add_without_value();
    // The same, unless it is there already. Looks through all that there is: for few.
    Slot share_number(std::int64_t number);
    Slot share_operation(Op op, const Operands& operands);
    void add_expression(Slot whole) { expressions_.push_back(whole); }

    std::size_t slots() const { return start_.size(); }

    // The values of all slots. False where an operation has none, needed or not; the values then mean nothing.
    bool evaluate(std::span<const std::int64_t> inputs, std::span<std::int64_t> values) const;

    // The same, slower, with nothing for an operation that has no value (a division by zero), or none within 64 bits.
    // Of a choice, only the side that is taken must have one.
    void evaluate_each(std::span<const std::int64_t> inputs, std::span<std::optional<std::int64_t>> values) const;

    // Calls take(i, value) for each expression until one has no value or it returns false. Whether it took all.
    template <class Take>
    bool each(std::span<const std::int64_t> inputs, const Take& take) const {
        if (start_.size() > kMostEvaluated) {
            return false;
        }
        std::array<std::int64_t, kMostEvaluated> values;  // without initialisers: few are used
        if (evaluate(inputs, values)) {
            return take_all(take, [&](Slot slot) { return std::optional(values[slot]); });
        }
        std::array<std::optional<std::int64_t>, kMostEvaluated> some;
        evaluate_each(inputs, some);
        return take_all(take, [&](Slot slot) { return some[slot]; });
    }

  private:
    struct Operation {
        Op op = Op::constant;  // which stands for what has no value
        Operands operands{};
        Slot result = 0;
    };

    Slot add_slot(std::int64_t value);

    template <class Take, class ValueOf>
    bool take_all(const Take& take, const ValueOf& value_of) const {
        for (std::size_t i = 0; i < expressions_.size(); ++i) {
            const std::optional<std::int64_t> value = value_of(expressions_[i]);
            if (!value || !take(i, *value)) {
                return false;
            }
        }
        return true;
    }

    std::vector<std::int64_t> start_;  // of all slots: numbers where they are, else 0
    std::vector<Operation> operations_;
    std::vector<Slot> expressions_;
};

}  // namespace warpsmith
