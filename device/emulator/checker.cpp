#include "device/emulator/checker.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "device/emulator/lanes.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

std::string triple(const std::array<std::uint32_t, 3>& index) {
    return "(" + std::to_string(index[0]) + "," + std::to_string(index[1]) + "," + std::to_string(index[2]) + ")";
}

std::string actor_text(const Grid& grid, std::uint32_t actor, std::uint32_t warps) {
    const std::array<unsigned, 3>& block = grid.config.block;
    const std::array<unsigned, 3>& shape = grid.config.grid;
    const std::uint32_t thread = actor % (warps * kLanes), number = actor / kLanes / warps;
    return "thread " + triple({thread % block[0], thread / block[0] % block[1], thread / block[0] / block[1]}) +
           " of block " + triple({number % shape[0], number / shape[0] % shape[1], number / shape[0] / shape[1]});
}

constexpr std::uint64_t kWidestStride = 4;  // granules
constexpr std::uint64_t kNearBytes = 1024;

// Whether each lane's address is `bytes` behind that of the lane before.
WARPSMITH_VECTORISED bool are_consecutive(const std::uint64_t* address, std::uint64_t bytes) {
    std::uint64_t differs = 0;
    for (unsigned lane = 0; lane < kLanes; ++lane) {
        differs |= address[lane] ^ (address[0] + lane * bytes);
    }
    return differs == 0;
}

bool all_at_one_place(std::uint32_t lanes, const std::uint64_t* address) {
    const std::uint64_t place = address[first_lane(lanes)];
    while (lanes != 0 && address[first_lane(lanes)] == place) {
        lanes &= lanes - 1;
    }
    return lanes == 0;
}

}  // namespace

Checker::Checker(const Grid& grid, std::uint32_t warps_per_block)
    : grid_(grid),
      races_(grid.config.checks.races && grid.blocks * warps_per_block * kLanes < ~std::uint32_t{0}),
      uninitialised_(grid.config.checks.uninitialised),
      ordering_(grid.blocks, warps_per_block) {}

void Checker::start(Block& block) {
    ordering_.start(block);
    block.shadow = races_ ? Shadow(block.shared.size()) : Shadow();
    block.products.assign(races_ && !grid_.program.uses.empty() ? block.warps.size() : 0, WarpProducts{});
    for (std::size_t w = 0; w < block.warps.size(); ++w) {
        block.warps[w].products = block.products.empty() ? nullptr : &block.products[w];
    }
    block.written = uninitialised_ ? ByteSet(block.shared.size()) : ByteSet();
}

Shadow& Checker::shadow_of(const Region& region) {
    if (region.owner != nullptr) {
        return region.owner->shadow;
    }
    const auto [place, is_new] = shadows_.try_emplace(region.allocation);
    if (is_new) {
        place->second = Shadow(region.allocation->bytes);
    }
    return place->second;
}

void Checker::touch(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                    const Touch& how) {
    if (lanes == 0) {
        return;
    }
    if (access.one_region) {
        const bool consecutive = lanes == kAllLanes && are_consecutive(access.address, how.bytes);
        touch_region({warp, instruction, access.region, access, lanes, consecutive}, how);
        return;
    }
    for_each_lane(lanes, [&](unsigned lane) {
        const Region region = find_region(warp, instruction, access.space, access.address[lane]);
        touch_region({warp, instruction, region, access, 1U << lane, false}, how);
    });
}

void Checker::touch_region(const Span& span, const Touch& how) {
    const bool global = span.region.allocation != nullptr && !span.region.allocation->read_only;
    if (span.region.owner == nullptr && !global) {
        return;
    }
    if (uninitialised_) {
        check_written(span, how);
    }
    if (races_) {
        check_races(span, how);
    }
}

void Checker::report_unwritten(const Span& span, unsigned lane, const Touch& how) {
    const std::string where = span.region.owner == nullptr ? "global" : "shared";
    report(span.warp, span.instruction, lane, FindingKind::uninitialised_read, span.access.address[lane],
           "reading " + std::to_string(how.bytes) + " bytes of " + where + " memory, " +
               std::to_string(span.offset(lane)) + " bytes from its start, that nothing has written");
}

// Whether all bytes from the first to the last that all lanes read are there: most reads lie close together.
bool Checker::all_written(const ByteSet& written, const Span& span, std::uint32_t bytes) {
    std::uint64_t first = ~std::uint64_t{0}, last = 0;
    for (const std::uint64_t address : span.access.address) {
        first = std::min(first, address);
        last = std::max(last, address);
    }
    return last - first <= kNearBytes && written.contains_all(first - span.region.first, last - first + bytes);
}

