#include "device/emulator/access.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "device/emulator/address_space.hpp"
#include "device/emulator/lanes.hpp"
#include "device/emulator/traffic.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

// Reads of lanes that failed find zeros here; they never write.
alignas(64) const std::byte kZeros[64] = {};

std::string hex(std::uint64_t value) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    do {
        text.insert(text.begin(), kDigits[value & 15]);
        value >>= 4;
    } while (value != 0);
    return "0x" + text;
}

WARPSMITH_VECTORISED void add_offset_32(const std::uint32_t* base, std::uint64_t offset, std::uint64_t* address) {
    for (unsigned l = 0; l < kLanes; ++l) {
        address[l] = (base[l] + offset) & 0xFFFFFFFFU;
    }
}

WARPSMITH_VECTORISED void add_offset_64(const std::uint64_t* base, std::uint64_t offset, std::uint64_t* address) {
    for (unsigned l = 0; l < kLanes; ++l) {
        address[l] = base[l] + offset;
    }
}

// Gives lanes that do not take part the address of the first that does.
WARPSMITH_VECTORISED void fill_idle(std::uint64_t* address, std::uint32_t lanes) {
    const std::uint64_t filler = address[first_lane(lanes)];
    for (unsigned l = 0; l < kLanes; ++l) {
        address[l] = (lanes >> l & 1U) != 0 ? address[l] : filler;
    }
}

// Whether all lanes lie in [first, last - bytes] and are multiples of `bytes`, a power of two; if so sets their hosts.
WARPSMITH_VECTORISED bool fits(const std::uint64_t* address, const Region& region, std::uint64_t bytes,
                               std::byte** host) {
    const std::uint64_t room = region.last - region.first - bytes;
    std::uint64_t outside = 0, bits = 0;
    for (unsigned l = 0; l < kLanes; ++l) {
        const std::uint64_t place = address[l] - region.first;
        const std::uint64_t inside = place > room ? 0 : place;
        outside |= place ^ inside;
        bits |= address[l];
        host[l] = region.host + inside + l * region.lane_stride;
    }
    return outside == 0 && (bits & (bytes - 1)) == 0;
}

bool holds(const Region& region, std::uint64_t address, std::uint64_t bytes) {
    return address >= region.first && address < region.last && region.last - address >= bytes;
}

Region shared_region(Block& block, std::uint64_t window) {
    return {.first = window + kSharedStart,
            .last = window + kSharedStart + block.shared.size(),
            .host = block.shared.data(),
            .owner = &block};
}

// shared::cluster addresses say which block; those without a rank are the own block's.
Region cluster_region(Warp& warp, std::uint64_t address, std::uint64_t window) {
    const std::uint64_t rank = (address - window) >> kClusterRankShift;
    if (rank == 0 || rank > warp.block->cluster->blocks.size()) {
        return shared_region(*warp.block, window);
    }
    return shared_region(*warp.block->cluster->blocks[rank - 1], window + (rank << kClusterRankShift));
}

Region local_region(Warp& warp, std::uint64_t window) {
    const std::uint64_t stride = warp.block->grid->local_bytes;
    return {.first = window,
            .last = window + stride,
            .host = warp.block->local.data() + std::size_t{warp.index} * kLanes * stride,
            .lane_stride = stride};
}

Region param_region(Warp& warp, std::uint64_t window) {
    const std::span<const std::byte> parameters = warp.block->grid->parameters;
    return {.first = window,
            .last = window + parameters.size(),
            .host = const_cast<std::byte*>(parameters.data()),
            .writable = false};
}

Region global_region(Warp& warp, const Instruction& instruction, std::uint64_t address) {
    Region& recent = warp.worker->recent[static_cast<std::size_t>(&instruction - warp.program->code.data()) % 64];
    if (address < recent.first || address >= recent.last) {
        Allocation* const allocation = warp.worker->memory->find(address);
        if (allocation != nullptr && !allocation->freed()) {
            recent = {.first = allocation->address,
                      .last = allocation->address + allocation->bytes,
                      .host = allocation->host.get(),
                      .allocation = allocation,
                      .writable = !allocation->read_only};
        }
    }
    return recent;
}

Region generic_region(Warp& warp, const Instruction& instruction, std::uint64_t address) {
    if (address >= kGlobalStart) {
        return global_region(warp, instruction, address);
    }
    if (address - kSharedWindow < kWindowBytes) {
        return cluster_region(warp, address, kSharedWindow);
    }
    return address - kLocalWindow < kWindowBytes ? local_region(warp, kLocalWindow) : param_region(warp, kParamWindow);
}

