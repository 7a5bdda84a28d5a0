// What `ptxas -v` says of one function in the compiler's log.
#pragma once

#include <string_view>

#include "generator/compile.hpp"

namespace warpsmith {

// `entry` is the lowered name. Throws Error when the log does not speak of that function.
Resources resources_of(std::string_view entry, std::string_view log);

}  // namespace warpsmith
