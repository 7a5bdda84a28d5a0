// cp.async.bulk: copies of a contiguous piece of memory that one thread starts; cp.reduce.async.bulk: reductions.
//
// A copy into shared memory is carried out when a thread waits for the mbarrier that it signals; until then nobody sees
// its bytes, and whoever touches their place is in a race with it. One out of shared memory is read and written when
// its thread waits for just that.
#include <cstring>
#include <string>

#include "device/emulator/address_space.hpp"
#include "device/emulator/atomic.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/copy_async.hpp"
#include "device/emulator/copy_out.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/space_modifiers.hpp"

namespace warpsmith::emulator {

using namespace short_names;
using syntax::Operand;

namespace {

constexpr u64 kUnit = 16;  // bytes: sizes and addresses are multiples of it

std::optional<Piece> find_bulk_piece(const Copier& copier, Space space, u64 address, u64 bytes) {
    if (bytes % kUnit != 0) {
        copier.report(FindingKind::misaligned, address, "a bulk copy wants a size that is a multiple of 16");
        return std::nullopt;
    }
    return find_piece(copier, space, address, bytes, kUnit);
}

// `offset` counts in Program::reductions from 1; 0 is a copy.
Reduction reduction_of(const Warp& warp, const Instruction& instruction) {
    return instruction.offset == 0 ? Reduction{}
                                   : warp.program->reductions[static_cast<std::size_t>(instruction.offset - 1)];
}

// `a` target, `b` source, `c` bytes; slots from `extra` on: the mbarrier, and the mask of blocks where there is one.
// `aux` is the space of the source, and whether there is a mask; `offset` tells the reduction.
constexpr u32 kHasMask = 256;

void copy_to_shared(Warp& warp, const Instruction& instruction, u32 lanes) {
    const Slot* const slots = warp.program->slots.data() + instruction.extra;
    const Space from = static_cast<Space>(instruction.aux & 0xFF);
    const Reduction reduction = reduction_of(warp, instruction);
    for_each_lane(lanes, [&](unsigned lane) {
        const Copier copier{warp, instruction, lane};
        const u64 bytes = warp.source<u32>(instruction.c)[lane], barrier = warp.source<u64>(slots[0])[lane];
        const std::optional<Piece> target =
            find_bulk_piece(copier, Space::cluster, warp.source<u64>(instruction.a)[lane], bytes);
        const std::optional<Piece> source = find_bulk_piece(copier, from, warp.source<u64>(instruction.b)[lane], bytes);
        if (!target || !source || bytes == 0) {
            return;
        }
        const std::optional<u64> signalled = find_barrier(copier, *target, barrier);
        if (!signalled) {
            return;
        }
        check_piece(copier, *source, bytes, check_load_by_proxy);
        BulkCopy copy{.barrier = *signalled,
                      .target = target->offset(),
                      .data = {source->host(), source->host() + bytes},
                      .combine = reduction.combine,
                      .element_bytes = reduction.element_bytes,
                      .warp = &warp,
                      .lane = lane,
                      .pc = copier.pc()};
        const bool masked = (instruction.aux & kHasMask) != 0;
        start_bulk_copies(*target->region.owner, std::move(copy),
                          masked ? std::optional<u32>(warp.source<u16>(slots[1])[lane]) : std::nullopt);
    });
    warp.changed = true;
    ++warp.worker->changes;
}

void copy_to_global(Warp& warp, const Instruction& instruction, u32 lanes) {
    const Reduction reduction = reduction_of(warp, instruction);
    for_each_lane(lanes, [&](unsigned lane) {
        const Copier copier{warp, instruction, lane};
        const u64 bytes = warp.source<u32>(instruction.c)[lane];
        const std::optional<Piece> target =
            find_bulk_piece(copier, Space::global, warp.source<u64>(instruction.a)[lane], bytes);
        const std::optional<Piece> source =
            find_bulk_piece(copier, Space::shared, warp.source<u64>(instruction.b)[lane], bytes);
        if (target && source && bytes != 0) {
            start_copy_out(copier, *source,
                           {.bytes = bytes,
                            .runs = {{.address = target->address, .bytes = bytes}},
                            .combine = reduction.combine,
                            .element_bytes = reduction.element_bytes});
        }
    });
    warp.changed = true;
    ++warp.worker->changes;
}

void nothing(Warp&, const Instruction&, u32) {}

void commit_group(Warp& warp, const Instruction&, u32 lanes) {
    for_each_lane(lanes, [&](unsigned lane) { ++warp.bulk_committed[lane]; });
}

// `aux` is the number of groups that may stay under way.
template <bool only_read>
void wait_group(Warp& warp, const Instruction& instruction, u32 lanes) {
    finish_copies_out(warp, lanes, instruction.aux, only_read);
    warp.changed = true;
    ++warp.worker->changes;
}

bool translate_group(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    if (modifiers.take("commit_group")) {
        assembly.emit(commit_group, Class::copy_async);
        return true;
    }
    if (!modifiers.take("wait_group")) {
        return false;
    }
    const bool only_read = modifiers.take("read");
    assembly.expect_operands(1);
    if (assembly.operand(0).kind != Operand::Kind::integer) {
        throw Unsupported{"a number of groups that is no constant"};
    }
    const u32 kept = static_cast<u32>(assembly.operand(0).bits);
    assembly.emit(only_read ? wait_group<true> : wait_group<false>, Class::copy_async).aux = kept;
    return true;
}

// What Instruction::offset says: 0 for a copy.
s64 take_reduction(Assembly& assembly, bool reduces, bool in_shared) {
    if (!reduces) {
        return 0;
    }
    Modifiers& modifiers = assembly.modifiers();
    const std::size_t operation = modifiers.take_one_of(kReductions);
    modifiers.take("noftz");
    const Type type = modifiers.take_type();
    std::vector<Reduction>& known = assembly.program().reductions;
    known.push_back(find_reduction(operation < std::size(kReductions) ? kReductions[operation] : "", type, in_shared));
    return static_cast<s64>(known.size());
}

Piece piece_of(Block& block, u64 offset) {
    return {{.first = kSharedStart,
             .last = kSharedStart + block.shared.size(),
             .host = block.shared.data(),
             .owner = &block},
            kSharedStart + offset};
}

Copier copier_of(const BulkCopy& copy) {
    return {*copy.warp, copy.warp->program->code[copy.pc], copy.lane};
}

}  // namespace

// Reductions of several threads may be under way at once, and each is atomic.
void start_bulk_copy(Block& block, BulkCopy copy) {
    if (copy.target + copy.data.size() > block.shared.size()) {
        return;
    }
    if (copy.combine == nullptr) {
        check_piece(copier_of(copy), piece_of(block, copy.target), copy.data.size(), check_copy_start);
    }
    block.bulk.push_back(std::move(copy));
}

void start_bulk_copies(Block& block, BulkCopy copy, std::optional<u32> mask) {
    if (!mask) {
        start_bulk_copy(block, std::move(copy));
        return;
    }
    for (const std::unique_ptr<Block>& other : block.cluster->blocks) {
        if ((*mask >> other->rank & 1) != 0) {
            start_bulk_copy(*other, copy);
        }
    }
}

void finish_bulk_copy(Block& block, const BulkCopy& copy) {
    std::byte* const target = block.shared.data() + copy.target;
    check_piece(copier_of(copy), piece_of(block, copy.target), copy.data.size(),
                copy.combine == nullptr ? check_copy_end : check_atomic);
    if (copy.combine == nullptr) {
        std::memcpy(target, copy.data.data(), copy.data.size());
        return;
    }
    for (std::size_t done = 0; done < copy.data.size(); done += copy.element_bytes) {
        copy.combine(target + done, copy.data.data() + done);
    }
}

// What comes behind "cp.async.bulk".
void translate_bulk(Assembly& assembly, bool reduces) {
    Modifiers& modifiers = assembly.modifiers();
    if (translate_group(assembly)) {
        return;
    }
    const bool prefetches = modifiers.take("prefetch");
    if (modifiers.take("tensor")) {
        translate_bulk_tensor(assembly, reduces);
        return;
    }
    if (prefetches) {
        modifiers.drop_prefixed("");
        assembly.emit(nothing, Class::copy_async);
        return;
    }
    const bool signals = modifiers.take("mbarrier::complete_tx::bytes"),
               multicast = modifiers.take("multicast::cluster");
    const bool out = modifiers.take("bulk_group");
    const bool in_cluster = modifiers.take("shared::cluster"), in_block = modifiers.take("shared::cta");
    const bool global = modifiers.take("global");
    modifiers.drop_prefixed("L2::");
    assembly.expect_operands(signals ? 4 : 3, 6);
    const s64 reduction = take_reduction(assembly, reduces, !out);
    const Slot target = read_address(assembly, assembly.operand(0)),
               source = read_address(assembly, assembly.operand(1));
    const Slot bytes = assembly.read(2, 32);
    if (out && in_block && global) {
        Instruction& instruction = assembly.emit(copy_to_global, Class::copy_async, 0, target, source, bytes);
        instruction.offset = reduction;
        instruction.has_order = reduces;
        return;
    }
    if (!signals || (!in_cluster && !in_block) || (!global && !(in_cluster && in_block))) {
        throw Unsupported{"this direction of a bulk copy"};
    }
    std::vector<Slot> slots = {read_address(assembly, assembly.operand(3))};
    if (multicast) {
        slots.push_back(assembly.read(4, 16));
    }
    const u32 first = assembly.list(slots);
    Instruction& instruction = assembly.emit(copy_to_shared, Class::copy_async, 0, target, source, bytes);
    instruction.extra = first;
    instruction.aux = static_cast<u32>(global ? Space::global : Space::shared) | (multicast ? kHasMask : 0);
    instruction.offset = reduction;
    instruction.has_order = reduces;
}

}  // namespace warpsmith::emulator
