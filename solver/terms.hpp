// Expressions of one model, each distinct one kept once, simplified, typed and bounded: what plans are made from.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "solver/expr.hpp"
#include "solver/range.hpp"
#include "solver/scalar.hpp"

namespace warpsmith {

using TermId = std::uint32_t;
using Level = std::int32_t;  // a variable's place in the order of the search
inline constexpr Level kNoLevel = -1;

inline constexpr std::uint32_t kMaxWeight = 1U << 30;

// How the values of a term are stored while searching. Only `scalar` can hold everything, and is slow.
enum class Storage : std::uint8_t { integer, real, scalar };

struct Term {
    Op op = Op::constant;
    Storage storage = Storage::scalar;
    bool number = false;    // every value is an integer or a double
    bool may_fail = false;  // it may have no value: a division by zero, text in arithmetic, beyond 128 bits
    std::uint8_t arity = 0;
    std::uint32_t weight = 1;  // operations at the level of the term, each counted as often as it is reached
    Level level = kNoLevel;    // of the deepest variable in it; of a variable: its own
    std::array<TermId, 3> operands{};
    Scalar constant;
    Range range;

    std::span<const TermId> operand_ids() const { return {operands.data(), arity}; }
    bool whole() const { return range.whole; }
    bool boolean() const { return whole() && range.within(0, 1); }
};

// Doubles represent every value of the term: int / int and int < float can be computed in doubles.
bool exact_in_double(const Term& term);

class Terms {
  public:
    const Term& operator[](TermId term) const { return terms_[term]; }
    std::size_t size() const { return terms_.size(); }

    TermId constant(Scalar value);  // not by reference: it may be an end of the range of a term here, which moves
    TermId integer(std::int64_t value) { return constant(Int128{value}); }
    TermId variable(Level level, std::span<const Scalar> values);  // one value: a constant
    TermId variable(Level level, Int128 low, Int128 high);         // integers, low < high

    // Terms are simplified on the way: constants folded, decided comparisons replaced, sums and products of integers
    // ordered so that what is known first is computed first. The result fails exactly when the original fails.
    TermId apply(Op op, std::initializer_list<TermId> operands) {
        return apply(op, std::span(operands.begin(), operands.size()));
    }
    TermId apply(Op op, std::span<const TermId> operands);

    // The factors of a product of integers; of anything else, the term itself.
    std::vector<TermId> factors(TermId term) const;

    bool is_constant(TermId term) const { return terms_[term].op == Op::constant; }
    bool equals(TermId term, std::int64_t value) const;

  private:
    struct Key {
        Op op;
        std::array<TermId, 3> operands;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const;
    };

    struct ScalarOrder {
        bool operator()(const Scalar& left, const Scalar& right) const;
    };

    TermId intern(Op op, std::span<const TermId> operands);
    TermId append(const Term& term);
    std::optional<TermId> identity(Op op, std::span<const TermId> operands) const;
    TermId product(TermId left, TermId right);
    TermId sum(TermId left, TermId right, bool subtract);
    void collect_factors(TermId term, std::vector<TermId>& factors) const;
    void collect_addends(TermId term, bool negative, std::vector<std::pair<TermId, bool>>& addends) const;
    void classify(Term& term) const;

    std::vector<Term> terms_;
    std::unordered_map<Key, TermId, KeyHash> known_;
    std::map<Scalar, TermId, ScalarOrder> constants_;
    std::vector<TermId> factors_;                   // of the product being made
    std::vector<std::pair<TermId, bool>> addends_;  // of the sum being made, and whether each is subtracted
};

// The term of an expression; `variables[v]` is the term of the model's variable v.
TermId translate(Terms& terms, const Expr& expr, std::span<const TermId> variables);

}  // namespace warpsmith
