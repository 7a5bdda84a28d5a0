// Parameters that are no whole numbers, as the positions of their values: a configuration is whole numbers everywhere.
#pragma once

#include "cache/own_kernel/own_kernel.hpp"

namespace warpsmith {

// Puts the position, from 0, in place of each value of such a parameter, and the value back where an expression has
// the parameter. Throws Error where a text is more than a line.
void number_parameters(OwnKernel& kernel);

}  // namespace warpsmith
