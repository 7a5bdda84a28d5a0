#include "device/emulator/copy_out.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "device/emulator/check.hpp"
#include "device/emulator/tensor_map.hpp"
#include "device/emulator/traffic.hpp"

namespace warpsmith::emulator {
namespace {

constexpr std::uint64_t kLargestCheck = 16;

// The bytes as they lie in the box, swizzles undone.
void read_source(Block& block, OutgoingCopy& copy) {
    if (!copy.data.empty()) {
        return;
    }
    copy.data.resize(copy.bytes);
    for (std::uint64_t at = 0; at < copy.bytes; at += kLargestCheck) {
        const std::uint64_t from = swizzled(static_cast<Swizzle>(copy.swizzle), copy.source + at);
        std::memcpy(copy.data.data() + at, block.shared.data() + from,
                    std::min<std::uint64_t>(kLargestCheck, copy.bytes - at));
    }
}

void write_target(Block& block, OutgoingCopy& copy) {
    read_source(block, copy);
    const Copier copier{*copy.warp, copy.warp->program->code[copy.pc], copy.lane};
    for (const OutgoingRun& run : copy.runs) {
        const std::optional<Piece> target = find_piece(copier, Space::global, run.address, run.bytes, 1);
        if (!target) {  // freed meanwhile
            continue;
        }
        if (copy.combine == nullptr) {
            check_piece(copier, *target, run.bytes, check_copy_end);
            std::memcpy(target->host(), copy.data.data() + run.at, run.bytes);
            continue;
        }
        for (std::uint64_t done = 0; done < run.bytes; done += copy.element_bytes) {
            copy.combine(target->host() + done, copy.data.data() + run.at + done);
        }
    }
}

}  // namespace

std::optional<Piece> find_piece(const Copier& copier, Space space, std::uint64_t address, std::uint64_t bytes,
                                std::uint64_t alignment) {
    const Piece piece{find_region(copier.warp, copier.instruction, space, address), address};
    if (address < piece.region.first || address > piece.region.last || piece.region.last - address < bytes) {
        copier.report(FindingKind::out_of_bounds, address,
                      "a copy of " + std::to_string(bytes) + " bytes reaches beyond its memory");
        return std::nullopt;
    }
    if (address % alignment != 0) {
        copier.report(FindingKind::misaligned, address,
                      "this copy wants an address that is a multiple of " + std::to_string(alignment));
        return std::nullopt;
    }
    return piece;
}

std::optional<std::uint64_t> find_barrier(const Copier& copier, const Piece& target, std::uint64_t address) {
    const Region region = find_region(copier.warp, copier.instruction, Space::cluster, address);
    if (address < region.first || address > region.last || region.last - address < 8 || address % 8 != 0 ||
        region.owner != target.region.owner) {
        copier.report(FindingKind::out_of_bounds, address,
                      "the mbarrier of a copy lies in the shared memory of the block that it copies to");
        return std::nullopt;
    }
    return address - region.first;
}

void check_piece(const Copier& copier, const Piece& piece, std::uint64_t bytes, CheckPiece check) {
    if (check != check_copy_end) {  // its beginning was counted
        count_bulk_traffic(copier.warp, copier.instruction, piece.region, piece.address, bytes);
    }
    if (copier.warp.worker->checker == nullptr) {
        return;
    }
    Access access{.one_region = true, .region = piece.region};
    for (std::uint64_t done = 0; done < bytes;) {
        const std::uint64_t address = piece.address + done;
        const std::uint64_t unit = std::min({kLargestCheck, address & (~address + 1), std::bit_floor(bytes - done)});
        std::fill_n(access.address, kLanes, address);
        std::fill_n(access.host, kLanes, piece.host() + done);
        check(copier.warp, copier.instruction, 1U << copier.lane, access, static_cast<std::uint32_t>(unit));
        done += unit;
    }
}

void start_copy_out(const Copier& copier, const Piece& source, OutgoingCopy copy) {
    check_piece(copier, source, copy.bytes, check_load_by_proxy);
    for (const OutgoingRun& run : copy.runs) {
        const std::optional<Piece> target = find_piece(copier, Space::global, run.address, run.bytes, 1);
        if (!target) {
            return;
        }
        if (!target->region.writable) {
            copier.report(FindingKind::out_of_bounds, run.address, "writing read-only memory");
            return;
        }
        check_piece(copier, *target, run.bytes, copy.combine == nullptr ? check_copy_start : check_atomic);
    }
    copy.warp = &copier.warp;
    copy.lane = copier.lane;
    copy.pc = copier.pc();
    copy.group = copier.warp.bulk_committed[copier.lane];
    copy.source = source.offset();
    copier.warp.block->outgoing.push_back(std::move(copy));
}

void finish_copies_out(Warp& warp, std::uint32_t lanes, std::uint32_t kept, bool only_read) {
    Block& block = *warp.block;
    const auto is_due = [&](const OutgoingCopy& copy) {
        return copy.warp == &warp && (lanes >> copy.lane & 1) != 0 &&
               std::uint64_t{copy.group} + kept < warp.bulk_committed[copy.lane];
    };
    for (OutgoingCopy& copy : block.outgoing) {
        if (is_due(copy)) {
            only_read ? read_source(block, copy) : write_target(block, copy);
        }
    }
    if (!only_read) {
        std::erase_if(block.outgoing, is_due);
    }
}

void finish_copies_out(Block& block) {
    for (OutgoingCopy& copy : block.outgoing) {
        write_target(block, copy);
    }
    block.outgoing.clear();
}

}  // namespace warpsmith::emulator
