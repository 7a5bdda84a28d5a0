#include "device/emulator/shadow.hpp"

#include <algorithm>

#include "device/emulator/lanes.hpp"
#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

constexpr std::uint32_t kGroup = Shadow::kGroup;

// Of the 16 granules of a group: whether each is of the stretch, all ones or zero, and which lane touches it. What is
// not of the stretch is computed too, and not stored.
struct Part {
    std::uint32_t in[kGroup], lane[kGroup];
};

// One record of 16 granules.
struct Records {
    std::uint32_t time[kGroup], actor[kGroup], place[kGroup];
};

WARPSMITH_INLINE Part part_of(const Stretch& stretch) {
    Part part;
    const std::uint32_t begin = static_cast<std::uint32_t>(stretch.first % kGroup);
    for (std::uint32_t i = 0; i < kGroup; ++i) {
        const std::uint32_t at = i - begin;  // those before it wrap around
        part.in[i] = (at < stretch.count ? ~0U : 0U) & (stretch.touches(at) ? ~0U : 0U);
        part.lane[i] = stretch.lane(at);
    }
    return part;
}

// All ones where an access may not have happened before. `anyway` spares what a lane itself did, whenever.
WARPSMITH_INLINE std::uint32_t unknown(const Records& records, const Part& part, const Summary& who, bool anyway) {
    std::uint32_t any = 0;
    const std::uint32_t under_way = anyway ? ~0U : 0U;
    for (std::uint32_t i = 0; i < kGroup; ++i) {
        const std::uint32_t time = records.time[i], actor = records.actor[i];
        const std::uint32_t everyone = time <= who.everyone ? ~0U : 0U;
        const std::uint32_t own = actor == who.first_actor + part.lane[i] ? ~0U : 0U;
        const std::uint32_t over = (time != kUnderWay ? ~0U : 0U) | under_way;
        const std::uint32_t in_warp = (actor - who.first_actor < kLanes ? ~0U : 0U) & (time <= who.mutual ? ~0U : 0U);
        const std::uint32_t in_block =
            (actor - who.block_first < who.block_actors ? ~0U : 0U) & (time <= who.block_floor ? ~0U : 0U);
        any |= part.in[i] & ~(everyone | (own & over) | in_warp | in_block);
    }
    return any;
}

// Of records that were `seen` the others stay; else all are zeros, in memory that the host has not given yet.
WARPSMITH_INLINE void fill(Records& records, const Part& part, const Summary& who, const Note& how, bool seen) {
    if (!seen) {
        for (std::uint32_t i = 0; i < kGroup; ++i) {
            records.time[i] = how.time & part.in[i];
            records.actor[i] = (who.first_actor + part.lane[i]) & part.in[i];
            records.place[i] = how.place & part.in[i];
        }
        return;
    }
    for (std::uint32_t i = 0; i < kGroup; ++i) {
        records.time[i] = (how.time & part.in[i]) | (records.time[i] & ~part.in[i]);
        records.actor[i] = ((who.first_actor + part.lane[i]) & part.in[i]) | (records.actor[i] & ~part.in[i]);
        records.place[i] = (how.place & part.in[i]) | (records.place[i] & ~part.in[i]);
    }
}

// Reads of another warp move aside. Whether there were any.
WARPSMITH_INLINE bool keep_other_reads(const Records& read, Records& other, const Part& part, const Summary& who) {
    std::uint32_t moves[kGroup], any = 0;
    for (std::uint32_t i = 0; i < kGroup; ++i) {
        moves[i] = part.in[i] & (read.actor[i] - who.first_actor < kLanes ? 0U : ~0U) & (read.time[i] != 0 ? ~0U : 0U);
        any |= moves[i];
    }
    for (std::uint32_t i = 0; any != 0 && i < kGroup; ++i) {
        other.time[i] = (read.time[i] & moves[i]) | (other.time[i] & ~moves[i]);
        other.actor[i] = (read.actor[i] & moves[i]) | (other.actor[i] & ~moves[i]);
        other.place[i] = (read.place[i] & moves[i]) | (other.place[i] & ~moves[i]);
    }
    return any != 0;
}

constexpr std::uint32_t kWrite = 1, kRead = 2, kOther = 4;  // as in Shadow::seen_

// The records of one group, and which of them were ever set.
struct GroupRecords {
    Records &write, &read, &other;
    std::uint32_t seen;
};

WARPSMITH_VECTORISED bool note_part(GroupRecords& group, const Stretch& stretch, const Summary& who, const Note& how) {
    const Part part = part_of(stretch);
    const bool written = (group.seen & kWrite) != 0, read = (group.seen & kRead) != 0;
    if (written && unknown(group.write, part, who, how.ends_copy) != 0) {
        return false;
    }
    if (!how.writes) {
        const bool moved = read && keep_other_reads(group.read, group.other, part, who);
        fill(group.read, part, who, how, read);
        group.seen |= kRead | (moved ? kOther : 0);
        return true;
    }
    if ((read && unknown(group.read, part, who, false) != 0) ||
        ((group.seen & kOther) != 0 && unknown(group.other, part, who, false) != 0)) {
        return false;
    }
    fill(group.write, part, who, how, written);
    group.seen |= kWrite;
    return true;
}

}  // namespace

bool Shadow::note(const Stretch& stretch, const Summary& who, const Note& how) {
    static_assert(sizeof(Records) == kFields * kGroup * sizeof(std::uint32_t));
    const std::size_t number = stretch.first / kGroup;
    const auto records = [&](Last which) -> Records& { return *reinterpret_cast<Records*>(group(which, number)); };
    GroupRecords all{records(Last::write), records(Last::read), records(Last::other_read), seen_[number]};
    const bool noted = note_part(all, stretch, who, how);
    seen_[number] = static_cast<std::uint8_t>(all.seen);
    return noted;
}

void Shadow::allocate() {
    seen_.assign(groups(), 0);
    memory_.reset(static_cast<std::uint32_t*>(std::calloc(groups() * kGroupWords * kLasts, sizeof(std::uint32_t))));
    if (memory_ == nullptr) {
        throw Error("checking for races: the host has no room for the records of " + std::to_string(bytes_) +
                    " bytes; use a smaller workload or turn the race check off");
    }
}

void Shadow::refine(std::size_t bytes) {
    if (bytes >= granule()) {
        return;
    }
    Shadow coarse = std::move(*this);
    bytes_ = coarse.bytes_;
    granule_shift_ = static_cast<std::uint32_t>(std::countr_zero(bytes));
    allocate();
    const std::uint32_t parts_shift = coarse.granule_shift_ - granule_shift_;
    for (std::size_t number = 0; number < coarse.groups(); ++number) {
        const std::size_t first = (number * kGroup) << parts_shift, last = ((number + 1) * kGroup) << parts_shift;
        for (std::size_t index = first; coarse.seen_[number] != 0 && index < std::min(last, groups() * kGroup);
             ++index) {
            for (const Last which : {Last::write, Last::read, Last::other_read}) {
                const AccessRecord record = coarse.get(which, index >> parts_shift);
                if (record.time != 0) {
                    set(which, index, record);
                }
            }
        }
    }
}

}  // namespace warpsmith::emulator
