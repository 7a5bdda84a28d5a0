// What a constraint requires of the variables that are set first, whatever the others are set to.
#pragma once

#include "solver/terms.hpp"

namespace warpsmith {

// A term over variables up to `level` that is false only where `condition` is false for every setting of the deeper
// ones. `condition` must not be able to fail, and nor can the result. Uses the ranges of the deeper variables, and
// that if n % (a * b) == 0 then n % a == 0.
TermId may_hold(Terms& terms, TermId condition, Level level);

}  // namespace warpsmith
