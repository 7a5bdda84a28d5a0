// From the addresses of a warp's lanes to bytes of the host, with every lane's bounds and alignment checked.
#pragma once

#include <cstddef>
#include <cstdint>

#include "device/emulator/warp.hpp"

namespace warpsmith::emulator {

struct Allocation;

enum class Space : std::uint8_t { generic, global, shared, cluster, local, param, constant };

enum class Use : std::uint8_t { read, write, atomic };

// A contiguous piece of memory that lanes may use.
struct Region {
    std::uint64_t first = 0, last = 0;  // [first, last): addresses
    std::byte* host = nullptr;          // of the byte at `first`
    std::uint64_t lane_stride = 0;      // local memory: between the bytes of neighbouring lanes
    Allocation* allocation = nullptr;   // global memory
    Block* owner = nullptr;             // shared memory
    bool writable = true;
};

struct Access {
    std::uint64_t address[kLanes];
    std::byte* host[kLanes];  // valid in every lane, also those that do not take part
    Space space = Space::generic;
    bool one_region = false;  // all lanes are in `region`
    Region region;
};

// What an instruction accesses, packed into Instruction::aux together with its number of vector elements.
struct Target {
    Space space = Space::generic;
    bool wide = true;  // 64-bit addresses
    std::uint32_t elements = 1;

    constexpr std::uint32_t packed() const {
        return static_cast<std::uint32_t>(space) | (wide ? 1U << 8 : 0U) | elements << 16;
    }
    static constexpr Target of(std::uint32_t aux) {
        return {static_cast<Space>(aux & 0xFF), (aux >> 8 & 1) != 0, aux >> 16};
    }
};

// Fills `access` for the instruction, whose `a` is the base address, `offset` and `bytes` say the rest. Returns the
// lanes that may go on; defects of the others are reported, and their host bytes are a scratch place that reads as
// zero.
std::uint32_t resolve(Warp& warp, const Instruction& instruction, std::uint32_t lanes, Use use, Access& access);

// The memory that an address of a space is in, or would have to be in.
Region find_region(Warp& warp, const Instruction& instruction, Space space, std::uint64_t address);

// As resolve, for addresses that are there already.
std::uint32_t resolve_addresses(Warp& warp, const Instruction& instruction, std::uint32_t lanes, Space space, Use use,
                                std::uint32_t bytes, Access& access);

}  // namespace warpsmith::emulator
