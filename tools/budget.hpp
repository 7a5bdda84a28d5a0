// --budget and --patience on the command line: how long, how many trials, or until when a search may go on.
#pragma once

#include <string>

#include "tuner/search_limits.hpp"

namespace warpsmith {

// The budget is "60s", "1.5m", "2h" or "200", the patience "30" or "30:0.5%"; empty is no limit. Throws Error with what
// was expected.
SearchLimits parse_limits(const std::string& budget, const std::string& patience);

}  // namespace warpsmith
