// When a search has gone on for long enough.
#pragma once

#include <cstddef>
#include <limits>

namespace warpsmith {

struct SearchLimits {
    std::size_t trials = 0;    // 0 is no limit, of each
    double seconds = 0;        //
    std::size_t patience = 0;  // trials in a row
    double gain_percent = 1;   // by which the best must have improved over them

    bool any() const { return trials > 0 || seconds > 0 || patience > 0; }
};

// Told of every trial, says when the best has not become better by enough for too many of them.
class Patience {
  public:
    explicit Patience(const SearchLimits& limits) : limits_(limits) {}

    void tell(double time) {  // infinite when the trial failed
        ++waited_;
        if (time < reference_ * (1 - limits_.gain_percent / 100)) {
            reference_ = time;
            waited_ = 0;
        }
    }
    bool exhausted() const { return limits_.patience > 0 && waited_ >= limits_.patience; }

  private:
    SearchLimits limits_;
    double reference_ = std::numeric_limits<double>::infinity();  // the best when the present wait began
    std::size_t waited_ = 0;
};

}  // namespace warpsmith