void Checker::check_written(const Span& span, const Touch& how) {
    Allocation* const allocation = span.region.allocation;
    if (allocation != nullptr && allocation->all_written) {
        return;
    }
    ByteSet& written = allocation != nullptr ? allocation->written : span.region.owner->written;
    if (span.consecutive && how.use == Use::write) {
        written.insert(span.offset(0), std::size_t{how.bytes} * kLanes);
        return;
    }
    if (span.consecutive && written.contains_all(span.offset(0), std::size_t{how.bytes} * kLanes)) {
        return;
    }
    if (how.use == Use::read && span.lanes == kAllLanes && all_written(written, span, how.bytes)) {
        return;
    }
    for_each_lane(span.lanes, [&](unsigned lane) {
        if (how.use != Use::write && !written.contains(span.offset(lane), how.bytes) &&
            !reported(span.warp, span.instruction, FindingKind::uninitialised_read)) {
            report_unwritten(span, lane, how);
        }
        if (how.use != Use::read) {
            written.insert(span.offset(lane), how.bytes);
        }
    });
}

bool Checker::conflicts(const Span& span, unsigned lane, const AccessRecord& record, const Touch& how) const {
    return record.time != 0 && !(how.strong && (record.place & kStrong) != 0) &&
           !ordering_.knows(*span.warp.order, lane, record.actor, record.time);
}

// A store of what is there already, by the end of its own copy, or of what another lane of the instruction stores too.
bool Checker::harmless(const Span& span, unsigned lane, const AccessRecord& write, const Touch& how) const {
    const std::uint32_t own_warp = span.warp.order->first_actor / kLanes;
    if (how.ends_copy) {
        return write.actor == span.warp.order->first_actor + lane;
    }
    if (how.stored == nullptr) {
        return false;
    }
    const unsigned other = write.actor % kLanes;
    const bool together = write.time == ordering_.now() && write.actor / kLanes == own_warp && other < lane &&
                          (span.lanes >> other & 1) != 0 && span.offset(other) == span.offset(lane) &&
                          (write.place & ~kStrong) == place_of(span);
    const StoredValue& stored = *how.stored;
    for (std::uint32_t e = 0; e < stored.elements; ++e) {
        const std::byte* const values = span.warp.source<std::byte>(stored.slots[e]);
        const std::byte* const there = together ? values + std::size_t{other} * stored.register_bytes
                                                : span.access.host[lane] + std::size_t{e} * stored.element_bytes;
        if (std::memcmp(values + std::size_t{lane} * stored.register_bytes, there, stored.element_bytes) != 0) {
            return false;
        }
    }
    return true;
}

std::uint32_t Checker::place_of(const Span& span) const {
    return static_cast<std::uint32_t>(&span.instruction - grid_.program.code.data());
}

void Checker::report_race(const Span& span, unsigned lane, const AccessRecord& record, const Touch& how,
                          bool against_write) {
    if (reported(span.warp, span.instruction, FindingKind::race)) {
        return;
    }
    constexpr std::string_view kUses[] = {"reads", "writes", "updates"};
    const std::string where = span.region.owner != nullptr ? "shared" : "global";
    const std::uint32_t warps = static_cast<std::uint32_t>(span.warp.block->warps.size());
    const std::string did = record.time == kUnderWay ? "has started an asynchronous copy into"
                            : against_write          ? "wrote"
                                                     : "read";
    report(span.warp, span.instruction, lane, FindingKind::race, span.access.address[lane],
           std::string(kUses[static_cast<std::size_t>(how.use)]) + " " + where + " memory, " +
               std::to_string(span.offset(lane)) + " bytes from its start, that " +
               actor_text(grid_, record.actor, warps) + " " + did + " (" +
               place_text(grid_.program, record.place & ~kStrong) +
               ") with no barrier or other synchronisation between,");
}

void Checker::check_races(const Span& span, const Touch& how) {
    if (span.region.owner != nullptr) {
        check_asynchronous(span, how);
    }
    Shadow& shadow = shadow_of(span.region);
    std::uint64_t low_bits = how.bytes;
    for_each_lane(span.consecutive ? 1U : span.lanes, [&](unsigned lane) { low_bits |= span.offset(lane); });
    shadow.refine(std::min<std::size_t>(shadow.granule(), std::size_t{1} << std::countr_zero(low_bits)));
    const Noting noting{shadow, ordering_.summary(*span.warp.order), note_of(span, how), how};
    if (how.use == Use::read && !span.consecutive && all_at_one_place(span.lanes, span.access.address)) {
        check_shared_read(span, noting);
        return;
    }
    for (std::uint32_t lanes = span.lanes; lanes != 0;) {
        const Run run = run_from(span, lanes, noting);
        check_run(span, noting, run);
        const unsigned last = run.first + run.count;
        lanes &= last < kLanes ? ~0U << last : 0U;
    }
}

