// cp.async.bulk: copies of a contiguous piece of memory that one thread starts.
//
// A copy into shared memory is carried out when a thread waits for the mbarrier that it signals; until then nobody sees
// its bytes, and whoever touches their place is in a race with it. One out of shared memory is done at once.
#include <algorithm>
#include <cstring>
#include <string>

#include "device/emulator/access.hpp"
#include "device/emulator/address_space.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/copy_async.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/mbarrier.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {

using namespace short_names;

namespace {

constexpr u64 kUnit = 16;  // bytes: sizes and addresses are multiples of it

// A piece of memory that one lane names.
struct Piece {
    Region region;
    u64 address = 0;
    std::byte* host() const { return region.host + (address - region.first); }
};

// Nothing, and a finding, when not all of it is there and aligned.
std::optional<Piece> find_piece(Warp& warp, const Instruction& instruction, unsigned lane, u64 address, u64 bytes,
                                Space space) {
    const Piece piece{find_region(warp, instruction, space, address), address};
    if (address < piece.region.first || address > piece.region.last || piece.region.last - address < bytes) {
        report(warp, instruction, lane, FindingKind::out_of_bounds, address,
               "a copy of " + std::to_string(bytes) + " bytes reaches beyond its memory");
        return std::nullopt;
    }
    if (address % kUnit != 0 || bytes % kUnit != 0) {
        report(warp, instruction, lane, FindingKind::misaligned, address,
               "a bulk copy wants addresses and sizes that are multiples of 16");
        return std::nullopt;
    }
    return piece;
}

// Tells the checks of all bytes, 16 at a time.
template <class Check>
void check_piece(Warp& warp, const Instruction& instruction, unsigned lane, const Piece& piece, u64 bytes,
                 const Check& check) {
    if (warp.worker->checker == nullptr) {
        return;
    }
    Access access{.one_region = true, .region = piece.region};
    for (u64 done = 0; done < bytes; done += kUnit) {
        std::fill_n(access.address, kLanes, piece.address + done);
        std::fill_n(access.host, kLanes, piece.host() + done);
        check(warp, instruction, 1U << lane, access, static_cast<u32>(kUnit));
    }
}

Piece piece_of(Block& block, u64 offset) {
    return {{.first = kSharedStart,
             .last = kSharedStart + block.shared.size(),
             .host = block.shared.data(),
             .owner = &block},
            kSharedStart + offset};
}

void start_in(Block& block, BulkCopy copy) {
    if (copy.target + copy.data.size() > block.shared.size()) {
        return;
    }
    check_bulk(block, copy, true);
    block.bulk.push_back(std::move(copy));
}

// `a` target, `b` source, `c` bytes; slots from `extra` on: the mbarrier, and the mask of blocks where there is one.
// `aux` is the space of the source, `offset` says whether there is a mask.
void copy_to_shared(Warp& warp, const Instruction& instruction, u32 lanes) {
    const Slot* const slots = warp.program->slots.data() + instruction.extra;
    for_each_lane(lanes, [&](unsigned lane) {
        const u64 bytes = warp.source<u32>(instruction.c)[lane], barrier = warp.source<u64>(slots[0])[lane];
        const std::optional<Piece> target =
            find_piece(warp, instruction, lane, warp.source<u64>(instruction.a)[lane], bytes, Space::cluster);
        const std::optional<Piece> source = find_piece(warp, instruction, lane, warp.source<u64>(instruction.b)[lane],
                                                       bytes, static_cast<Space>(instruction.aux));
        const Region signalled = find_region(warp, instruction, Space::cluster, barrier);
        if (!target || !source || bytes == 0) {
            return;
        }
        if (barrier < signalled.first || barrier > signalled.last || signalled.last - barrier < 8 || barrier % 8 != 0 ||
            signalled.owner != target->region.owner) {
            report(warp, instruction, lane, FindingKind::out_of_bounds, barrier,
                   "the mbarrier of a copy lies in the shared memory of the block that it copies to");
            return;
        }
        check_piece(warp, instruction, lane, *source, bytes, check_load);
        BulkCopy copy{.barrier = barrier - signalled.first,
                      .target = target->address - target->region.first,
                      .data = {source->host(), source->host() + bytes},
                      .warp = &warp,
                      .lane = lane,
                      .pc = static_cast<u32>(&instruction - warp.program->code.data())};
        if (instruction.offset == 0) {
            start_in(*target->region.owner, std::move(copy));
            return;
        }
        const u32 mask = warp.source<u16>(slots[1])[lane];
        for (const std::unique_ptr<Block>& block : warp.block->cluster->blocks) {
            if ((mask >> block->rank & 1) != 0) {
                start_in(*block, copy);
            }
        }
    });
    warp.changed = true;
    ++warp.worker->changes;
}

void copy_to_global(Warp& warp, const Instruction& instruction, u32 lanes) {
    for_each_lane(lanes, [&](unsigned lane) {
        const u64 bytes = warp.source<u32>(instruction.c)[lane];
        const std::optional<Piece> target =
            find_piece(warp, instruction, lane, warp.source<u64>(instruction.a)[lane], bytes, Space::global);
        const std::optional<Piece> source =
            find_piece(warp, instruction, lane, warp.source<u64>(instruction.b)[lane], bytes, Space::shared);
        if (!target || !source || bytes == 0) {
            return;
        }
        if (!target->region.writable) {
            report(warp, instruction, lane, FindingKind::out_of_bounds, target->address, "writing read-only memory");
            return;
        }
        check_piece(warp, instruction, lane, *source, bytes, check_load);
        check_piece(warp, instruction, lane, *target, bytes,
                    [](Warp& w, const Instruction& i, u32 one, const Access& access, u32 size) {
                        check_store(w, i, one, access, size);
                    });
        std::memcpy(target->host(), source->host(), bytes);
    });
    warp.changed = true;
    ++warp.worker->changes;
}

void nothing(Warp&, const Instruction&, u32) {}

}  // namespace

