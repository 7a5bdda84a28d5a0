// Why no configuration of a workload fits a GPU, and the smallest changes of the workload or the GPU with which one
// does.
#pragma once

#include "solver/explain.hpp"
#include "templates/target.hpp"
#include "templates/workload.hpp"

namespace warpsmith {

// As `explain` for the space of the workload's family. The advice names, each found by asking the family's space again:
// - of a dimension the nearest sizes below and above, if there is one at most kNearSizes away, or below where halving
//   the size again and again comes upon one. It is the nearest: every size between was asked. Where more than
//   kMostSizes sizes lie between, it is one that fits, and called no more;
// - another dtype, another value of an option;
// - of a limit of the target a value that is enough, while one less is not;
// - other known targets.
// Throws Error when the family refuses the workload itself.
Explanation explain_workload(const Workload& workload, const Target& target, const FixedValues& fixed = {});

inline constexpr std::int64_t kNearSizes = 64;
inline constexpr std::int64_t kMostSizes = 32768;

}  // namespace warpsmith
