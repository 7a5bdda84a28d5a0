#include "device/emulator/copy_async.hpp"

#include <algorithm>
#include <cstring>

#include "device/emulator/access.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

constexpr u32 kEverything = 0xFFFFFFFF;

// Lanes that read less than the whole check their first and last byte; those that read nothing check none.
u32 resolve_source(Warp& warp, const Instruction& instruction, u32 lanes, const u64* address, PendingCopy& copy) {
    u32 whole = 0, part = 0;
    for_each_lane(lanes, [&](unsigned lane) {
        whole |= (copy.source_bytes[lane] == copy.bytes ? 1U : 0U) << lane;
        part |= (copy.source_bytes[lane] != 0 && copy.source_bytes[lane] < copy.bytes ? 1U : 0U) << lane;
    });
    const u32 none = lanes & ~whole & ~part;
    const auto resolve_part = [&](u32 some, u32 bytes, bool last) -> u32 {
        Access access;
        for (unsigned lane = 0; lane < kLanes; ++lane) {
            access.address[lane] = address[lane] + (last ? copy.source_bytes[lane] - 1 : 0);
        }
        if (some == 0) {
            return 0;
        }
        some = resolve_addresses(warp, instruction, some, Space::global, Use::read, bytes, access);
        check_load(warp, instruction, some, access, bytes);
        for_each_lane(last ? 0 : some, [&](unsigned lane) { copy.source[lane] = access.host[lane]; });
        return some;
    };
    whole = resolve_part(whole, copy.bytes, false);
    part = resolve_part(resolve_part(part, 1, true), 1, false);
    return whole | part | none;
}

// `a` holds the addresses in shared memory, `b` those in global memory, `c` (unless 0) the bytes to read.
void start_copy(Warp& warp, const Instruction& instruction, u32 lanes) {
    PendingCopy copy{.bytes = instruction.bytes, .pc = static_cast<u32>(&instruction - warp.program->code.data())};
    Access target;
    std::copy_n(warp.source<u64>(instruction.a), kLanes, target.address);
    lanes = resolve_addresses(warp, instruction, lanes, Space::shared, Use::write, copy.bytes, target);
    const u32* const bytes = instruction.c != 0 ? warp.source<u32>(instruction.c) : nullptr;
    for (unsigned lane = 0; lane < kLanes; ++lane) {
        copy.source_bytes[lane] = bytes != nullptr ? std::min(bytes[lane], copy.bytes) : copy.bytes;
        copy.group[lane] = warp.committed[lane];
        copy.target[lane] = target.host[lane];
    }
    copy.lanes = lanes == 0 ? 0 : resolve_source(warp, instruction, lanes, warp.source<u64>(instruction.b), copy);
    if (copy.lanes != 0) {
        check_copy_start(warp, instruction, copy.lanes, target, copy.bytes);
        std::copy_n(target.address, kLanes, copy.address);
        warp.copies.push_back(copy);
    }
}

void finish(Warp& warp, PendingCopy& copy, u32 lanes) {
    for_each_lane(lanes, [&](unsigned lane) {
        if (copy.source_bytes[lane] != 0) {
            std::memcpy(copy.target[lane], copy.source[lane], copy.source_bytes[lane]);
        }
        std::memset(copy.target[lane] + copy.source_bytes[lane], 0, copy.bytes - copy.source_bytes[lane]);
    });
    copy.lanes &= ~lanes;
    if (lanes != 0 && warp.worker->checker != nullptr) {
        const Instruction& instruction = warp.program->code[copy.pc];
        Access target{.one_region = true};
        std::copy_n(copy.address, kLanes, target.address);
        target.region = find_region(warp, instruction, Space::shared, 0);
        check_copy_end(warp, instruction, lanes, target, copy.bytes);
    }
}

void commit_group(Warp& warp, const Instruction&, u32 lanes) {
    for_each_lane(lanes, [&](unsigned lane) { ++warp.committed[lane]; });
}

// `aux` is the number of groups that may stay under way.
void wait_group(Warp& warp, const Instruction& instruction, u32 lanes) {
    complete_copies(warp, lanes, instruction.aux);
}

void wait_all(Warp& warp, const Instruction&, u32 lanes) {
    complete_copies(warp, lanes, kEverything);
}

u32 constant_operand(const Assembly& assembly, std::size_t index) {
    if (assembly.operand(index).kind != Operand::Kind::integer) {
        throw Unsupported{"a number that is no constant"};
    }
    return static_cast<u32>(assembly.operand(index).bits);
}

void translate_copy(Assembly& assembly) {
    assembly.expect_operands(3, 5);
    const u32 bytes = constant_operand(assembly, 2);
    if (bytes != 4 && bytes != 8 && bytes != 16) {
        throw Unsupported{"a copy of " + std::to_string(bytes) + " bytes"};
    }
    const Slot target = read_address(assembly, assembly.operand(0)),
               source = read_address(assembly, assembly.operand(1));
    // A fourth operand of 32 bits is the number of bytes to read; one of 64 bits is a cache policy.
    const bool counted = assembly.operands() > 3 && assembly.register_bits(assembly.operand(3)) != 64;
    const Slot count = counted ? assembly.read(3, 32) : 0;
    assembly.emit(start_copy, Class::copy_async, 0, target, source, count).bytes = static_cast<std::uint16_t>(bytes);
}

void translate_cp(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool reduces = modifiers.take("reduce");
    if (!modifiers.take("async")) {
        throw Unsupported{"this instruction"};
    }
    if (modifiers.take("bulk")) {
        translate_bulk(assembly, reduces);
    } else if (modifiers.take("mbarrier")) {
        modifiers.take("arrive");
        translate_arrival_after_copies(assembly);
    } else if (modifiers.take("commit_group")) {
        assembly.emit(commit_group, Class::copy_async);
    } else if (modifiers.take("wait_group")) {
        assembly.expect_operands(1);
        const u32 groups = constant_operand(assembly, 0);
        assembly.emit(wait_group, Class::copy_async).aux = groups;
    } else if (modifiers.take("wait_all")) {
        assembly.emit(wait_all, Class::copy_async);
    } else {
        take_memory_modifiers(modifiers);
        translate_copy(assembly);
    }
}

}  // namespace

void complete_copies(Warp& warp, u32 lanes, u32 kept) {
    for (PendingCopy& copy : warp.copies) {
        u32 done = 0;
        for_each_lane(copy.lanes & lanes, [&](unsigned lane) {
            const bool stays = kept != kEverything && std::uint64_t{copy.group[lane]} + kept >= warp.committed[lane];
            done |= (stays ? 0U : 1U) << lane;
        });
        finish(warp, copy, done);
    }
    std::erase_if(warp.copies, [](const PendingCopy& copy) { return copy.lanes == 0; });
    warp.changed = true;
    ++warp.worker->changes;
}

std::span<const OpcodeRow> copy_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"cp", translate_cp}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
