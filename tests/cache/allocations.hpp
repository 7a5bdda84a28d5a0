// Counts what this program allocates with operator new.
#pragma once

#include <cstddef>

namespace warpsmith {

std::size_t allocations();  // by the calling thread, so far

}  // namespace warpsmith
