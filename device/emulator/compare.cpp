// Comparisons: setp, set and testp.
#include <cmath>

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
    return !(a == a) || !(b == b);
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

// How the result joins with a further predicate; in the order of kJoinNames.
enum class Join : u32 { alone, with_and, with_or, with_xor };
constexpr std::string_view kJoinNames[] = {"and", "or", "xor"};

u32 join(Join how, u32 result, u32 other) {
    const u32 joined[] = {result, result & other, result | other, result ^ other};
    return joined[static_cast<std::size_t>(how)];
}

void store_mask(Warp& warp, Slot slot, u32 value, u32 lanes) {
    u32& target = *warp.target<u32>(slot);
    target = (target & ~lanes) | (value & lanes);
}

// dst gets the joined result, extra (unless 0) the joined opposite.
template <class Op, class T>
void compare(Warp& warp, const Instruction& instruction, u32 lanes) {
    u32 result = 0;
    compare_lanes<Op>(warp.source<T>(instruction.a), warp.source<T>(instruction.b), result);
    const Join how = static_cast<Join>(instruction.aux);
    const u32 other = how == Join::alone ? 0 : warp.mask(instruction.c);
    store_mask(warp, instruction.dst, join(how, result, other), lanes);
    if (instruction.extra != 0) {
        store_mask(warp, instruction.extra, join(how, ~result, other), lanes);
    }
}

