// Bulk copies that a thread starts, as pieces of memory that are checked, and those out of shared memory, which are
// done as late as the thread's waits allow.
#pragma once

#include <optional>

#include "device/emulator/access.hpp"
#include "device/emulator/block.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {

// A contiguous piece of memory that one lane names.
struct Piece {
    Region region;
    std::uint64_t address = 0;
    std::byte* host() const { return region.host + (address - region.first); }
    std::uint64_t offset() const { return address - region.first; }
};

// The lane that copies, and the instruction that made it do so.
struct Copier {
    Warp& warp;
    const Instruction& instruction;
    unsigned lane = 0;
    std::uint32_t pc() const { return static_cast<std::uint32_t>(&instruction - warp.program->code.data()); }
    void report(FindingKind kind, std::uint64_t address, const std::string& message) const {
        emulator::report(warp, instruction, lane, kind, address, message);
    }
};

// Nothing, and a finding, when not all of it is there and aligned.
std::optional<Piece> find_piece(const Copier& copier, Space space, std::uint64_t address, std::uint64_t bytes,
                                std::uint64_t alignment);

// The offset of the mbarrier at `address` in the memory of the block that `target` is in. Nothing, and a finding, when
// it is not there.
std::optional<std::uint64_t> find_barrier(const Copier& copier, const Piece& target, std::uint64_t address);

// Tells the checks, and the profile, of all bytes.
using CheckPiece = void (*)(Warp&, const Instruction&, std::uint32_t lanes, const Access&, std::uint32_t bytes);
void check_piece(const Copier& copier, const Piece& piece, std::uint64_t bytes, CheckPiece check);

// The checks of the source are made, the copy is begun: from here on whoever writes to its source is in a race with it,
// until it has been waited for.
void start_copy_out(const Copier& copier, const Piece& source, OutgoingCopy copy);

// Carries out those of the lanes that are older than their `kept` newest commit groups; or, `only_read`, just reads
// their sources.
void finish_copies_out(Warp& warp, std::uint32_t lanes, std::uint32_t kept, bool only_read);

// Of all threads of a block that ends.
void finish_copies_out(Block& block);

}  // namespace warpsmith::emulator
