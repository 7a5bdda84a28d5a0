// Comparisons: setp, and what set shares with it.
#include <cmath>
#include <type_traits>

#include "device/emulator/comparison.hpp"
#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

// What is compared: integers and floats as they are, halves as floats.
template <class T>
WARPSMITH_INLINE T value_of(T a) {
    return a;
}
WARPSMITH_INLINE float value_of(Float16 a) {
    return widen(a);
}
WARPSMITH_INLINE float value_of(BFloat16 a) {
    return widen(a);
}

template <class T>
WARPSMITH_INLINE bool unordered(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
        return std::isnan(a) || std::isnan(b);
    }
    return false;
}

struct Equal {
    template <class T>
    WARPSMITH_INLINE bool holds(T a, T b) {
        return a == b;
    }
};
struct NotEqual {  // false when one is a NaN
    template <class T>
    WARPSMITH_INLINE bool holds(T a, T b) {
        return a < b || a > b;
    }
};
struct Less {
    template <class T>
    WARPSMITH_INLINE bool holds(T a, T b) {
        return a < b;
    }
};
struct LessOrEqual {
    template <class T>
    WARPSMITH_INLINE bool holds(T a, T b) {
        return a <= b;
    }
};
struct Greater {
    template <class T>
    WARPSMITH_INLINE bool holds(T a, T b) {
        return a > b;
    }
};
struct GreaterOrEqual {
    template <class T>
    WARPSMITH_INLINE bool holds(T a, T b) {
        return a >= b;
    }
};
struct BothNumbers {
    template <class T>
    WARPSMITH_INLINE bool holds(T a, T b) {
        return !unordered(a, b);
    }
};
struct SomeNan {
    template <class T>
    WARPSMITH_INLINE bool holds(T a, T b) {
        return unordered(a, b);
    }
};
template <class Op>
struct OrUnordered {
    template <class T>
    WARPSMITH_INLINE bool holds(T a, T b) {
        return Op::holds(a, b) || unordered(a, b);
    }
};

template <class Op>
struct Holds {
    template <class T>
    WARPSMITH_INLINE bool apply(T a, T b) {
        return Op::holds(value_of(a), value_of(b));
    }
};
template <class Op>
struct HoldsFlushed {  // .ftz: subnormal operands are zeros
    WARPSMITH_INLINE float flush(float a) { return choose(std::fabs(a) < 0x1p-126F, 0.0F, a); }
    WARPSMITH_INLINE bool apply(float a, float b) { return Op::holds(flush(a), flush(b)); }
    WARPSMITH_INLINE float flush_half(float a) { return choose(std::fabs(a) < 0x1p-14F, 0.0F, a); }
    WARPSMITH_INLINE bool apply(Float16 a, Float16 b) { return Op::holds(flush_half(widen(a)), flush_half(widen(b))); }
};

constexpr std::string_view kJoinNames[] = {"and", "or", "xor"};

u32 join(Join how, u32 result, u32 other) {
    const u32 joined[] = {result, result & other, result | other, result ^ other};
    return joined[static_cast<std::size_t>(how)];
}

// dst gets the joined result, extra (unless 0) the joined opposite.
template <class Op, class T>
void compare(Warp& warp, const Instruction& instruction, u32 lanes) {
    u32 result = 0;
    compare_lanes<Op>(warp.source<T>(instruction.a), warp.source<T>(instruction.b), result);
    const Join how = static_cast<Join>(instruction.aux);
    const u32 other = how == Join::alone ? 0 : warp.mask(instruction.c);
    merge_mask(warp, instruction.dst, join(how, result, other), lanes);
    if (instruction.extra != 0) {
        merge_mask(warp, instruction.extra, join(how, ~result, other), lanes);
    }
}

// Of packed halves: dst gets the low half's result, extra the high half's.
template <class Op, class H>
void compare_halves(Warp& warp, const Instruction& instruction, u32 lanes) {
    const H* const a = warp.source<H>(instruction.a);
    const H* const b = warp.source<H>(instruction.b);
    u32 low = 0, high = 0;
    for (unsigned l = 0; l < kLanes; ++l) {
        low |= (Op::apply(a[2 * std::size_t{l}], b[2 * std::size_t{l}]) ? 1U : 0U) << l;
        high |= (Op::apply(a[2 * std::size_t{l} + 1], b[2 * std::size_t{l} + 1]) ? 1U : 0U) << l;
    }
    const Join how = static_cast<Join>(instruction.aux);
    const u32 other = how == Join::alone ? 0 : warp.mask(instruction.c);
    merge_mask(warp, instruction.dst, join(how, low, other), lanes);
    merge_mask(warp, instruction.extra, join(how, high, other), lanes);
}

// Which types a comparison is for; integers of the sizes of these.
struct CompareRow {
    std::string_view name;
    Handler unsigneds[3];  // 16, 32, 64 bits
    Handler signeds[3];
    Handler f32, f32_flushed, f64, f16, f16_flushed, bf16, f16x2, f16x2_flushed, bf16x2;
};

template <class Op>
constexpr CompareRow floats(std::string_view name) {
    return {.name = name,
            .f32 = compare<Holds<Op>, float>,
            .f32_flushed = compare<HoldsFlushed<Op>, float>,
            .f64 = compare<Holds<Op>, double>,
            .f16 = compare<Holds<Op>, Float16>,
            .f16_flushed = compare<HoldsFlushed<Op>, Float16>,
            .bf16 = compare<Holds<Op>, BFloat16>,
            .f16x2 = compare_halves<Holds<Op>, Float16>,
            .f16x2_flushed = compare_halves<HoldsFlushed<Op>, Float16>,
            .bf16x2 = compare_halves<Holds<Op>, BFloat16>};
}

