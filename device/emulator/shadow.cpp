#include "device/emulator/shadow.hpp"

#include "device/emulator/lanes.hpp"
#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

WARPSMITH_VECTORISED Time latest(const std::uint32_t* time, std::uint32_t count) {
    Time last = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        last = time[i] > last ? time[i] : last;
    }
    return last;
}

// Whether some accesses are by other warps than that of `first_actor`.
WARPSMITH_VECTORISED bool any_of_others(const Shadow::Column& column, std::size_t first, std::uint32_t count,
                                        std::uint32_t first_actor) {
    const std::uint32_t* const time = column.time + first;
    const std::uint32_t* const actor = column.actor + first;
    std::uint32_t others = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        others |= (actor[i] ^ first_actor) < kLanes ? 0U : time[i];
    }
    return others != 0;
}

// Whether all accesses in a part of a column are known to have happened before. `shift` takes a granule to its lane.
WARPSMITH_VECTORISED bool all_known(const Shadow::Column& column, std::size_t first, std::uint32_t count,
                                    std::uint32_t shift, const Summary& who) {
    const std::uint32_t* const time = column.time + first;
    const std::uint32_t* const actor = column.actor + first;
    std::uint32_t unknown = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        const bool own = actor[i] == who.first_actor + (i >> shift) && time[i] != kUnderWay;
        const bool in_warp = actor[i] - who.first_actor < kLanes && time[i] <= who.mutual;
        const bool in_block = actor[i] - who.block_first < who.block_actors && time[i] <= who.block_floor;
        unknown |= own || in_warp || in_block || time[i] <= who.everyone ? 0U : 1U;
    }
    return unknown == 0;
}

WARPSMITH_VECTORISED void fill_run(const Shadow::Column& column, std::size_t first, std::uint32_t count,
                                   std::uint32_t shift, const Summary& who, std::uint32_t place) {
    for (std::uint32_t i = 0; i < count; ++i) {
        column.time[first + i] = who.now;
        column.actor[first + i] = who.first_actor + (i >> shift);
        column.place[first + i] = place;
    }
}

// Reads of another warp move aside.
WARPSMITH_VECTORISED void keep_other_reads(const Shadow::Column& read, const Shadow::Column& other, std::size_t first,
                                           std::uint32_t count, std::uint32_t first_actor) {
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::size_t at = first + i;
        const std::uint32_t keep = read.actor[at] - first_actor < kLanes ? 0U : ~0U;
        other.time[at] = (read.time[at] & keep) | (other.time[at] & ~keep);
        other.actor[at] = (read.actor[at] & keep) | (other.actor[at] & ~keep);
        other.place[at] = (read.place[at] & keep) | (other.place[at] & ~keep);
    }
}

}  // namespace

bool Shadow::note_run(std::size_t first, std::size_t per_lane, bool writes, const Summary& who, std::uint32_t place) {
    const std::uint32_t count = static_cast<std::uint32_t>(per_lane) * kLanes;
    const std::uint32_t shift = static_cast<std::uint32_t>(std::countr_zero(per_lane));
    const auto& [write, read, other] = columns_;
    const auto known = [&](const Column& column) {
        return latest(column.time + first, count) <= who.everyone || all_known(column, first, count, shift, who);
    };
    if (!known(write)) {
        return false;
    }
    if (!writes) {
        if (any_of_others(read, first, count, who.first_actor)) {
            keep_other_reads(read, other, first, count, who.first_actor);
        }
        fill_run(read, first, count, shift, who, place);
        return true;
    }
    if (!known(read) || !known(other)) {
        return false;
    }
    fill_run(write, first, count, shift, who, place);
    return true;
}

void Shadow::allocate() {
    const std::size_t granules = bytes_ / granule_ + 1;
    memory_.reset(static_cast<std::uint32_t*>(std::calloc(granules * kLasts * 3, sizeof(std::uint32_t))));
    if (memory_ == nullptr) {
        throw Error("checking for races: the host has no room for the records of " + std::to_string(bytes_) +
                    " bytes; use a smaller workload or turn the race check off");
    }
    std::uint32_t* next = memory_.get();
    for (Column& column : columns_) {
        column = {next, next + granules, next + 2 * granules};
        next += 3 * granules;
    }
}

void Shadow::refine(std::size_t bytes) {
    if (bytes >= granule_) {
        return;
    }
    const std::size_t old_granules = bytes_ / granule_ + 1, parts = granule_ / bytes;
    const std::unique_ptr<std::uint32_t, Free> old = std::move(memory_);
    Column columns[kLasts];
    for (std::size_t c = 0; c < kLasts; ++c) {
        columns[c] = columns_[c];
    }
    granule_ = bytes;
    allocate();
    const std::size_t granules = bytes_ / granule_ + 1;
    for (std::size_t c = 0; c < kLasts; ++c) {
        for (std::size_t i = 0; i < old_granules; ++i) {
            if (columns[c].time[i] == 0) {
                continue;
            }
            for (std::size_t part = i * parts; part < (i + 1) * parts && part < granules; ++part) {
                set(static_cast<Last>(c), part, {columns[c].time[i], columns[c].actor[i], columns[c].place[i]});
            }
        }
    }
}

}  // namespace warpsmith::emulator
