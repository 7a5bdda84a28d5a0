// Warp matrix products: mma.sync.
//
// All shapes m16n8kK lie in registers by one rule. A 32-bit register holds P neighbours along k. Lane l, r = l / 4,
// q = l % 4: register i of A has row r + 8 * (i % 2) and columns P * q + 4 * P * (i / 2) on; register i of B has column
// r and rows P * q + 4 * P * i on; accumulators 0 to 3 are (r, 2 q), (r, 2 q + 1), (r + 8, 2 q), (r + 8, 2 q + 1).
//
// The sum of an element starts from C and adds the products in the order of k, each by one fused multiply-add in f32,
// or exactly, wrapping around, in s32. Hardware adds them in groups with a few bits more or less.
#include <bit>
#include <cstring>
#include <type_traits>

#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/schedule.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

constexpr unsigned kRows = 16, kColumns = 8;

// Elements as they lie in a register, and what they count as in the sum.
struct HalfElement {
    using Stored = Float16;
    using Sum = float;
    WARPSMITH_INLINE Sum value(Stored x) { return widen(x); }
};
struct BFloatElement {
    using Stored = BFloat16;
    using Sum = float;
    WARPSMITH_INLINE Sum value(Stored x) { return widen(x); }
};
struct Tf32Element {  // the low 13 bits are ignored
    using Stored = u32;
    using Sum = float;
    WARPSMITH_INLINE Sum value(Stored x) { return std::bit_cast<float>(x & 0xFFFFE000U); }
};
struct SignedByteElement {
    using Stored = std::int8_t;
    using Sum = u32;
    WARPSMITH_INLINE Sum value(Stored x) { return static_cast<u32>(static_cast<std::int32_t>(x)); }
};
struct UnsignedByteElement {
    using Stored = std::uint8_t;
    using Sum = u32;
    WARPSMITH_INLINE Sum value(Stored x) { return x; }
};

template <class Sum>
WARPSMITH_INLINE Sum multiply_add(Sum a, Sum b, Sum c) {
    if constexpr (std::is_same_v<Sum, float>) {
        return __builtin_fmaf(a, b, c);
    } else {
        return a * b + c;
    }
}

// D of `registers` accumulators per lane: f32 and s32 in four, f16 in two registers of two.
template <class Sum>
void read_sums(const Warp& warp, const Slot* list, bool packed_half, Sum (&sums)[kRows][kColumns]) {
    for (unsigned i = 0; i < 4; ++i) {
        for (unsigned l = 0; l < kLanes; ++l) {
            Sum& sum = sums[l / 4 + i / 2 * 8][l % 4 * 2 + i % 2];
            if constexpr (std::is_same_v<Sum, float>) {
                sum = packed_half ? widen(warp.source<Float16>(list[i / 2])[2 * l + i % 2])
                                  : warp.source<float>(list[i])[l];
            } else {
                sum = warp.source<Sum>(list[i])[l];
            }
        }
    }
}

template <class Sum>
void write_sums(Warp& warp, const Slot* list, bool packed_half, const Sum (&sums)[kRows][kColumns]) {
    for (unsigned i = 0; i < 4; ++i) {
        for (unsigned l = 0; l < kLanes; ++l) {
            const Sum sum = sums[l / 4 + i / 2 * 8][l % 4 * 2 + i % 2];
            if constexpr (std::is_same_v<Sum, float>) {
                if (packed_half) {
                    warp.target<Float16>(list[i / 2])[2 * l + i % 2] = narrow_to_half(sum);
                    continue;
                }
            }
            warp.target<Sum>(list[i])[l] = sum;
        }
    }
}

template <class A, class B, unsigned K>
WARPSMITH_VECTORISED void accumulate(const typename A::Sum (&a)[kRows][K], const typename A::Sum (&b)[K][kColumns],
                                     typename A::Sum (&sums)[kRows][kColumns]) {
    for (unsigned row = 0; row < kRows; ++row) {
        typename A::Sum line[kColumns];
        std::memcpy(line, sums[row], sizeof(line));
        for (unsigned k = 0; k < K; ++k) {
            for (unsigned column = 0; column < kColumns; ++column) {
                line[column] = multiply_add(a[row][k], b[k][column], line[column]);
            }
        }
        std::memcpy(sums[row], line, sizeof(line));
    }
}

// Bits of Instruction::aux beside the number of multiply-adds: whether C and D are f16, two to a register.
constexpr u32 kHalfC = 1U << 30, kHalfD = 1U << 31;

template <class A, class B, unsigned K>
void multiply(Warp& warp, const Instruction& instruction, u32) {
    using Sum = typename A::Sum;
    constexpr unsigned per_register = 4 / sizeof(typename A::Stored);
    constexpr unsigned registers = K / (4 * per_register);  // of B; A has twice as many
    if (!converged(warp, kAllLanes, false)) {
        return;
    }
    const Slot* const slots = warp.program->slots.data();
    alignas(64) Sum a[kRows][K], b[K][kColumns], sums[kRows][kColumns];
    for (unsigned i = 0; i < 2 * registers; ++i) {
        const auto* const stored = warp.source<typename A::Stored>(slots[instruction.a + i]);
        for (unsigned e = 0; e < kLanes * per_register; ++e) {
            const unsigned lane = e / per_register;
            a[lane / 4 + i % 2 * 8][lane % 4 * per_register + e % per_register + i / 2 * 4 * per_register] =
                A::value(stored[e]);
        }
    }
    for (unsigned i = 0; i < registers; ++i) {
        const auto* const stored = warp.source<typename B::Stored>(slots[instruction.b + i]);
        for (unsigned e = 0; e < kLanes * per_register; ++e) {
            const unsigned lane = e / per_register;
            b[lane % 4 * per_register + e % per_register + i * 4 * per_register][lane / 4] = B::value(stored[e]);
        }
    }
    read_sums(warp, slots + instruction.c, (instruction.aux & kHalfC) != 0, sums);
    accumulate<A, B, K>(a, b, sums);
    write_sums(warp, slots + instruction.dst, (instruction.aux & kHalfD) != 0, sums);
    warp.advance();
}

