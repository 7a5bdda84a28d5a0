// wmma.mma: D = A B + C of matrices in registers as wmma.cpp lays them out.
#include "device/emulator/wmma_product.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "device/emulator/dot_word.hpp"
#include "device/emulator/half.hpp"
#include "device/emulator/rounding.hpp"
#include "device/emulator/schedule.hpp"

namespace warpsmith::emulator {

using namespace short_names;
using syntax::Operand;

namespace {

constexpr Type kNone = Type::pred;
constexpr std::array<Type, 4> kHalvesAndBytes = {Type::f16, Type::bf16, Type::s8, Type::u8};
constexpr std::array<Type, 3> kTheirSums = {Type::f32, Type::f16, Type::s32};
constexpr std::array<Type, 3> kIntegerSums = {Type::s32, kNone, kNone};

constexpr WmmaShape kShapes[] = {
    {"m16n16k16", 16, 16, 16, kHalvesAndBytes, kTheirSums},
    {"m32n8k16", 32, 8, 16, kHalvesAndBytes, kTheirSums},
    {"m8n32k16", 8, 32, 16, kHalvesAndBytes, kTheirSums},
    {"m16n16k8", 16, 16, 8, {Type::tf32, kNone, kNone, kNone}, {Type::f32, kNone, kNone}},
    {"m8n8k4", 8, 8, 4, {Type::f64, kNone, kNone, kNone}, {Type::f64, kNone, kNone}},
    {"m8n8k32", 8, 8, 32, {Type::s4, Type::u4, kNone, kNone}, kIntegerSums},
    {"m8n8k128", 8, 8, 128, {Type::b1, kNone, kNone, kNone}, kIntegerSums},
};

// Packed into Instruction::aux.
struct Product {
    u32 m = 16, n = 16, k = 16;
    Type inputs = Type::f16, c = Type::f32, d = Type::f32;
    bool clamps = false;

    // C and D: of halves or of 32 bits; other types follow from the inputs.
    u32 packed() const {
        return m | n << 6 | k << 12 | static_cast<u32>(inputs) << 20 | (c == Type::f16 ? 1U : 0U) << 28 |
               (d == Type::f16 ? 1U : 0U) << 29 | (clamps ? 1U : 0U) << 30;
    }
    static Product of(u32 bits) {
        return {bits & 63,
                bits >> 6 & 63,
                bits >> 12 & 255,
                static_cast<Type>(bits >> 20 & 255),
                (bits >> 28 & 1) != 0 ? Type::f16 : Type::f32,
                (bits >> 29 & 1) != 0 ? Type::f16 : Type::f32,
                (bits >> 30 & 1) != 0};
    }
    unsigned register_bits() const { return inputs == Type::f64 ? 64 : 32; }
    // Halves are kept twice.
    u32 input_registers(u32 elements) const {
        return inputs == Type::f16 ? 8 : elements * traits(inputs).bits / register_bits() / kLanes;
    }
    u32 sum_registers(Type type) const { return m * n / (type == Type::f16 ? 64 : 32); }
};

// The lists of an instruction's registers.
struct Lists {
    const Slot *d, *a, *b, *c;
    Lists(const Warp& warp, const Instruction& instruction, const Product& how)
        : d(warp.program->slots.data() + instruction.extra),
          a(d + how.sum_registers(how.d)),
          b(a + how.input_registers(how.m * how.k)),
          c(b + how.input_registers(how.k * how.n)) {}
};

double element(const Warp& warp, const Slot* slots, u32 per_lane, u32 index, Type type) {
    const u32 lane = index / per_lane, i = index % per_lane;
    if (type == Type::f64) {
        return warp.source<double>(slots[i])[lane];
    }
    if (type == Type::tf32) {
        return static_cast<double>(std::bit_cast<float>(warp.source<u32>(slots[i])[lane] & 0xFFFFE000));
    }
    if (type == Type::f32) {
        return static_cast<double>(warp.source<float>(slots[i])[lane]);
    }
    const u16 bits = warp.source<u16>(slots[i / 2])[2 * lane + i % 2];
    return static_cast<double>(type == Type::f16 ? widen(Float16{bits}) : widen(BFloat16{bits}));
}

void multiply_floats(Warp& warp, const Instruction& instruction, u32) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    const Product how = Product::of(instruction.aux);
    const Lists lists(warp, instruction, how);
    std::vector<double> sums(std::size_t{how.m} * how.n);
    const u32 per_lane = how.m * how.n / kLanes;
    for (u32 i = 0; i < how.m * how.n; ++i) {
        for (u32 k = 0; k < how.k; ++k) {
            sums[i] += element(warp, lists.a, how.m * how.k / kLanes, i / how.n * how.k + k, how.inputs) *
                       element(warp, lists.b, how.k * how.n / kLanes, k * how.n + i % how.n, how.inputs);
        }
        sums[i] += element(warp, lists.c, per_lane, i, how.c);
    }
    for (u32 i = 0; i < how.m * how.n; ++i) {
        const u32 lane = i / per_lane, r = i % per_lane;
        if (how.d == Type::f32) {
            warp.target<float>(lists.d[r])[lane] = canonical(static_cast<float>(sums[i]));
        } else {
            warp.target<u16>(lists.d[r / 2])[2 * lane + r % 2] = narrow_to_half(narrow_to_odd(sums[i])).bits;
        }
    }
    warp.advance();
}

// Fused, k ascending from the accumulator, as mma.sync.
void multiply_doubles(Warp& warp, const Instruction& instruction, u32) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    const Product how = Product::of(instruction.aux);
    const Lists lists(warp, instruction, how);
    const u32 per_lane = how.m * how.n / kLanes;
    std::vector<double> sums(std::size_t{how.m} * how.n);
    for (u32 i = 0; i < how.m * how.n; ++i) {
        sums[i] = element(warp, lists.c, per_lane, i, Type::f64);
        for (u32 k = 0; k < how.k; ++k) {
            const double a = element(warp, lists.a, how.m * how.k / kLanes, i / how.n * how.k + k, Type::f64);
            const double b = element(warp, lists.b, how.k * how.n / kLanes, k * how.n + i % how.n, Type::f64);
            sums[i] = std::fma(a, b, sums[i]);
        }
    }
    for (u32 i = 0; i < how.m * how.n; ++i) {
        warp.target<double>(lists.d[i % per_lane])[i / per_lane] = sums[i];
    }
    warp.advance();
}

