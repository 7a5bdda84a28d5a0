// Exchanges among the lanes of a warp: shfl, vote, match, activemask, elect.
#include "device/emulator/collective.hpp"

#include "device/emulator/integer_types.hpp"
#include "device/emulator/lanes.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

// Where each lane reads, of lane, operand and the bounds that `c` packs; a place out of range is the lane itself.
using Source = s32 (*)(s32 lane, s32 b, s32 segment, s32 clamp);
constexpr std::string_view kShuffleNames[] = {"idx", "up", "down", "bfly"};
constexpr Source kSources[] = {
    [](s32 lane, s32 b, s32 segment, s32) { return (lane & segment) | (b & ~segment); },
    [](s32 lane, s32 b, s32, s32) { return lane - b; },
    [](s32 lane, s32 b, s32, s32) { return lane + b; },
    [](s32 lane, s32 b, s32, s32) { return lane ^ b; },
};

// shfl: `offset` tells the mode. The predicate, in the second of two slots at aux, says whether the place was in range.
void shuffle(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!members_present(warp, instruction, lanes)) {
        return;
    }
    const u32* const a = warp.source<u32>(instruction.a);
    const s32* const b = warp.source<s32>(instruction.b);
    const u32* const c = warp.source<u32>(instruction.c);
    const std::size_t mode = static_cast<std::size_t>(instruction.offset);
    alignas(64) u32 value[kLanes];
    u32 in_range = 0;
    for (unsigned lane = 0; lane < kLanes; ++lane) {
        const s32 self = static_cast<s32>(lane), segment = static_cast<s32>(c[lane] >> 8 & 31);
        const s32 clamp = static_cast<s32>(c[lane] & 31), own = self & segment;
        const s32 last = own | (clamp & ~segment);
        const s32 from = kSources[mode](self, b[lane] & 31, segment, clamp);
        const bool fits = mode == 1 ? from >= last : from <= last;
        in_range |= (fits ? 1U : 0U) << lane;
        value[lane] = a[static_cast<unsigned>(fits ? from : self) & 31];
    }
    store_lanes(warp.target<u32>(instruction.dst), value, lanes);
    const Slot predicate = instruction.aux & ~kNoMembers;
    if (predicate != 0) {
        u32& target = *warp.target<u32>(predicate);
        target = (target & ~lanes) | (in_range & lanes);
    }
    warp.advance();
}

void translate_shfl(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool sync = modifiers.take("sync");
    const std::size_t mode = modifiers.take_one_of(kShuffleNames);
    if (mode == std::size(kShuffleNames) || !modifiers.take("b32")) {
        throw Unsupported{"this shuffle"};
    }
    assembly.expect_operands(sync ? 5 : 4);
    const Operand& target = assembly.operand(0);
    const bool pair = target.kind == Operand::Kind::pair;
    const Slot a = assembly.read(1, 32), b = assembly.read(2, 32), c = assembly.read(3, 32);
    const Slot members = sync ? assembly.read(4, 32) : 0;
    const Slot predicate = pair ? assembly.write_predicate(target.parts[1]) : 0;
    Instruction& instruction =
        assembly.emit(shuffle, Class::shuffle, assembly.write(pair ? target.parts[0] : target, 32), a, b, c);
    instruction.offset = static_cast<s64>(mode);
    instruction.extra = members;
    instruction.aux = predicate | (sync ? 0 : kNoMembers);
    instruction.flow = Flow::control;
}

enum class Vote : u32 { all, any, uniform, ballot };
constexpr std::string_view kVoteNames[] = {"all", "any", "uni", "ballot"};

void vote(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!members_present(warp, instruction, lanes)) {
        return;
    }
    const u32 members = members_of(warp, instruction, lanes), yes = warp.mask(instruction.a) & members;
    const Vote kind = static_cast<Vote>(instruction.aux & ~kNoMembers);
    if (kind == Vote::ballot) {
        u32* const target = warp.target<u32>(instruction.dst);
        for_each_lane(lanes, [&](unsigned lane) { target[lane] = yes; });
    } else {
        const bool answers[] = {yes == members, yes != 0, yes == members || yes == 0};
        u32& target = *warp.target<u32>(instruction.dst);
        target = answers[static_cast<std::size_t>(kind)] ? target | lanes : target & ~lanes;
    }
    warp.advance();
}

void translate_vote(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool sync = modifiers.take("sync");
    const std::size_t kind = modifiers.take_one_of(kVoteNames);
    modifiers.take(kind == static_cast<std::size_t>(Vote::ballot) ? "b32" : "pred");
    if (kind == std::size(kVoteNames)) {
        throw Unsupported{"this vote"};
    }
    assembly.expect_operands(sync ? 3 : 2);
    const Slot a = assembly.read_predicate(assembly.operand(1)), members = sync ? assembly.read(2, 32) : 0;
    const Operand& result = assembly.operand(0);
    const bool ballot = static_cast<Vote>(kind) == Vote::ballot;
    const Slot target = ballot ? assembly.write(result, 32) : assembly.write_predicate(result);
    Instruction& instruction = assembly.emit(vote, Class::vote, target, a);
    instruction.extra = members;
    instruction.aux = static_cast<u32>(kind) | (sync ? 0 : kNoMembers);
    instruction.flow = Flow::control;
}

