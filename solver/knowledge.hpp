// What is known of a variable before its values are listed: its bounds, its remainder, what it divides.
#pragma once

#include <vector>

#include "solver/model.hpp"
#include "solver/scalar.hpp"

namespace warpsmith {

// The integers that leave `residue` when divided by `modulus`; modulus 0: `residue` alone. Their numbers stay within
// 2^62, so that products of two of them fit into 128 bits.
struct Congruence {
    Int128 modulus = 1;
    Int128 residue = 0;

    bool operator==(const Congruence&) const = default;
};

Congruence sum(const Congruence& left, const Congruence& right);
Congruence product(const Congruence& left, const Congruence& right);

struct Knowledge {
    bool whole = false;  // all values are integers; else nothing else is known than the list
    bool listed = false;
    std::vector<Scalar> values;  // of a variable that is listed, in order; refer to the model
    Int128 low = 0;              // low > high: there is no value
    Int128 high = -1;
    Congruence congruence;
    Int128 divides = 0;  // every value divides this; 0: not known

    Int128 size() const;  // how many values the bounds and the congruence leave
    bool allows(Int128 value) const;
};

Knowledge knowledge_of(const Variable& variable);
Knowledge knowledge_of(std::vector<Scalar> values);

// Each of these returns whether something is excluded that was not before.
bool limit(Knowledge& known, Int128 low, Int128 high);
bool meet(Knowledge& known, const Congruence& congruence);
bool divide(Knowledge& known, Int128 dividend);  // for values from 1 and dividends from 1

}  // namespace warpsmith
