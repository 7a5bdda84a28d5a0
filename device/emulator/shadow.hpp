// What is remembered of the accesses to a piece of memory: for each granule the last write and the last reads of two
// different warps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "device/emulator/knowledge.hpp"
#include "device/emulator/program.hpp"

namespace warpsmith::emulator {

// Who and when. An actor is a lane of the grid: (block * warps per block + warp) * 32 + lane. `place` is the
// instruction, with kStrong set for atomic and volatile accesses, which do not race with each other.
struct AccessRecord {
    Time time = 0;
    std::uint32_t actor = 0;
    std::uint32_t place = 0;
};
constexpr std::uint32_t kStrong = 0x80000000U;

// The time of an asynchronous copy that is under way: no thread knows it to be over, not even the one that started it.
constexpr Time kUnderWay = ~Time{0};

enum class Last : std::uint8_t { write, read, other_read };
constexpr std::size_t kLasts = 3;

class Shadow {
  public:
    struct Column {
        std::uint32_t* time = nullptr;
        std::uint32_t* actor = nullptr;
        std::uint32_t* place = nullptr;
    };

    Shadow() = default;
    explicit Shadow(std::size_t bytes) : bytes_(bytes) { allocate(); }

    // Bytes that one record is for: 4, or as few as an access had.
    std::size_t granule() const { return granule_; }

    // Makes granules as small as `bytes`; what was known of a large one holds for its parts.
    void refine(std::size_t bytes);

    AccessRecord get(Last which, std::size_t index) const {
        const Column& column = columns_[static_cast<std::size_t>(which)];
        return {column.time[index], column.actor[index], column.place[index]};
    }
    void set(Last which, std::size_t index, const AccessRecord& record) {
        const Column& column = columns_[static_cast<std::size_t>(which)];
        column.time[index] = record.time;
        column.actor[index] = record.actor;
        column.place[index] = record.place;
    }

    // A warp accesses 32 * `per_lane` granules, one lane behind the other. When nothing speaks against it, notes that
    // and says so; else changes nothing, for a closer look at each lane.
    bool note_run(std::size_t first, std::size_t per_lane, bool writes, const Summary& who, std::uint32_t place);

    // The same for one granule and one lane.
    bool note_one(std::size_t index, unsigned lane, bool writes, const Summary& who, std::uint32_t place) {
        const auto& [write, read, other] = columns_;
        const auto known = [&](const Column& column) {
            const std::uint32_t actor = column.actor[index];
            const Time time = column.time[index];
            return time <= who.everyone || (actor - who.block_first < who.block_actors && time <= who.block_floor) ||
                   (actor == who.first_actor + lane && time != kUnderWay) ||
                   (actor - who.first_actor < kLanes && time <= who.mutual);
        };
        if (!known(write) || (writes && (!known(read) || !known(other)))) {
            return false;
        }
        if (!writes && read.actor[index] - who.first_actor >= kLanes) {
            set(Last::other_read, index, get(Last::read, index));
        }
        set(writes ? Last::write : Last::read, index, {who.now, who.first_actor + lane, place});
        return true;
    }

  private:
    void allocate();

    struct Free {
        void operator()(std::uint32_t* memory) const { std::free(memory); }
    };
    std::size_t bytes_ = 0, granule_ = 4;
    std::unique_ptr<std::uint32_t, Free> memory_;  // zeroed pages that the host gives once they are touched
    Column columns_[kLasts];
};

}  // namespace warpsmith::emulator