void write_sums(Warp& warp, const Lists& lists, const Product& how, const std::vector<s64>& sums) {
    const u32 per_lane = how.m * how.n / kLanes;
    for (u32 i = 0; i < how.m * how.n; ++i) {
        warp.target<s32>(lists.d[i % per_lane])[i / per_lane] = narrow_sum(sums[i], how.clamps);
    }
}

s64 accumulator(const Warp& warp, const Lists& lists, const Product& how, u32 i) {
    const u32 per_lane = how.m * how.n / kLanes;
    return warp.source<s32>(lists.c[i % per_lane])[i / per_lane];
}

template <class Byte>
void multiply_bytes(Warp& warp, const Instruction& instruction, u32) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    const Product how = Product::of(instruction.aux);
    const Lists lists(warp, instruction, how);
    const auto at = [&](const Slot* slots, u32 elements, u32 index) {
        const u32 per_lane = elements / kLanes, lane = index / per_lane, i = index % per_lane;
        return s32{warp.source<Byte>(slots[i / 4])[4 * lane + i % 4]};
    };
    std::vector<s64> sums(std::size_t{how.m} * how.n);
    for (u32 i = 0; i < how.m * how.n; ++i) {
        sums[i] = accumulator(warp, lists, how, i);
        for (u32 k = 0; k < how.k; ++k) {
            sums[i] +=
                at(lists.a, how.m * how.k, i / how.n * how.k + k) * at(lists.b, how.k * how.n, k * how.n + i % how.n);
        }
    }
    write_sums(warp, lists, how, sums);
    warp.advance();
}

// A is 8 rows of four words, B four rows of eight words, a word in each lane.
template <class Dot>
void multiply_words(Warp& warp, const Instruction& instruction, u32) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    constexpr u32 words = 4;
    const Product how = Product::of(instruction.aux);
    const Lists lists(warp, instruction, how);
    const u32 *const a = warp.source<u32>(lists.a[0]), *const b = warp.source<u32>(lists.b[0]);
    std::vector<s64> sums(std::size_t{how.m} * how.n);
    for (u32 i = 0; i < how.m * how.n; ++i) {
        sums[i] = accumulator(warp, lists, how, i);
        for (u32 word = 0; word < words; ++word) {
            sums[i] += Dot::apply(a[i / how.n * words + word], b[word * how.n + i % how.n]);
        }
    }
    write_sums(warp, lists, how, sums);
    warp.advance();
}

