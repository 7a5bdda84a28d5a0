// The modifiers that memory instructions share, and the address operand.
#pragma once

#include "device/emulator/access.hpp"
#include "device/emulator/assembly.hpp"

namespace warpsmith::emulator {

struct MemoryModifiers {
    Space space = Space::generic;
    bool ordered = false;  // volatile, relaxed, acquire or release: other threads may be watching
    bool acquires = false, releases = false;
    bool wide_scope = false;  // .gpu, .sys or .cluster: beyond the block
};

// As Instruction::order.
std::uint8_t order_of(const MemoryModifiers& modifiers);

// Takes state space, ordering, scope, and cache and eviction hints, which change nothing here.
MemoryModifiers take_memory_modifiers(Modifiers& modifiers);

// Adds an instruction that accesses [base + offset]: sets `a`, `offset` and `aux`.
Instruction& emit_access(Assembly& assembly, Handler run, Class count_as, const syntax::Operand& address, Space space,
                         std::uint32_t elements = 1);

// The slot of 64-bit addresses [base + offset], whatever the width of the base.
Slot read_address(Assembly& assembly, const syntax::Operand& address);

}  // namespace warpsmith::emulator
