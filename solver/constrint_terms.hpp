// Terms of ConstrINT text with their bounds: what narrows the variables, which start as 1 to 2^30, to finite domains.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "solver/constrint_text.hpp"
#include "solver/scalar.hpp"

namespace warpsmith {

// Integers from low to high. Terms are never negative; bounds beyond 2^62 are kept as 2^62.
struct ConstrintInterval {
    std::int64_t low = 0;
    std::int64_t high = 0;

    bool is_single() const { return low == high; }
};
inline constexpr std::int64_t kLargestBound = std::int64_t{1} << 62;
inline constexpr std::int64_t kLargestConstrint = std::int64_t{1} << 30;  // a variable's largest value in the original

enum class ConstrintTermKind : std::uint8_t { constant, variable, sum, product, power, remainder };

struct ConstrintTerm {
    ConstrintTermKind kind = ConstrintTermKind::constant;
    std::int64_t number = 0;           // of a constant; the exponent of a power
    std::size_t variable = 0;          // its index
    std::vector<ConstrintTerm> parts;  // sums and products have no sums and products as parts, respectively
    ConstrintInterval bounds;          // as of the last narrowing
};

enum class ConstrintKind : std::uint8_t { equal, less_equal, divides, member, other };

struct ConstrintConstraint {
    ConstrintKind kind = ConstrintKind::other;
    ConstrintTerm left, right;         // divides: `right` divides `left`; member: only left
    std::vector<std::int64_t> values;  // of member; of equal, the number that a side is
    Syntax meaning;
    std::string text;
};

struct ConstrintVariable {
    std::string name;
    std::size_t offset = 0;  // where it stands first
    ConstrintInterval bounds = {1, kLargestConstrint};
};

struct ConstrintSystem {
    std::vector<ConstrintVariable> variables;  // in order of appearance
    std::map<std::string, std::size_t, std::less<>> index;
    std::vector<ConstrintConstraint> relations;
};

// Complains when there are more variables than kMaxParameters.
ConstrintSystem system_of(const SourceText& source, std::vector<ConstrintRelation> relations);

// Narrows all bounds by all relations until nothing changes, or for a limited number of rounds. A relation that leaves
// a variable without a value does not narrow it: the search will find that out and can be asked why.
void narrow(ConstrintSystem& system);

// How often a variable stands in a term.
std::size_t occurrences(const ConstrintTerm& term, std::size_t variable);

}  // namespace warpsmith
