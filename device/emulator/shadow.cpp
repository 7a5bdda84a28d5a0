#include "device/emulator/shadow.hpp"

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
        part.in[i] = at < stretch.count ? ~0U : 0U;
        part.lane[i] = (stretch.before + at) >> stretch.per_lane_shift;
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

WARPSMITH_INLINE void fill(Records& records, const Part& part, const Summary& who, const Note& how) {
    for (std::uint32_t i = 0; i < kGroup; ++i) {
        records.time[i] = (how.time & part.in[i]) | (records.time[i] & ~part.in[i]);
        records.actor[i] = ((who.first_actor + part.lane[i]) & part.in[i]) | (records.actor[i] & ~part.in[i]);
        records.place[i] = (how.place & part.in[i]) | (records.place[i] & ~part.in[i]);
    }
}

// Reads of another warp move aside.
WARPSMITH_INLINE void keep_other_reads(const Records& read, Records& other, const Part& part, const Summary& who) {
    for (std::uint32_t i = 0; i < kGroup; ++i) {
        const std::uint32_t moves = part.in[i] & (read.actor[i] - who.first_actor < kLanes ? 0U : ~0U);
        other.time[i] = (read.time[i] & moves) | (other.time[i] & ~moves);
        other.actor[i] = (read.actor[i] & moves) | (other.actor[i] & ~moves);
        other.place[i] = (read.place[i] & moves) | (other.place[i] & ~moves);
    }
}

// `records` are those of the last write, the last read, and that of another warp.
WARPSMITH_VECTORISED bool note_part(Records* records, const Stretch& stretch, const Summary& who, const Note& how) {
    const Part part = part_of(stretch);
    Records &write = records[0], &read = records[1], &other = records[2];
    if (unknown(write, part, who, how.ends_copy) != 0) {
        return false;
    }
    if (!how.writes) {
        keep_other_reads(read, other, part, who);
        fill(read, part, who, how);
        return true;
    }
    if ((unknown(read, part, who, false) | unknown(other, part, who, false)) != 0) {
        return false;
    }
    fill(write, part, who, how);
    return true;
}

}  // namespace

bool Shadow::note(const Stretch& stretch, const Summary& who, const Note& how) {
    static_assert(sizeof(Records) == kFields * kGroup * sizeof(std::uint32_t));
    std::uint32_t* const group = memory_.get() + stretch.first / kGroup * kGroupWords;
    return note_part(reinterpret_cast<Records*>(group), stretch, who, how);
}

void Shadow::allocate() {
    memory_.reset(static_cast<std::uint32_t*>(std::calloc(groups() * kGroupWords, sizeof(std::uint32_t))));
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
    for (std::size_t index = 0; index < groups() * kGroup && index >> parts_shift < coarse.groups() * kGroup; ++index) {
        for (const Last which : {Last::write, Last::read, Last::other_read}) {
            const AccessRecord record = coarse.get(which, index >> parts_shift);
            if (record.time != 0) {
                set(which, index, record);
            }
        }
    }
}

}  // namespace warpsmith::emulator
