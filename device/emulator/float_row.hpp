// Rows of the instruction table for floating-point arithmetic, whose opcodes carry roundings and flags.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "device/emulator/half.hpp"
#include "device/emulator/lane_row.hpp"

namespace warpsmith::emulator {

// The modifiers of an opcode, in the order in which PTX writes them.
enum Modifier : std::uint32_t {
    kRn = 1,
    kRz = 2,
    kRm = 4,
    kRp = 8,
    kApprox = 16,
    kFull = 32,
    kFtz = 64,
    kSat = 128,
    kRelu = 256,
    kNaN = 512,
    kXorsignAbs = 1024,
    kOob = 2048,
};

struct FloatRow {
    std::string_view opcode;  // "add"
    std::uint32_t modifiers;  // some of Modifier
    std::string_view type;    // "f32"
    LaneRow row;
};

// Applies Op to each element of registers that hold two: 16-bit ones in 32 bits, or f32 in 64.
template <class E>
using PairOf = std::conditional_t<sizeof(E) == 2, std::uint32_t, std::uint64_t>;

template <class Op, class E>
[[gnu::always_inline]] inline void store_pairs(Warp& warp, const Instruction& instruction, const E* value,
                                               std::uint32_t lanes) {
    alignas(64) PairOf<E> pairs[kLanes];
    std::memcpy(pairs, value, sizeof(pairs));
    store_lanes(warp.target<PairOf<E>>(instruction.dst), pairs, lanes);
}

template <class Op, class E>
WARPSMITH_VECTORISED void map_pairs_one(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    const E* const a = warp.source<E>(instruction.a);
    alignas(64) E value[2 * kLanes];
    for (unsigned i = 0; i < 2 * kLanes; ++i) {
        value[i] = Op::apply(a[i]);
    }
    store_pairs<Op>(warp, instruction, value, lanes);
}

template <class Op, class E>
WARPSMITH_VECTORISED void map_pairs_two(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    const E* const a = warp.source<E>(instruction.a);
    const E* const b = warp.source<E>(instruction.b);
    alignas(64) E value[2 * kLanes];
    for (unsigned i = 0; i < 2 * kLanes; ++i) {
        value[i] = Op::apply(a[i], b[i]);
    }
    store_pairs<Op>(warp, instruction, value, lanes);
}

template <class Op, class E>
WARPSMITH_VECTORISED void map_pairs_three(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    const E* const a = warp.source<E>(instruction.a);
    const E* const b = warp.source<E>(instruction.b);
    const E* const c = warp.source<E>(instruction.c);
    alignas(64) E value[2 * kLanes];
    for (unsigned i = 0; i < 2 * kLanes; ++i) {
        value[i] = Op::apply(a[i], b[i], c[i]);
    }
    store_pairs<Op>(warp, instruction, value, lanes);
}

// Arrays of rows, one behind the other.
template <std::size_t... sizes>
constexpr std::array<FloatRow, (sizes + ...)> joined(const std::array<FloatRow, sizes>&... parts) {
    std::array<FloatRow, (sizes + ...)> all;
    std::size_t next = 0;
    ((std::copy(parts.begin(), parts.end(), all.begin() + next), next += sizes), ...);
    return all;
}

// Rows of an operation on E, by its number of operands; `_pairs` on two of them in one register.
template <class Op, class E>
constexpr FloatRow unary(std::string_view opcode, std::uint32_t modifiers, std::string_view type, Class count_as) {
    return {opcode, modifiers, type, {"", map_one<Op, E, E>, count_as, 1, kBitsOf<E>, {kBitsOf<E>}}};
}
template <class Op, class E>
constexpr FloatRow binary(std::string_view opcode, std::uint32_t modifiers, std::string_view type, Class count_as) {
    return {opcode, modifiers, type, {"", map_two<Op, E, E, E>, count_as, 2, kBitsOf<E>, {kBitsOf<E>, kBitsOf<E>}}};
}
template <class Op, class E>
constexpr FloatRow ternary(std::string_view opcode, std::uint32_t modifiers, std::string_view type, Class count_as) {
    constexpr std::uint8_t bits = kBitsOf<E>;
    return {opcode, modifiers, type, {"", map_three<Op, E, E, E, E>, count_as, 3, bits, {bits, bits, bits}}};
}
template <class Op, class E>
constexpr FloatRow unary_pairs(std::string_view opcode, std::uint32_t modifiers, std::string_view type,
                               Class count_as) {
    constexpr std::uint8_t bits = kBitsOf<PairOf<E>>;
    return {opcode, modifiers, type, {"", map_pairs_one<Op, E>, count_as, 1, bits, {bits}}};
}
template <class Op, class E>
constexpr FloatRow binary_pairs(std::string_view opcode, std::uint32_t modifiers, std::string_view type,
                                Class count_as) {
    constexpr std::uint8_t bits = kBitsOf<PairOf<E>>;
    return {opcode, modifiers, type, {"", map_pairs_two<Op, E>, count_as, 2, bits, {bits, bits}}};
}
template <class Op, class E>
constexpr FloatRow ternary_pairs(std::string_view opcode, std::uint32_t modifiers, std::string_view type,
                                 Class count_as) {
    constexpr std::uint8_t bits = kBitsOf<PairOf<E>>;
    return {opcode, modifiers, type, {"", map_pairs_three<Op, E>, count_as, 3, bits, {bits, bits, bits}}};
}

}  // namespace warpsmith::emulator