// The first of the lanes and those that follow it evenly, near enough for a group of records to hold several.
Checker::Run Checker::run_from(const Span& span, std::uint32_t lanes, const Noting& noting) {
    const unsigned first = first_lane(lanes);
    const std::uint64_t bytes = noting.how.bytes;
    if (span.consecutive) {
        return {.count = kLanes, .stride = bytes};
    }
    const auto takes_part = [&](unsigned lane) { return lane < kLanes && (lanes >> lane & 1) != 0; };
    const std::uint64_t stride = takes_part(first + 1) ? span.offset(first + 1) - span.offset(first) : 0;
    if (stride < bytes || stride > kWidestStride * noting.shadow.granule() || !std::has_single_bit(stride)) {
        return {.first = first, .stride = bytes};
    }
    unsigned last = first + 2;
    while (takes_part(last) && span.offset(last) == span.offset(last - 1) + stride) {
        ++last;
    }
    return {.first = first, .count = last - first, .stride = stride};
}

// All lanes read the same bytes.
void Checker::check_shared_read(const Span& span, const Noting& noting) {
    Shadow& shadow = noting.shadow;
    const std::size_t begin = span.offset(first_lane(span.lanes)) >> shadow.granule_shift();
    const unsigned last = kLanes - 1 - static_cast<unsigned>(std::countl_zero(span.lanes));
    for (std::size_t index = begin; index < begin + (noting.how.bytes >> shadow.granule_shift()); ++index) {
        if (!shadow.note_one(index, last, noting.who, noting.note, false)) {
            for_each_lane(span.lanes, [&](unsigned lane) {
                if (!shadow.note_one(index, lane, noting.who, noting.note)) {
                    check_lane(span, noting, lane, index);
                }
            });
        }
    }
}

Note Checker::note_of(const Span& span, const Touch& how) const {
    return {.writes = how.use != Use::read,
            .ends_copy = how.ends_copy,
            .time = how.starts_copy ? kUnderWay : ordering_.now(),
            .place = place_of(span) | (how.strong ? kStrong : 0)};
}

void Checker::check_run(const Span& span, const Noting& noting, const Run& run) {
    Shadow& shadow = noting.shadow;
    const std::uint32_t shift = shadow.granule_shift(), per_lane = noting.how.bytes >> shift;
    const std::uint32_t stride = static_cast<std::uint32_t>(run.stride >> shift);
    const std::uint32_t granules = (run.count - 1) * stride + per_lane;
    const std::size_t begin = span.offset(run.first) >> shift;
    for (std::uint32_t done = 0; done < granules;) {
        const std::uint32_t part = static_cast<std::uint32_t>(
            std::min<std::size_t>(granules - done, Shadow::kGroup - (begin + done) % Shadow::kGroup));
        const Stretch stretch{.first = begin + done,
                              .count = part,
                              .before = run.first * stride + done,
                              .stride_shift = static_cast<std::uint32_t>(std::countr_zero(stride)),
                              .per_lane = per_lane};
        if (granules == 1 || !shadow.note(stretch, noting.who, noting.note)) {
            for (std::uint32_t i = 0; i < part; ++i) {
                const unsigned lane = stretch.lane(i);
                if (stretch.touches(i) && !shadow.note_one(begin + done + i, lane, noting.who, noting.note)) {
                    check_lane(span, noting, lane, begin + done + i);
                }
            }
        }
        done += part;
    }
}

// One granule of one lane.
void Checker::check_lane(const Span& span, const Noting& noting, unsigned lane, std::size_t index) {
    Shadow& shadow = noting.shadow;
    const Touch& how = noting.how;
    const AccessRecord mine{noting.note.time, span.warp.order->first_actor + lane, noting.note.place};
    const AccessRecord write = shadow.get(Last::write, index);
    if (conflicts(span, lane, write, how) && !harmless(span, lane, write, how)) {
        report_race(span, lane, write, how, true);
    }
    if (how.use == Use::read) {
        const AccessRecord last = shadow.get(Last::read, index);
        if (last.actor / kLanes != mine.actor / kLanes) {
            shadow.set(Last::other_read, index, last);
        }
        shadow.set(Last::read, index, mine);
        return;
    }
    for (const Last which : {Last::read, Last::other_read}) {
        const AccessRecord read = shadow.get(which, index);
        if (conflicts(span, lane, read, how)) {
            report_race(span, lane, read, how, false);
        }
    }
    shadow.set(Last::write, index, mine);
}

void Checker::strong_access(Warp& warp, unsigned lane, const Access& access, const Ordering::Strong& how) {
    std::uint64_t key = access.address[lane];
    const Region region = find_region(warp, warp.program->code[0], access.space, key);
    if (region.owner != nullptr) {  // told apart between blocks, and the same under all names of one place
        key = (region.owner->linear + 1) << 32 | (key - region.first);
    }
    ordering_.access(*warp.order, lane, key, how);
}

}  // namespace warpsmith::emulator