void check_bulk(Block& block, const BulkCopy& copy, bool starts) {
    check_piece(*copy.warp, copy.warp->program->code[copy.pc], copy.lane, piece_of(block, copy.target),
                copy.data.size(), starts ? check_copy_start : check_copy_end);
}

// What comes behind "cp.async.bulk".
void translate_bulk(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    if (modifiers.take("commit_group") || modifiers.take("prefetch")) {
        modifiers.drop_prefixed("");
        assembly.emit(nothing, Class::copy_async);
        return;
    }
    if (modifiers.take("wait_group")) {  // copies out of shared memory are done already
        modifiers.take("read");
        assembly.emit(nothing, Class::copy_async);
        return;
    }
    if (modifiers.take("tensor")) {
        throw Unsupported{"copies of tensors"};
    }
    const bool signals = modifiers.take("mbarrier::complete_tx::bytes"),
               multicast = modifiers.take("multicast::cluster");
    const bool out = modifiers.take("bulk_group");
    const bool in_cluster = modifiers.take("shared::cluster"), in_block = modifiers.take("shared::cta");
    const bool global = modifiers.take("global");
    modifiers.drop_prefixed("L2::");
    assembly.expect_operands(signals ? 4 : 3, 6);
    const Slot target = read_address(assembly, assembly.operand(0)),
               source = read_address(assembly, assembly.operand(1));
    const Slot bytes = assembly.read(2, 32);
    if (out && in_block && global) {
        assembly.emit(copy_to_global, Class::copy_async, 0, target, source, bytes);
        return;
    }
    if (!signals || (!in_cluster && !in_block) || (!global && !(in_cluster && in_block))) {
        throw Unsupported{"this direction of a bulk copy"};
    }
    std::vector<Slot> slots = {read_address(assembly, assembly.operand(3))};
    if (multicast) {
        slots.push_back(assembly.read(4, 16));
    }
    const u32 first = static_cast<u32>(assembly.program().slots.size());
    assembly.program().slots.insert(assembly.program().slots.end(), slots.begin(), slots.end());
    Instruction& instruction = assembly.emit(copy_to_shared, Class::copy_async, 0, target, source, bytes);
    instruction.extra = first;
    instruction.aux = static_cast<u32>(global ? Space::global : Space::shared);
    instruction.offset = multicast ? 1 : 0;
}

}  // namespace warpsmith::emulator