struct ProductRow {
    Type inputs;
    Handler run;
    std::string_view bit_operation = {};
};
constexpr ProductRow kProducts[] = {
    {Type::f16, multiply_floats},
    {Type::bf16, multiply_floats},
    {Type::tf32, multiply_floats},
    {Type::f64, multiply_doubles},
    {Type::s8, multiply_bytes<s8>},
    {Type::u8, multiply_bytes<u8>},
    {Type::s4, multiply_words<ProductsOf<4, true, true>>},
    {Type::u4, multiply_words<ProductsOf<4, false, false>>},
    {Type::b1, multiply_words<CountOfXor>, "xor"},
    {Type::b1, multiply_words<CountOfAnd>, "and"},
};

// The types of D and C where A and B are f16, else those of D, A, B, C.
Product take_product(Modifiers& modifiers) {
    while (modifiers.take("row") || modifiers.take("col")) {
    }
    const WmmaShape& shape = take_wmma_shape(modifiers);
    const Type first = modifiers.take_type(), second = modifiers.take_type();
    Product how{.m = shape.m, .n = shape.n, .k = shape.k, .inputs = Type::f16, .c = second, .d = first};
    if (modifiers.has_type()) {
        how.inputs = second;
        const Type third = modifiers.take_type();
        how.c = modifiers.take_type();
        if (third != second) {
            throw Unsupported{"these types"};
        }
    }
    const bool halves = how.inputs == Type::f16;
    if (!shape.has_input(how.inputs) || !shape.has_sum(how.c) || !shape.has_sum(how.d) ||
        (!halves && (how.c != how.d || how.c == Type::f16)) || is_integer(how.c) != (traits(how.inputs).bits < 16) ||
        is_integer(how.d) != is_integer(how.c)) {
        throw Unsupported{"these types"};
    }
    how.clamps = is_integer(how.inputs) && modifiers.take("satfinite");
    return how;
}

Handler take_handler(Modifiers& modifiers, Type inputs) {
    for (const ProductRow& row : kProducts) {
        if (row.inputs == inputs && (row.bit_operation.empty() || modifiers.take(row.bit_operation))) {
            return row.run;
        }
    }
    throw Unsupported{"these types"};
}

}  // namespace

bool WmmaShape::has_input(Type type) const {
    return type != kNone && std::find(inputs.begin(), inputs.end(), type) != inputs.end();
}

bool WmmaShape::has_sum(Type type) const {
    return type != kNone && std::find(sums.begin(), sums.end(), type) != sums.end();
}

const WmmaShape& take_wmma_shape(Modifiers& modifiers) {
    for (const WmmaShape& row : kShapes) {
        if (modifiers.take(row.word)) {
            return row;
        }
    }
    throw Unsupported{"this shape"};
}

u32 wmma_list(Assembly& assembly, std::size_t index, std::size_t registers, unsigned bits, bool written) {
    const Operand& operand = assembly.operand(index);
    const std::span<const Operand> parts =
        operand.kind == Operand::Kind::vector ? std::span<const Operand>(operand.parts) : std::span(&operand, 1);
    if (parts.size() != registers) {
        throw Unsupported{"another number of registers"};
    }
    return written ? assembly.write_list(parts, bits) : assembly.read_list(parts, bits);
}

void translate_wmma_product(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool counts = modifiers.take("popc");
    const Product how = take_product(modifiers);
    if (counts != (how.inputs == Type::b1) ||
        (how.inputs == Type::f64 && !modifiers.take("rn") && !modifiers.empty())) {
        throw Unsupported{"'" + modifiers.text() + "' here"};
    }
    const Handler run = take_handler(modifiers, how.inputs);
    assembly.expect_operands(4);
    const unsigned bits = how.register_bits();
    const u32 list = wmma_list(assembly, 0, how.sum_registers(how.d), bits, true);
    wmma_list(assembly, 1, how.input_registers(how.m * how.k), bits, false);
    wmma_list(assembly, 2, how.input_registers(how.k * how.n), bits, false);
    wmma_list(assembly, 3, how.sum_registers(how.c), bits, false);
    Instruction& instruction = assembly.emit(run, Class::tensor);
    instruction.extra = list;
    instruction.aux = how.packed();
    instruction.offset = s64{how.m} * how.n * how.k;
    instruction.flow = Flow::control;
}

}  // namespace warpsmith::emulator
