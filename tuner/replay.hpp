// A search over recorded results in place of a GPU: how many trials a strategy needs, without running anything.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tuner/recording_file.hpp"
#include "tuner/search_limits.hpp"
#include "tuner/strategies/strategy.hpp"

namespace warpsmith {

// Every configuration that was recorded, as a space, with what came of each.
class Recording {
  public:
    explicit Recording(RecordingFile file);

    const SolutionSet& set() const { return *set_; }
    const RecordedResult& of(const Choices& choices) const;
    double best() const { return best_; }  // of all times
    std::size_t failed() const { return failed_; }

  private:
    std::optional<SolutionSet> set_;
    std::vector<RecordedResult> results_;  // in the order of the set
    double best_ = 0;
    std::size_t failed_ = 0;
};

struct Replay {
    std::size_t trials = 0;  // different configurations tried, failed ones too
    std::size_t failed = 0;
    double seconds = 0;  // that they would have taken, as recorded
    std::optional<double> best;
    std::string best_config;
    std::optional<std::size_t> trials_to_2_percent;  // until the best was within 2 % of the recording's best
    std::optional<std::size_t> trials_to_5_percent;
};

// Ends when the limits are reached or the strategy has nothing left to propose; without limits, when the best of the
// recording is found.
Replay replay(const Recording& recording, Strategy& strategy, const SearchLimits& limits);

}  // namespace warpsmith
