// The values that names of ConstrINT text can take by their bounds, their lists, and what they must divide.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "solver/constrint_definitions.hpp"
#include "solver/constrint_terms.hpp"

namespace warpsmith {

class ConstrintDomains {
  public:
    ConstrintDomains(const ConstrintSystem& system, const Definitions& definitions);

    // Ascending, and kept for `cover`; null when there are too many to list. Never empty: where nothing is left it is
    // one value that some constraint refuses, so that a search can tell which constraints leave nothing.
    const std::vector<std::int64_t>* list(std::size_t variable);

    // Whether the relation says no more than the listed domain of its only variable does.
    bool cover(const ConstrintConstraint& relation) const;

  private:
    void add_factors(const ConstrintTerm& product, std::int64_t multiple);
    std::vector<std::int64_t> divisors(std::int64_t number);
    bool fits(std::size_t variable, std::int64_t value) const;

    const ConstrintSystem& system_;
    const Definitions& definitions_;
    std::vector<std::vector<const ConstrintConstraint*>> lists_;  // of each variable: `A == [1, 2]`, `A == 3`
    std::vector<std::vector<std::int64_t>> multiples_;            // of each variable: numbers that it divides
    std::vector<std::vector<std::int64_t>> values_;               // of each variable that was listed
    std::map<std::int64_t, std::vector<std::int64_t>> divisors_;
};

}  // namespace warpsmith