// match.any: who has my value. match.all: all members when they agree, else none.
template <class T, bool all>
void match(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!members_present(warp, instruction, lanes)) {
        return;
    }
    const u32 members = members_of(warp, instruction, lanes);
    const T* const a = warp.source<T>(instruction.a);
    u32* const target = warp.target<u32>(instruction.dst);
    alignas(64) u32 value[kLanes] = {};
    u32 agreeing = 0;
    for_each_lane(lanes, [&](unsigned lane) {
        u32 same = 0;
        for_each_lane(members, [&](unsigned other) { same |= (a[other] == a[lane] ? 1U : 0U) << other; });
        value[lane] = !all || same == members ? same : 0;
        agreeing |= (same == members ? 1U : 0U) << lane;
    });
    store_lanes(target, value, lanes);
    if (instruction.b != 0) {
        u32& predicate = *warp.target<u32>(instruction.b);
        predicate = (predicate & ~lanes) | agreeing;
    }
    warp.advance();
}

void translate_match(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool all = modifiers.take("all"), known = modifiers.take("any") || all;
    const bool wide = modifiers.take("b64");
    if (!modifiers.take("sync") || !known || (!wide && !modifiers.take("b32"))) {
        throw Unsupported{"this match"};
    }
    assembly.expect_operands(3);
    const Slot a = assembly.read(1, wide ? 64 : 32), members = assembly.read(2, 32);
    const Operand& target = assembly.operand(0);
    const bool pair = target.kind == Operand::Kind::pair;
    const Slot predicate = pair ? assembly.write_predicate(target.parts[1]) : 0;
    const Handler run = wide  ? (all ? match<u64, true> : match<u64, false>)
                        : all ? match<u32, true>
                              : match<u32, false>;
    Instruction& instruction =
        assembly.emit(run, Class::vote, assembly.write(pair ? target.parts[0] : target, 32), a, predicate);
    instruction.extra = members;
    instruction.flow = Flow::control;
}

void active_mask(Warp& warp, const Instruction& instruction, u32 lanes) {
    u32* const target = warp.target<u32>(instruction.dst);
    for_each_lane(lanes, [&](unsigned lane) { target[lane] = lanes; });
}

void translate_activemask(Assembly& assembly) {
    assembly.modifiers().take("b32");
    assembly.expect_operands(1);
    assembly.emit(active_mask, Class::vote, assembly.write(0, 32));
}

// elect.sync d|p, members: p holds in one lane, the first.
void elect(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!members_present(warp, instruction, lanes)) {
        return;
    }
    const u32 leader = first_lane(members_of(warp, instruction, lanes));
    u32* const target = warp.target<u32>(instruction.dst);
    for_each_lane(lanes, [&](unsigned lane) { target[lane] = leader; });
    u32& predicate = *warp.target<u32>(instruction.b);
    predicate = (predicate & ~lanes) | (1U << leader & lanes);
    warp.advance();
}

void translate_elect(Assembly& assembly) {
    assembly.modifiers().take("sync");
    assembly.expect_operands(2);
    const Operand& target = assembly.operand(0);
    if (target.kind != Operand::Kind::pair) {
        throw Unsupported{"a destination that is no pair"};
    }
    const Slot members = assembly.read(1, 32), predicate = assembly.write_predicate(target.parts[1]);
    Instruction& instruction = assembly.emit(elect, Class::vote, assembly.write(target.parts[0], 32), 0, predicate);
    instruction.extra = members;
    instruction.flow = Flow::control;
}

}  // namespace

bool members_present(Warp& warp, const Instruction& instruction, u32 lanes) {
    if ((instruction.aux & kNoMembers) != 0) {
        return true;
    }
    if (!converged(warp, warp.source<u32>(instruction.extra)[first_lane(lanes)], false)) {
        return false;
    }
    // The exchange itself orders the lanes in practice, though CUDA promises that of __syncwarp only.
    if (warp.worker->checker != nullptr) {
        warp.worker->checker->ordering().sync_warp(*warp.order, lanes);
    }
    return true;
}

u32 members_of(Warp& warp, const Instruction& instruction, u32 lanes) {
    const bool all = (instruction.aux & kNoMembers) != 0;
    const u32 members = all ? lanes : warp.source<u32>(instruction.extra)[first_lane(lanes)] & lanes;
    return members != 0 ? members : lanes;
}

std::span<const OpcodeRow> collective_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {
        {"shfl", translate_shfl},   {"vote", translate_vote},
        {"match", translate_match}, {"activemask", translate_activemask},
        {"elect", translate_elect},
    };
    return kOpcodes;
}

}  // namespace warpsmith::emulator
