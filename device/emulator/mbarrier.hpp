// mbarriers: the objects in shared memory that count arrivals of threads and bytes of asynchronous copies.
//
// What lies in the 8 bytes is the emulator's own: bits 0-19 the threads that a phase expects, 20-39 those still to
// come, 40-61 the bytes still to come (plus 2^21), 62 the parity of the phase; bit 63 is never set, so that shared
// memory that nothing wrote is no mbarrier.
#pragma once

#include <cstdint>
#include <optional>

#include "device/emulator/block.hpp"

namespace warpsmith::emulator {

struct Mbarrier {
    std::uint32_t expected = 0, pending = 0;
    std::int32_t bytes = 0;
    bool odd = false;  // parity of the phase under way

    std::uint64_t packed() const;
    static std::optional<Mbarrier> of(std::uint64_t bits);  // nothing when these bits are none
};

// Carries out the bulk copies that signal the mbarrier at this offset of the block's shared memory.
void finish_bulk_copies(Block& block, std::uint64_t offset);

}  // namespace warpsmith::emulator
