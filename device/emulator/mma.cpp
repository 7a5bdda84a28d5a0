// mma.sync: D = A B + C on the fragments of a warp.
//
// Products are exact and are added up in double precision, k ascending, the accumulator last; the sum is rounded once.
// So are those of an H200 in f64, of halves, and of fp8. For its sums of f16, bf16 and tf32 in f32 it cuts every term
// off below 2^-25 of the largest one's exponent, that of a product being the sum of its factors', and rounds towards
// zero: bits of the last place may differ.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "device/emulator/integer_types.hpp"
#include "device/emulator/mma_fragments.hpp"
#include "device/emulator/mma_row.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/small_floats.hpp"
#include "device/emulator/wgmma.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using namespace mma;
using syntax::Operand;

// The eight columns of a row, side by side in the processor's vectors.
template <class Number>
using Row __attribute__((vector_size(kN * sizeof(Number)))) = Number;

// Slots from `extra` on: D, A, B, C. `aux` says whether an integer result clamps.
template <class A, class B, class Accumulator, u32 K>
WARPSMITH_VECTORISED void multiply(Warp& warp, const Instruction& instruction) {
    using Number = typename A::Number;
    using Sum = typename Accumulator::Number;
    constexpr u32 tiles_a = K / kPerTile<A> * 2, tiles_b = K / kPerTile<B>;
    const Slot* const slots_d = warp.program->slots.data() + instruction.extra;
    const Slot* const slots_a = slots_d + Accumulator::registers;
    alignas(64) Number a[kM][K], columns[kN][K];
    alignas(64) Sum c[kM][kN], d[kM][kN];
    unpack_tiles<A, K, 2>(warp, slots_a, a);
    unpack_tiles<B, K, 1>(warp, slots_a + tiles_a, columns);
    Accumulator::read(warp, slots_a + tiles_a + tiles_b, c);
    Row<Number> b[K];
    for (u32 k = 0; k < K; ++k) {
        for (u32 n = 0; n < kN; ++n) {
            b[k][n] = columns[n][k];
        }
    }
    for (u32 m = 0; m < kM; ++m) {
        Row<Number> sum = {};
        for (u32 k = 0; k < K; ++k) {
            sum += a[m][k] * b[k];
        }
        for (u32 n = 0; n < kN; ++n) {
            d[m][n] = c[m][n] + sum[n];
        }
    }
    Accumulator::write(warp, slots_d, d, instruction.aux != 0);
}

template <class A, class B, class Accumulator, u32 K>
void run(Warp& warp, const Instruction& instruction, u32) {
    if (converged(warp, warp.live, false)) {
        multiply<A, B, Accumulator, K>(warp, instruction);
        warp.advance();
    }
}

// Double precision: fused, k ascending from the accumulator. Registers of A are tiles of 8 x 4, down the rows first.
template <u32 M, u32 K>
void run_double(Warp& warp, const Instruction& instruction, u32) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    constexpr u32 tiles = M / 8, results = 2 * tiles;
    const Slot* const slots = warp.program->slots.data() + instruction.extra;
    const Slot *const slots_a = slots + results, *const slots_b = slots_a + tiles * K / 4;
    double result[results][kLanes];
    for (u32 i = 0; i < results; ++i) {
        std::memcpy(result[i], warp.source<double>(slots_b[K / 4 + i]), sizeof(result[i]));
        for (u32 k = 0; k < K; ++k) {
            const double* const a = warp.source<double>(slots_a[k / 4 * tiles + i / 2]);
            const double* const b = warp.source<double>(slots_b[k / 4]);
            for (u32 lane = 0; lane < kLanes; ++lane) {
                const u32 row = lane / 4, column = lane % 4 * 2 + i % 2;
                result[i][lane] = std::fma(a[row * 4 + k % 4], b[column * 4 + k % 4], result[i][lane]);
            }
        }
    }
    for (u32 i = 0; i < results; ++i) {
        std::memcpy(warp.target<double>(slots[i]), result[i], sizeof(result[i]));
    }
    warp.advance();
}

template <class A, class B, class Accumulator, u32 K>
constexpr MmaRow row(std::string_view shape, Type d, Type a, Type b) {
    return {shape, d,           a,
            b,     d,           {Accumulator::registers, K / kPerTile<A> * 2, K / kPerTile<B>, Accumulator::registers},
            32,    kM * kN * K, run<A, B, Accumulator, K>};
}

template <u32 M, u32 K>
constexpr MmaRow double_row(std::string_view shape) {
    constexpr u32 tiles = M / 8;
    return {shape, Type::f64,  Type::f64,       Type::f64, Type::f64, {2 * tiles, tiles * K / 4, K / 4, 2 * tiles},
            64,    M * kN * K, run_double<M, K>};
}

using F16 = HalfElement<Float16>;
using Bf16 = HalfElement<BFloat16>;
using E4m3 = HalfElement<FloatE4M3>;
using E5m2 = HalfElement<FloatE5M2>;
using S8 = IntegerElement<s8>;
using U8 = IntegerElement<u8>;