struct ProductRow {
    std::string_view shape;
    Type a, b;
    Handler run;
    u32 k;
    u32 a_registers;
};

constexpr ProductRow kProducts[] = {
    {"m16n8k8", Type::f16, Type::f16, multiply<HalfElement, HalfElement, 8>, 8, 2},
    {"m16n8k16", Type::f16, Type::f16, multiply<HalfElement, HalfElement, 16>, 16, 4},
    {"m16n8k8", Type::bf16, Type::bf16, multiply<BFloatElement, BFloatElement, 8>, 8, 2},
    {"m16n8k16", Type::bf16, Type::bf16, multiply<BFloatElement, BFloatElement, 16>, 16, 4},
    {"m16n8k4", Type::tf32, Type::tf32, multiply<Tf32Element, Tf32Element, 4>, 4, 2},
    {"m16n8k8", Type::tf32, Type::tf32, multiply<Tf32Element, Tf32Element, 8>, 8, 4},
    {"m16n8k16", Type::s8, Type::s8, multiply<SignedByteElement, SignedByteElement, 16>, 16, 2},
    {"m16n8k32", Type::s8, Type::s8, multiply<SignedByteElement, SignedByteElement, 32>, 32, 4},
    {"m16n8k16", Type::s8, Type::u8, multiply<SignedByteElement, UnsignedByteElement, 16>, 16, 2},
    {"m16n8k32", Type::s8, Type::u8, multiply<SignedByteElement, UnsignedByteElement, 32>, 32, 4},
    {"m16n8k16", Type::u8, Type::s8, multiply<UnsignedByteElement, SignedByteElement, 16>, 16, 2},
    {"m16n8k32", Type::u8, Type::s8, multiply<UnsignedByteElement, SignedByteElement, 32>, 32, 4},
    {"m16n8k16", Type::u8, Type::u8, multiply<UnsignedByteElement, UnsignedByteElement, 16>, 16, 2},
    {"m16n8k32", Type::u8, Type::u8, multiply<UnsignedByteElement, UnsignedByteElement, 32>, 32, 4},
};

const ProductRow& product_of(Modifiers& modifiers, Type a, Type b) {
    for (const ProductRow& row : kProducts) {
        if (row.a == a && row.b == b && modifiers.take(row.shape)) {
            return row;
        }
    }
    throw Unsupported{"this shape of these types"};
}

// mma.sync.aligned.SHAPE.row.col.D.A.B.C {d}, {a}, {b}, {c}
void translate_mma(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool usual =
        modifiers.take("sync") && modifiers.take("aligned") && modifiers.take("row") && modifiers.take("col");
    if (!usual) {
        throw Unsupported{"other layouts than row.col"};
    }
    const Type d = modifiers.take_type(), a = modifiers.take_type(), b = modifiers.take_type(),
               c = modifiers.take_type();
    const ProductRow& row = product_of(modifiers, a, b);
    const Type sum = row.a == Type::s8 || row.a == Type::u8 ? Type::s32 : Type::f32;
    const bool half = row.a == Type::f16;
    if (!(d == sum || (half && d == Type::f16)) || !(c == sum || (half && c == Type::f16))) {
        throw Unsupported{"these accumulators"};
    }
    assembly.expect_operands(4);
    const std::size_t expected[] = {d == Type::f16 ? 2U : 4U, row.a_registers, row.a_registers / 2,
                                    c == Type::f16 ? 2U : 4U};
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t given =
            assembly.operand(i).kind == syntax::Operand::Kind::vector ? assembly.operand(i).parts.size() : 1;
        if (given != expected[i]) {
            throw Unsupported{"this number of registers"};
        }
    }
    auto parts = [&](std::size_t i) {
        const syntax::Operand& operand = assembly.operand(i);
        return operand.kind == syntax::Operand::Kind::vector ? std::span(operand.parts) : std::span(&operand, 1);
    };
    const u32 a_list = assembly.read_list(parts(1), 32), b_list = assembly.read_list(parts(2), 32);
    const u32 c_list = assembly.read_list(parts(3), 32), d_list = assembly.write_list(parts(0), 32);
    Instruction& instruction = assembly.emit(row.run, Class::tensor, d_list, a_list, b_list, c_list);
    instruction.flow = Flow::control;
    instruction.aux = kRows * kColumns * row.k | (c == Type::f16 ? kHalfC : 0) | (d == Type::f16 ? kHalfD : 0);
}

constexpr OpcodeRow kOpcodes[] = {{"mma", translate_mma}};

}  // namespace

std::span<const OpcodeRow> matrix_opcodes() {
    return kOpcodes;
}

}  // namespace warpsmith::emulator
