// What ended a candidate, in one line.
#pragma once

#include <string>
#include <string_view>

#include "tuner/bench.hpp"

namespace warpsmith {

// Of a compiler's log, the first line that tells an error, else the first line.
std::string first_error(std::string_view log);

// A launch that failed because the emulator gave it up after `most_steps` steps timed out; 0 is no limit.
void give_up(JobResult& result, std::uint64_t most_steps);

}  // namespace warpsmith