constexpr MmaRow kMmaRows[] = {
    row<F16, F16, FloatAccumulator, 16>("m16n8k16", Type::f32, Type::f16, Type::f16),
    row<F16, F16, FloatAccumulator, 8>("m16n8k8", Type::f32, Type::f16, Type::f16),
    row<F16, F16, HalfAccumulator, 16>("m16n8k16", Type::f16, Type::f16, Type::f16),
    row<F16, F16, HalfAccumulator, 8>("m16n8k8", Type::f16, Type::f16, Type::f16),
    row<Bf16, Bf16, FloatAccumulator, 16>("m16n8k16", Type::f32, Type::bf16, Type::bf16),
    row<Bf16, Bf16, FloatAccumulator, 8>("m16n8k8", Type::f32, Type::bf16, Type::bf16),
    row<Tf32Element, Tf32Element, FloatAccumulator, 8>("m16n8k8", Type::f32, Type::tf32, Type::tf32),
    row<Tf32Element, Tf32Element, FloatAccumulator, 4>("m16n8k4", Type::f32, Type::tf32, Type::tf32),
    row<E4m3, E4m3, FloatAccumulator, 32>("m16n8k32", Type::f32, Type::e4m3, Type::e4m3),
    row<E4m3, E5m2, FloatAccumulator, 32>("m16n8k32", Type::f32, Type::e4m3, Type::e5m2),
    row<E5m2, E4m3, FloatAccumulator, 32>("m16n8k32", Type::f32, Type::e5m2, Type::e4m3),
    row<E5m2, E5m2, FloatAccumulator, 32>("m16n8k32", Type::f32, Type::e5m2, Type::e5m2),
    row<E4m3, E4m3, FloatAccumulator, 16>("m16n8k16", Type::f32, Type::e4m3, Type::e4m3),
    row<E5m2, E5m2, FloatAccumulator, 16>("m16n8k16", Type::f32, Type::e5m2, Type::e5m2),
    row<S8, S8, IntegerAccumulator, 32>("m16n8k32", Type::s32, Type::s8, Type::s8),
    row<S8, U8, IntegerAccumulator, 32>("m16n8k32", Type::s32, Type::s8, Type::u8),
    row<U8, S8, IntegerAccumulator, 32>("m16n8k32", Type::s32, Type::u8, Type::s8),
    row<U8, U8, IntegerAccumulator, 32>("m16n8k32", Type::s32, Type::u8, Type::u8),
    row<S8, S8, IntegerAccumulator, 16>("m16n8k16", Type::s32, Type::s8, Type::s8),
    row<S8, U8, IntegerAccumulator, 16>("m16n8k16", Type::s32, Type::s8, Type::u8),
    row<U8, S8, IntegerAccumulator, 16>("m16n8k16", Type::s32, Type::u8, Type::s8),
    row<U8, U8, IntegerAccumulator, 16>("m16n8k16", Type::s32, Type::u8, Type::u8),
    double_row<8, 4>("m8n8k4"),
    double_row<16, 4>("m16n8k4"),
    double_row<16, 8>("m16n8k8"),
    double_row<16, 16>("m16n8k16"),
};

bool fits(const MmaRow& row, std::string_view shape, const std::array<Type, 4>& types) {
    return row.shape == shape && std::array{row.d, row.a, row.b, row.c} == types;
}

const MmaRow& take_row(Modifiers& modifiers) {
    for (const std::string_view word : {"sync", "aligned", "row", "col", "kind::f8f6f4"}) {
        modifiers.take(word);
    }
    constexpr std::string_view kBitOperations[] = {"xor", "and", ""};
    const std::string_view operation = kBitOperations[modifiers.take_one_of(std::span(kBitOperations).first(2))];
    const std::string text = modifiers.text();
    if (text.empty() || modifiers.take("popc") == operation.empty()) {
        throw Unsupported{text.empty() ? "no shape where one belongs" : "counts of bits without .xor or .and"};
    }
    const std::string shape = text.substr(1, text.find('.', 1) - 1);
    modifiers.take(shape);
    std::array<Type, 4> types;  // D, A, B, C
    std::generate(types.begin(), types.end(), [&] { return modifiers.take_type(); });
    for (const std::span<const MmaRow> rows : {std::span<const MmaRow>(kMmaRows), narrow_mma_rows()}) {
        for (const MmaRow& row : rows) {
            if (fits(row, shape, types) && row.bit_operation == operation) {
                return row;
            }
        }
    }
    throw Unsupported{"this shape and these types"};
}

void translate_mma(Assembly& assembly) {
    const bool clamps = assembly.modifiers().take("satfinite");
    const MmaRow& row = take_row(assembly.modifiers());
    assembly.expect_operands(4);
    const u32 list = static_cast<u32>(assembly.program().slots.size());
    for (std::size_t i = 0; i < 4; ++i) {
        const Operand& operand = assembly.operand(i);
        const std::span<const Operand> parts =
            operand.kind == Operand::Kind::vector ? std::span<const Operand>(operand.parts) : std::span(&operand, 1);
        if (parts.size() != row.registers[i]) {
            throw Unsupported{"another number of registers"};
        }
        i == 0 ? assembly.write_list(parts, row.bits) : assembly.read_list(parts, row.bits);
    }
    Instruction& instruction = assembly.emit(row.run, Class::tensor);
    instruction.extra = list;
    instruction.aux = clamps ? 1 : 0;
    instruction.offset = row.macs;
    instruction.flow = Flow::control;
}

}  // namespace

std::span<const OpcodeRow> mma_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"mma", translate_mma}, {"wgmma", translate_wgmma}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
