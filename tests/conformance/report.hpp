// The comparison as a table.
#pragma once

#include <iosfwd>

#include "tests/conformance/golden.hpp"

namespace warpsmith::conformance {

// Prints differences, `show` of each case at most, and counts per group. Whether there is no difference.
bool report(const std::vector<Case>& cases, const std::vector<Answer>& answers, const Golden& golden, int show,
            std::ostream& out);

}  // namespace warpsmith::conformance
