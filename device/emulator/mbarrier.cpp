#include "device/emulator/mbarrier.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "device/emulator/access.hpp"
#include "device/emulator/address_space.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/copy_async.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {

using namespace short_names;
using syntax::Operand;

namespace {

constexpr u32 kCountBits = 20, kMostThreads = (1U << kCountBits) - 1;
constexpr s32 kByteBias = 1 << 21, kMostBytes = (1 << 20) - 1;
constexpr u64 kParity = u64{1} << 62;

// One mbarrier, as a lane sees it.
struct Place {
    Warp& warp;
    const Instruction& instruction;
    unsigned lane;
    Block& owner;
    std::byte* host;

    u64 offset() const { return static_cast<u64>(host - owner.shared.data()); }
    u64 key() const { return (owner.linear + 1) << 32 | offset(); }
    u64 bits() const {
        u64 bits;
        std::memcpy(&bits, host, sizeof bits);
        return bits;
    }
    void store(u64 bits) const { std::memcpy(host, &bits, sizeof bits); }

    void mismatch(const std::string& message) const {
        report(warp, instruction, lane, FindingKind::barrier_mismatch, 0, message);
    }

    // Nothing, and a finding, when there is none.
    std::optional<Mbarrier> read() const {
        const std::optional<Mbarrier> barrier = Mbarrier::of(bits());
        if (!barrier) {
            mismatch("there is no mbarrier here that mbarrier.init made");
        }
        return barrier;
    }
};

// Ends the phase when all that it waits for has come.
void settle(Worker& worker, u64 key, Mbarrier& barrier) {
    if (barrier.pending == 0 && barrier.bytes == 0) {
        barrier.pending = barrier.expected;
        barrier.odd = !barrier.odd;
        if (worker.checker != nullptr) {
            worker.checker->ordering().complete(key);
        }
    }
    ++worker.changes;
}

// Calls `act` for each lane whose address is that of 8 bytes of shared memory.
template <class Act>
void for_each_place(Warp& warp, const Instruction& instruction, u32 lanes, Use use, const Act& act) {
    Access access;
    std::copy_n(warp.source<u64>(instruction.a), kLanes, access.address);
    const Space space = static_cast<Space>(instruction.aux & 0xFF);
    const u32 good = resolve_addresses(warp, instruction, lanes, space, use, 8, access);
    if (use == Use::write) {
        check_store(warp, instruction, good, access, 8);
    } else {
        check_atomic(warp, instruction, good, access, 8);
    }
    for_each_lane(good, [&](unsigned lane) {
        const Region region =
            access.one_region ? access.region : find_region(warp, instruction, space, access.address[lane]);
        if (region.owner == nullptr) {
            report(warp, instruction, lane, FindingKind::out_of_bounds, access.address[lane],
                   "an mbarrier lies in shared memory only; this address is elsewhere");
            return;
        }
        act(Place{warp, instruction, lane, *region.owner, access.host[lane]});
    });
}

u32 value_of(const Warp& warp, Slot slot, unsigned lane, u32 fallback) {
    return slot != 0 ? warp.source<u32>(slot)[lane] : fallback;
}

void initialise(Warp& warp, const Instruction& instruction, u32 lanes) {
    for_each_place(warp, instruction, lanes, Use::write, [&](const Place& place) {
        const u32 count = value_of(warp, instruction.b, place.lane, 1);
        if (count == 0 || count > kMostThreads) {
            place.mismatch("an mbarrier for " + std::to_string(count) + " arrivals; 1 to 1048575 are possible");
            return;
        }
        place.store(Mbarrier{.expected = count, .pending = count}.packed());
    });
    warp.changed = true;
    ++warp.worker->changes;
}

void invalidate(Warp& warp, const Instruction& instruction, u32 lanes) {
    for_each_place(warp, instruction, lanes, Use::write, [&](const Place& place) { place.store(~u64{0}); });
    warp.changed = true;
}

// Bytes that are still to come, or that have. Whether they can be counted.
bool add_bytes(const Place& place, Mbarrier& barrier, s64 bytes) {
    const s64 sum = barrier.bytes + bytes;
    if (sum > kMostBytes || sum < -kMostBytes) {
        place.mismatch("an mbarrier cannot count " + std::to_string(sum) + " bytes; 1048575 are the most");
        return false;
    }
    barrier.bytes = static_cast<s32>(sum);
    return true;
}

// `offset` of an instruction: which of these it does. Arrivals are counted by `b`, bytes by `c`.
constexpr s64 kArrives = 1, kDrops = 2, kExpectsBytes = 4, kCompletesBytes = 8, kKeepsPhase = 16;

void arrive_lane(const Place& place) {
    const Instruction& instruction = place.instruction;
    std::optional<Mbarrier> barrier = place.read();
    if (!barrier) {
        return;
    }
    const u64 before = barrier->packed();
    const s64 bytes = value_of(place.warp, instruction.c, place.lane, 0);
    if (!add_bytes(place, *barrier, (instruction.offset & kCompletesBytes) != 0 ? -bytes : bytes)) {
        return;
    }
    const u32 count = (instruction.offset & kArrives) != 0 ? value_of(place.warp, instruction.b, place.lane, 1) : 0;
    if (count > barrier->pending) {
        place.mismatch(std::to_string(count) + " arrivals at an mbarrier that expects " +
                       std::to_string(barrier->pending) + " more in this phase");
        return;
    }
    barrier->pending -= count;
    barrier->expected -= (instruction.offset & kDrops) != 0 ? std::min(count, barrier->expected - 1) : 0;
    if (place.warp.worker->checker != nullptr && count != 0) {
        place.warp.worker->checker->ordering().arrive_at(*place.warp.order, 1U << place.lane, place.key());
    }
    settle(*place.warp.worker, place.key(), *barrier);
    place.store(barrier->packed());
    if (instruction.dst != 0) {
        place.warp.target<u64>(instruction.dst)[place.lane] = before;
    }
}

void arrive_lanes(Warp& warp, const Instruction& instruction, u32 lanes) {
    for_each_place(warp, instruction, lanes, Use::atomic, arrive_lane);
    warp.changed = true;
}

// cp.async.mbarrier.arrive: the lane's copies are done with when it arrives. Without .noinc one more is expected first.
void arrive_after_copies(Warp& warp, const Instruction& instruction, u32 lanes) {
    complete_copies(warp, lanes, ~u32{0});
    if ((instruction.offset & kKeepsPhase) == 0) {
        for_each_place(warp, instruction, lanes, Use::atomic, [&](const Place& place) {
            if (std::optional<Mbarrier> barrier = place.read()) {
                barrier->pending = std::min(barrier->pending + 1, kMostThreads);
                place.store(barrier->packed());
            }
        });
    }
    arrive_lanes(warp, instruction, lanes);
}

// Whether the phase that a token or a parity (in `b`) tells is over. A wait lets the copies that it is for arrive.
template <bool by_parity>
void test_phase(Warp& warp, const Instruction& instruction, u32 lanes) {
    u32 over = 0;
    for_each_place(warp, instruction, lanes, Use::atomic, [&](const Place& place) {
        finish_bulk_copies(place.owner, place.offset());
        const std::optional<Mbarrier> barrier = place.read();
        const bool asked = by_parity ? (warp.source<u32>(instruction.b)[place.lane] & 1) != 0
                                     : (warp.source<u64>(instruction.b)[place.lane] & kParity) != 0;
        if (!barrier || barrier->odd != asked) {
            over |= 1U << place.lane;
        }
        if (barrier && barrier->odd != asked && warp.worker->checker != nullptr) {
            warp.worker->checker->ordering().pass(*warp.order, 1U << place.lane, place.key());
        }
    });
    u32& target = *warp.target<u32>(instruction.dst);
    target = (target & ~lanes) | over;
    warp.polled = true;
}

void pending_count(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u64* const state = warp.source<u64>(instruction.a);
    u32* const target = warp.target<u32>(instruction.dst);
    for_each_lane(lanes,
                  [&](unsigned lane) { target[lane] = static_cast<u32>(state[lane] >> kCountBits) & kMostThreads; });
}

Instruction& emit(Assembly& assembly, Handler run, std::size_t address, const MemoryModifiers& how, Slot b) {
    const Slot a = read_address(assembly, assembly.operand(address));
    Instruction& instruction = assembly.emit(run, Class::barrier, 0, a, b);
    instruction.aux = static_cast<u32>(how.space);
    return instruction;
}

void translate_arrival(Assembly& assembly, s64 what) {
    Modifiers& modifiers = assembly.modifiers();
    const bool with_bytes = modifiers.take("expect_tx");
    modifiers.take("noComplete");
    const MemoryModifiers how = take_memory_modifiers(modifiers);
    assembly.expect_operands(2, 3);
    const Slot count = assembly.operands() == 3 ? assembly.read(2, 32) : 0;
    const Slot state = assembly.operand(0).kind == Operand::Kind::sink ? 0 : assembly.write(assembly.operand(0), 64);
    Instruction& instruction = emit(assembly, arrive_lanes, 1, how, with_bytes ? 0 : count);
    instruction.c = with_bytes ? count : 0;
    instruction.dst = state;
    instruction.offset = what | (with_bytes ? kExpectsBytes : 0);
}

void translate_bytes(Assembly& assembly, s64 what) {
    const MemoryModifiers how = take_memory_modifiers(assembly.modifiers());
    assembly.expect_operands(2);
    const Slot bytes = assembly.read(1, 32);
    Instruction& instruction = emit(assembly, arrive_lanes, 0, how, 0);
    instruction.c = bytes;
    instruction.offset = what;
}

// The optional fourth operand is a hint of how long to wait.
void translate_wait(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool by_parity = modifiers.take("parity");
    const MemoryModifiers how = take_memory_modifiers(modifiers);
    assembly.expect_operands(3, 4);
    const Slot phase = assembly.read(2, by_parity ? 32 : 64), target = assembly.write_predicate(assembly.operand(0));
    Instruction& instruction = emit(assembly, by_parity ? test_phase<true> : test_phase<false>, 1, how, phase);
    instruction.dst = target;
}

void translate_mbarrier(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    modifiers.take("b64");
    if (modifiers.take("init")) {
        const MemoryModifiers how = take_memory_modifiers(modifiers);
        assembly.expect_operands(2);
        const Slot count = assembly.read(1, 32);
        emit(assembly, initialise, 0, how, count);
    } else if (modifiers.take("inval")) {
        const MemoryModifiers how = take_memory_modifiers(modifiers);
        assembly.expect_operands(1);
        emit(assembly, invalidate, 0, how, 0);
    } else if (modifiers.take("arrive")) {
        translate_arrival(assembly, kArrives);
    } else if (modifiers.take("arrive_drop")) {
        translate_arrival(assembly, kArrives | kDrops);
    } else if (modifiers.take("expect_tx")) {
        translate_bytes(assembly, kExpectsBytes);
    } else if (modifiers.take("complete_tx")) {
        translate_bytes(assembly, kCompletesBytes);
    } else if (modifiers.take("test_wait") || modifiers.take("try_wait")) {
        translate_wait(assembly);
    } else if (modifiers.take("pending_count")) {
        assembly.expect_operands(2);
        const Slot state = assembly.read(1, 64);
        assembly.emit(pending_count, Class::barrier, assembly.write(0, 32), state);
    } else {
        throw Unsupported{"this operation on an mbarrier"};
    }
}

}  // namespace

