// tune --replay: what a strategy finds in recorded results, and after how many trials.
#pragma once

#include <cstdint>
#include <string>

#include "tuner/search_limits.hpp"

namespace warpsmith {

struct ReplayArguments {
    std::string file;
    std::string strategy;  // empty: the default
    std::uint64_t seed = 1;
    SearchLimits limits;
    bool json = false;
};

// Replays and prints; returns the exit code.
int replay_recording(const ReplayArguments& arguments);

}  // namespace warpsmith