template <class Op>
constexpr CompareRow all_types(std::string_view name) {
    CompareRow row = floats<Op>(name);
    row.unsigneds[0] = compare<Holds<Op>, u16>;
    row.unsigneds[1] = compare<Holds<Op>, u32>;
    row.unsigneds[2] = compare<Holds<Op>, u64>;
    row.signeds[0] = compare<Holds<Op>, s16>;
    row.signeds[1] = compare<Holds<Op>, s32>;
    row.signeds[2] = compare<Holds<Op>, s64>;
    return row;
}

template <class Op>
constexpr CompareRow only_unsigned(std::string_view name) {
    CompareRow row{.name = name};
    row.unsigneds[0] = compare<Holds<Op>, u16>;
    row.unsigneds[1] = compare<Holds<Op>, u32>;
    row.unsigneds[2] = compare<Holds<Op>, u64>;
    return row;
}

constexpr CompareRow kComparisons[] = {
    all_types<Equal>("eq"),
    all_types<NotEqual>("ne"),
    all_types<Less>("lt"),
    all_types<LessOrEqual>("le"),
    all_types<Greater>("gt"),
    all_types<GreaterOrEqual>("ge"),
    only_unsigned<Less>("lo"),
    only_unsigned<LessOrEqual>("ls"),
    only_unsigned<Greater>("hi"),
    only_unsigned<GreaterOrEqual>("hs"),
    floats<OrUnordered<Equal>>("equ"),
    floats<OrUnordered<NotEqual>>("neu"),
    floats<OrUnordered<Less>>("ltu"),
    floats<OrUnordered<LessOrEqual>>("leu"),
    floats<OrUnordered<Greater>>("gtu"),
    floats<OrUnordered<GreaterOrEqual>>("geu"),
    floats<BothNumbers>("num"),
    floats<SomeNan>("nan"),
};

struct TypeColumn {
    Type type;
    Handler CompareRow::*plain;
    Handler CompareRow::*flushed;
};

constexpr TypeColumn kFloatColumns[] = {
    {Type::f32, &CompareRow::f32, &CompareRow::f32_flushed},       {Type::f64, &CompareRow::f64, nullptr},
    {Type::f16, &CompareRow::f16, &CompareRow::f16_flushed},       {Type::bf16, &CompareRow::bf16, nullptr},
    {Type::f16x2, &CompareRow::f16x2, &CompareRow::f16x2_flushed}, {Type::bf16x2, &CompareRow::bf16x2, nullptr},
};

Handler comparison(const CompareRow& row, Type type, bool flushes) {
    for (const TypeColumn& column : kFloatColumns) {
        if (column.type == type && (!flushes || column.flushed != nullptr)) {
            return row.*(flushes ? column.flushed : column.plain);
        }
    }
    const unsigned bits = traits(type).bits;
    if (flushes || is_floating(type) || bits < 16 || bits > 64) {
        return nullptr;
    }
    const std::size_t width = bits == 16 ? 0 : bits == 32 ? 1 : 2;
    return is_signed(type) ? row.signeds[width] : row.unsigneds[width];
}

void translate_setp(Assembly& assembly) {
    const Comparison comparison = take_comparison(assembly, nullptr);
    assembly.expect_operands(3, 4);
    const Operand& target = assembly.operand(0);
    const bool two = target.kind == Operand::Kind::pair;
    const Slot low = assembly.write_predicate(two ? target.parts[0] : target);
    Slot high = two ? assembly.write_predicate(target.parts[1]) : 0;
    if (high == 0 && is_pair(comparison.type)) {
        high = assembly.scratch(kPredicateBits);
    }
    emit_comparison(assembly, comparison, low, high);
}

}  // namespace

Comparison take_comparison(Assembly& assembly, Type* result) {
    Modifiers& modifiers = assembly.modifiers();
    const CompareRow* row = nullptr;
    for (const CompareRow& candidate : kComparisons) {
        row = row == nullptr && modifiers.take(candidate.name) ? &candidate : row;
    }
    const std::size_t how = modifiers.take_one_of(kJoinNames);
    const bool flushes = modifiers.take("ftz");
    if (result != nullptr) {
        *result = modifiers.take_type();
    }
    const Type type = modifiers.take_type();
    const Handler run = row == nullptr ? nullptr : comparison(*row, type, flushes);
    if (run == nullptr) {
        throw Unsupported{"a comparison of this type"};
    }
    return {run, how < std::size(kJoinNames) ? static_cast<Join>(how + 1) : Join::alone, type};
}

void emit_comparison(Assembly& assembly, const Comparison& comparison, Slot low, Slot high) {
    const unsigned bits = traits(comparison.type).bits;
    const bool joined = comparison.how != Join::alone;
    assembly.expect_operands(joined ? 4 : 3);
    const Slot a = assembly.read(1, bits), b = assembly.read(2, bits);
    const Slot other = joined ? assembly.read_predicate(assembly.operand(3)) : 0;
    Instruction& instruction = assembly.emit(comparison.run, Class::compare, low, a, b, other);
    instruction.aux = static_cast<u32>(comparison.how);
    instruction.extra = high;
}

std::span<const OpcodeRow> compare_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"setp", translate_setp}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
