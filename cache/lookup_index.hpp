// Every tuned workload of one target, ready to be asked: exact by hash, nearest by tree. Immutable: what
// it keeps of its answers changes none.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "cache/fitted_config.hpp"
#include "cache/nearest_index.hpp"
#include "cache/slot_table.hpp"
#include "cache/winners.hpp"
#include "cache/workload_code.hpp"

namespace warpsmith {

struct AnsweredRow;

struct TunedRow {
    WorkloadCode code;
    const FittedConfig* config = nullptr;
    const Winner* winner = nullptr;  // of `answered`
    AnsweredRow* answered = nullptr;
};

// Why there is no answer.
enum class Absence : std::uint8_t {
    none,           // there is one
    not_a_query,    // the code was not made by a WorkloadCoder with these families
    bad_size,       // a size is below 1 or beyond kLargestSize
    nothing_tuned,  // of the same family, dtype, options and fixed dimensions
    nothing_fits,   // of what was tuned, at the sizes asked
    own_not_tuned,  // the kernel of the user's own, as its files are
};

// What it points to outlives the index.
struct Match {
    const Winner* winner = nullptr;
    AnsweredRow* answered = nullptr;
    bool exact = false;
    Absence absence = Absence::none;
    double squared_distance = 0;  // 0 where the very workload was tuned
    LaunchShape launch = {};      // for the sizes asked
};

class LookupIndex {
  public:
    // As Workload's text may have it.
    static constexpr std::int64_t kLargestSize = std::int64_t{1} << 30;

    // Rows whose kind the coder does not know must not be among them.
    LookupIndex(std::vector<TunedRow> rows, const WorkloadCoder& coder);

    // The row of this workload or else the nearest, whose configuration is in the space of the workload asked. Equally
    // near ones by their text, as in TuningDb::best. Allocates nothing.
    Match find(const WorkloadCode& asked) const;

    std::size_t size() const { return rows_.size(); }

  private:
    // Rows with the same fixed dimensions, dtype and options.
    struct Group {
        WorkloadCode fixed;
        std::vector<std::uint32_t> rows;
        NearestIndex nearest;
    };
    struct Point {
        std::array<double, kMaxDimensions> octaves{};
        std::size_t count = 0;

        std::span<const double> coordinates() const { return std::span(octaves).first(count); }
    };

    // The launch of a row at its own sizes, once it was asked for. Any number of threads at a time; none waits.
    class OwnLaunch {
      public:
        const LaunchShape* kept() const {
            return state_.load(std::memory_order_acquire) == State::kept ? &launch_ : nullptr;
        }
        // Nothing where the configuration does not fit.
        std::optional<LaunchShape> compute(const TunedRow& row) const;

      private:
        enum class State : std::uint8_t { unknown, being_written, kept };
        mutable LaunchShape launch_;
        mutable std::atomic<State> state_ = State::unknown;
    };

    Point point(const WorkloadCode& code) const;
    std::uint32_t group_of(const WorkloadCode& fixed);
    NearestIndex nearest_of(const Group& group) const;
    Match nearest(const WorkloadCode& asked) const;

    const WorkloadCoder& coder_;
    std::vector<TunedRow> rows_;
    std::vector<OwnLaunch> launches_;  // of each
    SlotTable by_code_;                // of rows_
    std::vector<Group> groups_;
    SlotTable by_fixed_;  // of groups_
};

}  // namespace warpsmith
