// The part of an emitted header that belongs to one compiled kernel of the user's own.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "generator/emit.hpp"

namespace warpsmith {

// How a row gets at its kernel, and which GPUs it is for.
struct OwnKernelText {
    std::function<std::string(const TunedOwnKernel&)> kernel, gpu;
};

// Rows of one kernel for several GPUs: arguments, a launch for each, `rows`, `find_row` and `launch`.
std::string emit_own_table(std::span<const TunedOwnKernel* const> rows, const OwnKernelText& texts);

}  // namespace warpsmith
