// Whether what a kernel computed is what was expected.
#pragma once

#include <cstddef>
#include <span>

#include "cache/own_kernel/own_kernel.hpp"

namespace warpsmith {

// By the check's comparison, in its measure: to be held against its threshold. Infinite where one of the two is not
// finite and the other not the same. Values that are the same bits are equal, and two NaNs.
double difference(const OutputCheck& check, const ElementType& type, std::span<const std::byte> expected,
                  std::span<const std::byte> computed);

// The measure, after a number: "of its largest value at most".
const char* measure(Comparison comparison);

}  // namespace warpsmith
