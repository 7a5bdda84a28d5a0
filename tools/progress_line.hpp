// How far long work is, told on standard error.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace warpsmith {

// On a terminal one line with a bar, redrawn in place and cleared at the end; elsewhere a plain line when a step ends,
// and every few seconds while it lasts.
class ProgressLine {
  public:
    ProgressLine();
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    // `done` of `total` parts of the step are done. The first call with a new step starts its clock.
    void show(std::string_view step, std::size_t done, std::size_t total);

    // Removes the bar, so that other text can be written.
    void clear();

  private:
    using Clock = std::chrono::steady_clock;

    void draw_bar(std::size_t done, std::size_t total, double elapsed_s);

    bool terminal_;
    bool drawn_ = false;
    std::string step_;
    Clock::time_point step_start_;
    Clock::time_point last_shown_;
};

}  // namespace warpsmith
