// The instruction table, in parts: one per file of instructions.
#pragma once

#include <span>

#include "device/emulator/assembly.hpp"
#include "device/emulator/float_row.hpp"
#include "device/emulator/lane_row.hpp"

namespace warpsmith::emulator {

// Operations that each lane does on its own, by whole opcode.
std::span<const LaneRow> integer_rows();
std::span<const LaneRow> dot_product_rows();
std::span<const LaneRow> bit_rows();
std::span<const LaneRow> pack_rows();

// Floating-point arithmetic, by opcode, modifiers and type.
std::span<const FloatRow> float32_rows();
std::span<const FloatRow> float64_rows();
std::span<const FloatRow> half_rows();
std::span<const FloatRow> special_rows();

// All others, by the opcode's first word.
std::span<const OpcodeRow> move_opcodes();
std::span<const OpcodeRow> compare_opcodes();
std::span<const OpcodeRow> set_opcodes();
std::span<const OpcodeRow> logic_opcodes();
std::span<const OpcodeRow> carry_opcodes();
std::span<const OpcodeRow> convert_opcodes();
std::span<const OpcodeRow> memory_opcodes();
std::span<const OpcodeRow> address_opcodes();
std::span<const OpcodeRow> atomic_opcodes();
std::span<const OpcodeRow> copy_opcodes();
std::span<const OpcodeRow> tensor_map_opcodes();
std::span<const OpcodeRow> control_opcodes();
std::span<const OpcodeRow> barrier_opcodes();
std::span<const OpcodeRow> mbarrier_opcodes();
std::span<const OpcodeRow> wmma_opcodes();
std::span<const OpcodeRow> collective_opcodes();  // shfl vote match activemask elect
std::span<const OpcodeRow> redux_opcodes();
std::span<const OpcodeRow> matrix_move_opcodes();
std::span<const OpcodeRow> mma_opcodes();

// add.cc, sub.cc and mad.cc share their first word with instructions of other parts. Whether this was one.
bool translate_carry_out(Assembly& assembly);

// st.async, which signals an mbarrier. Whether this was one.
bool translate_store_async(Assembly& assembly);

// cvt to or from registers of two values. Whether this was one.
bool translate_packed_conversion(Assembly& assembly);

}  // namespace warpsmith::emulator
