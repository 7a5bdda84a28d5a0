// set and testp: comparisons whose result is a number, and properties of floating-point numbers.
#include <cmath>

#include "device/emulator/comparison.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

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
    const Comparison comparison = take_comparison(assembly, &result);
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
    {"normal",  // and zeros (PTX ISA, testp)
     [](double v, double smallest) { return std::isfinite(v) && (v == 0 || std::fabs(v) >= smallest); }},
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
    merge_mask(warp, instruction.dst, result, lanes);
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

}  // namespace

std::span<const OpcodeRow> set_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"set", translate_set}, {"testp", translate_testp}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