u64 Mbarrier::packed() const {
    return u64{expected} | u64{pending} << kCountBits | static_cast<u64>(bytes + kByteBias) << (2 * kCountBits) |
           (odd ? kParity : 0);
}

std::optional<Mbarrier> Mbarrier::of(u64 bits) {
    const u32 expected = static_cast<u32>(bits) & kMostThreads;
    if (bits >> 63 != 0 || expected == 0) {
        return std::nullopt;
    }
    return Mbarrier{.expected = expected,
                    .pending = static_cast<u32>(bits >> kCountBits) & kMostThreads,
                    .bytes = static_cast<s32>(bits >> (2 * kCountBits) & (2 * kByteBias - 1)) - kByteBias,
                    .odd = (bits & kParity) != 0};
}

void finish_bulk_copies(Block& block, u64 offset) {
    for (std::size_t i = 0; i < block.bulk.size();) {
        if (block.bulk[i].barrier != offset) {
            ++i;
            continue;
        }
        const BulkCopy copy = std::move(block.bulk[i]);
        block.bulk.erase(block.bulk.begin() + static_cast<std::ptrdiff_t>(i));
        finish_bulk_copy(block, copy);
        const Place place{*copy.warp, copy.warp->program->code[copy.pc], copy.lane, block,
                          block.shared.data() + offset};
        std::optional<Mbarrier> barrier = place.read();
        if (!barrier) {
            continue;
        }
        if (!add_bytes(place, *barrier, -static_cast<s64>(copy.data.size()))) {
            continue;
        }
        if (block.worker->checker != nullptr) {
            block.worker->checker->ordering().arrive_at(*copy.warp->order, 1U << copy.lane, place.key());
        }
        settle(*block.worker, place.key(), *barrier);
        place.store(barrier->packed());
    }
}

void translate_arrival_after_copies(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool counted = modifiers.take("noinc");
    modifiers.take("b64");
    const MemoryModifiers how = take_memory_modifiers(modifiers);
    assembly.expect_operands(1);
    emit(assembly, arrive_after_copies, 0, how, 0).offset = kArrives | (counted ? kKeepsPhase : 0);
}

std::span<const OpcodeRow> mbarrier_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"mbarrier", translate_mbarrier}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
