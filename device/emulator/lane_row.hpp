// Rows of the instruction table for operations that each lane does on its own registers.
#pragma once

#include <cstdint>
#include <string_view>

#include "device/emulator/assembly.hpp"
#include "device/emulator/lanes.hpp"

namespace warpsmith::emulator {

// An opcode with all its modifiers, the widths of its operands, and what executes it.
struct LaneRow {
    std::string_view opcode;
    Handler run = nullptr;
    Class count_as = Class::integer;
    std::uint8_t sources = 0;
    std::uint8_t dst_bits = 0;
    std::uint8_t bits[4] = {0, 0, 0, 0};
};

template <class T>
constexpr std::uint8_t kBitsOf = static_cast<std::uint8_t>(8 * sizeof(T));

template <class Op, class D, class A>
constexpr LaneRow lane_row(std::string_view opcode, Class count_as = Class::integer) {
    return {opcode, map_one<Op, D, A>, count_as, 1, kBitsOf<D>, {kBitsOf<A>}};
}
template <class Op, class D, class A, class B>
constexpr LaneRow lane_row(std::string_view opcode, Class count_as = Class::integer) {
    return {opcode, map_two<Op, D, A, B>, count_as, 2, kBitsOf<D>, {kBitsOf<A>, kBitsOf<B>}};
}
template <class Op, class D, class A, class B, class C>
constexpr LaneRow lane_row(std::string_view opcode, Class count_as = Class::integer) {
    return {opcode, map_three<Op, D, A, B, C>, count_as, 3, kBitsOf<D>, {kBitsOf<A>, kBitsOf<B>, kBitsOf<C>}};
}

template <class Op, class D, class A, class B, class C, class E>
constexpr LaneRow lane_row(std::string_view opcode, Class count_as = Class::integer) {
    return {
        opcode, map_four<Op, D, A, B, C, E>, count_as, 4, kBitsOf<D>, {kBitsOf<A>, kBitsOf<B>, kBitsOf<C>, kBitsOf<E>}};
}

// Operands that are all of one type.
template <class Op, class T>
constexpr LaneRow same_one(std::string_view opcode, Class count_as = Class::integer) {
    return lane_row<Op, T, T>(opcode, count_as);
}
template <class Op, class T>
constexpr LaneRow same_two(std::string_view opcode, Class count_as = Class::integer) {
    return lane_row<Op, T, T, T>(opcode, count_as);
}
template <class Op, class T>
constexpr LaneRow same_three(std::string_view opcode, Class count_as = Class::integer) {
    return lane_row<Op, T, T, T, T>(opcode, count_as);
}

// Adds the instruction of a row: destination, then sources.
void emit_lane_row(Assembly& assembly, const LaneRow& row);

}  // namespace warpsmith::emulator