// Of packed halves: dst gets the low half's result, extra the high half's.
template <class Op, class H>
void compare_halves(Warp& warp, const Instruction& instruction, u32 lanes) {
    const H* const a = warp.source<H>(instruction.a);
    const H* const b = warp.source<H>(instruction.b);
    u32 low = 0, high = 0;
    for (unsigned l = 0; l < kLanes; ++l) {
        low |= (Op::apply(a[2 * l], b[2 * l]) ? 1U : 0U) << l;
        high |= (Op::apply(a[2 * l + 1], b[2 * l + 1]) ? 1U : 0U) << l;
    }
    const Join how = static_cast<Join>(instruction.aux);
    const u32 other = how == Join::alone ? 0 : warp.mask(instruction.c);
    store_mask(warp, instruction.dst, join(how, low, other), lanes);
    store_mask(warp, instruction.extra, join(how, high, other), lanes);
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

struct Comparison {
    Handler run = nullptr;
    Join how = Join::alone;
    Type type = Type::b32;
};

Comparison take_comparison(Assembly& assembly, bool has_result_type, Type* result) {
    Modifiers& modifiers = assembly.modifiers();
    const CompareRow* row = nullptr;
    for (const CompareRow& candidate : kComparisons) {
        row = row == nullptr && modifiers.take(candidate.name) ? &candidate : row;
    }
    const std::size_t how = modifiers.take_one_of(kJoinNames);
    const bool flushes = modifiers.take("ftz");
    if (has_result_type) {
        *result = modifiers.take_type();
    }
    const Type type = modifiers.take_type();
    const Handler run = row == nullptr ? nullptr : comparison(*row, type, flushes);
    if (run == nullptr) {
        throw Unsupported{"a comparison of this type"};
    }
    return {run, how < std::size(kJoinNames) ? static_cast<Join>(how + 1) : Join::alone, type};
}

// The comparison itself, into these predicates; operands from 1 on.
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

bool is_pair(Type type) {
    return traits(type).kind == Kind::packed;
}

void translate_setp(Assembly& assembly) {
    const Comparison comparison = take_comparison(assembly, false, nullptr);
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

// set: `offset` where the predicate `a` holds (and, in halves, `b` for the high half), zero elsewhere.
template <class T>
void spread(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u32 holds = warp.mask(instruction.a);
    T* const target = warp.target<T>(instruction.dst);
    for_each_lane(lanes, [&](unsigned lane) {
        target[lane] = (holds >> lane & 1) != 0 ? static_cast<T>(instruction.offset) : T{0};
    });
}
void spread_halves(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u32 low = warp.mask(instruction.a), high = warp.mask(instruction.b);
    const u32 one = static_cast<u32>(instruction.offset);
    u32* const target = warp.target<u32>(instruction.dst);
    for_each_lane(lanes, [&](unsigned lane) {
        target[lane] = ((low >> lane & 1) != 0 ? one : 0) | ((high >> lane & 1) != 0 ? one << 16 : 0);
    });
}

struct SetRow {
    Type result;
    Handler spread;
    std::int64_t one;
};

constexpr SetRow kSets[] = {
    {Type::u32, spread<u32>, 0xFFFFFFFF}, {Type::s32, spread<u32>, 0xFFFFFFFF}, {Type::f32, spread<u32>, 0x3F800000},
    {Type::u16, spread<u16>, 0xFFFF},     {Type::s16, spread<u16>, 0xFFFF},     {Type::f16, spread<u16>, 0x3C00},
    {Type::bf16, spread<u16>, 0x3F80},    {Type::f16x2, spread_halves, 0x3C00}, {Type::bf16x2, spread_halves, 0x3F80},
};

void translate_set(Assembly& assembly) {
    Type result = Type::u32;
    const Comparison comparison = take_comparison(assembly, true, &result);
    for (const SetRow& row : kSets) {
        if (row.result != result) {
            continue;
        }
        const bool halves = is_pair(comparison.type);
        if (halves && traits(result).bits != 32) {
            break;
        }
        const Slot low = assembly.scratch(kPredicateBits), high = assembly.scratch(kPredicateBits);
        emit_comparison(assembly, comparison, low, high);
        const Slot target = assembly.write(0, traits(result).bits);
        const bool integers = halves && !is_pair(result);  // set.eq.u32.f16x2: all ones in each half
        Instruction& instruction =
            assembly.emit(halves ? spread_halves : row.spread, Class::compare, target, low, high);
        instruction.offset = integers ? 0xFFFF : row.one;
        return;
    }
    throw Unsupported{"a result of this type"};
}

// testp: one property of one operand, as the comparison of its magnitude.
struct TestRow {
    std::string_view name;
    bool (*holds)(double value, double smallest_normal);
};

constexpr TestRow kTests[] = {
    {"finite", [](double v, double) { return std::isfinite(v); }},
    {"infinite", [](double v, double) { return std::isinf(v); }},
    {"number", [](double v, double) { return !std::isnan(v); }},
    {"notanumber", [](double v, double) { return std::isnan(v); }},
    {"normal", [](double v, double smallest) { return std::isfinite(v) && std::fabs(v) >= smallest; }},
    {"subnormal", [](double v, double smallest) { return v != 0 && std::fabs(v) < smallest; }},
};

template <class T>
void test_property(Warp& warp, const Instruction& instruction, u32 lanes) {
    constexpr double smallest = sizeof(T) == 4 ? 0x1p-126 : 0x1p-1022;
    const T* const a = warp.source<T>(instruction.a);
    u32 result = 0;
    for_each_lane(lanes, [&](unsigned lane) {
        const bool holds = kTests[instruction.aux].holds(static_cast<double>(a[lane]), smallest);
        result |= (holds ? 1U : 0U) << lane;
    });
    store_mask(warp, instruction.dst, result, lanes);
}

void translate_testp(Assembly& assembly) {
    for (u32 test = 0; test < std::size(kTests); ++test) {
        if (assembly.modifiers().take(kTests[test].name)) {
            const Type type = assembly.modifiers().take_type();
            assembly.expect_operands(2);
            const Slot a = assembly.read(1, traits(type).bits);
            const Slot target = assembly.write_predicate(assembly.operand(0));
            const Handler run = type == Type::f64 ? test_property<double> : test_property<float>;
            assembly.emit(run, Class::compare, target, a).aux = test;
            return;
        }
    }
    throw Unsupported{"this property"};
}

constexpr OpcodeRow kOpcodes[] = {{"setp", translate_setp}, {"set", translate_set}, {"testp", translate_testp}};

}  // namespace

std::span<const OpcodeRow> compare_opcodes() {
    return kOpcodes;
}

}  // namespace warpsmith::emulator