// In the order of Space.
using FindRegion = Region (*)(Warp& warp, const Instruction& instruction, std::uint64_t address);
constexpr FindRegion kRegions[] = {
    generic_region,
    global_region,
    [](Warp& warp, const Instruction&, std::uint64_t) { return shared_region(*warp.block, 0); },
    [](Warp& warp, const Instruction&, std::uint64_t address) { return cluster_region(warp, address, 0); },
    [](Warp& warp, const Instruction&, std::uint64_t) { return local_region(warp, 0); },
    [](Warp& warp, const Instruction&, std::uint64_t) { return param_region(warp, 0); },
    global_region,
};

std::string describe_outside(const Warp& warp, Space space, std::uint64_t address, std::uint32_t bytes) {
    std::string text = std::to_string(bytes) + " bytes at " + hex(address);
    const bool global =
        space == Space::global || space == Space::constant || (space == Space::generic && address >= kGlobalStart);
    if (!global) {
        return text + " are outside the memory of this block or thread";
    }
    const Allocation* const allocation = warp.worker->memory->below(address);
    if (allocation == nullptr) {
        return text + " are in no allocation";
    }
    const std::uint64_t offset = address - allocation->address;
    if (allocation->freed() && offset < allocation->bytes) {
        return text + " are in an allocation of " + std::to_string(allocation->bytes) + " bytes that was freed";
    }
    return text + " are " + std::to_string(offset) + " bytes into an allocation of " +
           std::to_string(allocation->bytes) + " bytes";
}

constexpr std::string_view kUses[] = {"reading ", "writing ", "updating "};

// One lane after another, when not all lie in one region.
std::uint32_t resolve_singly(Warp& warp, const Instruction& instruction, std::uint32_t lanes, Space space, Use use,
                             std::uint32_t bytes, Access& access) {
    std::uint32_t good = 0;
    std::fill_n(access.host, kLanes, const_cast<std::byte*>(kZeros));
    for_each_lane(lanes, [&](unsigned lane) {
        const std::uint64_t address = access.address[lane];
        const Region region = find_region(warp, instruction, space, address);
        const std::string use_text(kUses[static_cast<std::size_t>(use)]);
        if (!holds(region, address, bytes)) {
            if (!reported(warp, instruction, FindingKind::out_of_bounds)) {
                report(warp, instruction, lane, FindingKind::out_of_bounds, address,
                       use_text + describe_outside(warp, space, address, bytes));
            }
        } else if (use != Use::read && !region.writable) {
            report(warp, instruction, lane, FindingKind::out_of_bounds, address, use_text + "read-only memory");
        } else if ((address & (bytes - 1)) != 0) {
            report(warp, instruction, lane, FindingKind::misaligned, address,
                   use_text + std::to_string(bytes) + " bytes at " + hex(address) + ", which is no multiple of it,");
        } else {
            good |= 1U << lane;
            access.host[lane] = region.host + (address - region.first) + lane * region.lane_stride;
        }
    });
    return good;
}

}  // namespace

Region find_region(Warp& warp, const Instruction& instruction, Space space, std::uint64_t address) {
    return kRegions[static_cast<std::size_t>(space)](warp, instruction, address);
}

std::uint32_t resolve_addresses(Warp& warp, const Instruction& instruction, std::uint32_t lanes, Space space, Use use,
                                std::uint32_t bytes, Access& access) {
    const Region& region = access.region = find_region(warp, instruction, space, access.address[first_lane(lanes)]);
    access.space = space;
    if (lanes != kAllLanes) {
        fill_idle(access.address, lanes);
    }
    access.one_region = region.last - region.first >= bytes && fits(access.address, region, bytes, access.host) &&
                        (region.writable || use == Use::read);
    if (!access.one_region) {
        lanes = resolve_singly(warp, instruction, lanes, space, use, bytes, access);
    }
    count_traffic(warp, instruction, lanes, access, bytes, use);
    return lanes;
}

std::uint32_t resolve(Warp& warp, const Instruction& instruction, std::uint32_t lanes, Use use, Access& access) {
    const Target target = Target::of(instruction.aux);
    const std::uint64_t offset = static_cast<std::uint64_t>(instruction.offset);
    if (target.wide) {
        add_offset_64(warp.source<std::uint64_t>(instruction.a), offset, access.address);
    } else {
        add_offset_32(warp.source<std::uint32_t>(instruction.a), offset, access.address);
    }
    return resolve_addresses(warp, instruction, lanes, target.space, use, instruction.bytes, access);
}

}  // namespace warpsmith::emulator
