// redux: one value of all lanes that take part.
#include <bit>
#include <cmath>

#include "device/emulator/collective.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/lanes.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using f32 = float;

template <class T>
T add(T a, T b) {
    return static_cast<T>(a + b);
}
template <class T>
T smaller(T a, T b) {
    return b < a ? b : a;
}
template <class T>
T larger(T a, T b) {
    return b > a ? b : a;
}
u32 both(u32 a, u32 b) {
    return a & b;
}
u32 either(u32 a, u32 b) {
    return a | b;
}
u32 one_of(u32 a, u32 b) {
    return a ^ b;
}

template <class T, T (*function)(T, T)>
void reduce(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!members_present(warp, instruction, lanes)) {
        return;
    }
    const u32 members = members_of(warp, instruction, lanes);
    const T* const a = warp.source<T>(instruction.a);
    T result = a[first_lane(members)];
    for_each_lane(members & (members - 1), [&](unsigned lane) { result = function(result, a[lane]); });
    T* const target = warp.target<T>(instruction.dst);
    for_each_lane(lanes, [&](unsigned lane) { target[lane] = result; });
    warp.advance();
}

constexpr u32 kNan = 0x7FFFFFFF;

// Of two numbers, zeros of unlike signs among them; a NaN counts only if `keeps_nan`, or if there is nothing else.
template <bool takes_larger, bool keeps_nan>
f32 extreme(f32 a, f32 b) {
    if (std::isnan(a) || std::isnan(b)) {
        return std::isnan(a) == keeps_nan ? a : b;
    }
    const bool a_below = a < b || (a == b && std::signbit(a));
    return a_below == takes_larger ? b : a;
}

template <bool takes_larger, bool keeps_nan, bool absolute>
void reduce_floats(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!members_present(warp, instruction, lanes)) {
        return;
    }
    const u32 members = members_of(warp, instruction, lanes);
    const f32* const a = warp.source<f32>(instruction.a);
    const auto value = [&](unsigned lane) { return absolute ? std::abs(a[lane]) : a[lane]; };
    f32 result = value(first_lane(members));
    for_each_lane(members & (members - 1),
                  [&](unsigned lane) { result = extreme<takes_larger, keeps_nan>(result, value(lane)); });
    u32* const target = warp.target<u32>(instruction.dst);
    const u32 bits = std::isnan(result) ? kNan : std::bit_cast<u32>(result);
    for_each_lane(lanes, [&](unsigned lane) { target[lane] = bits; });
    warp.advance();
}

struct ReduceRow {
    std::string_view opcode;
    Handler run;
};

constexpr ReduceRow kReductions[] = {
    {"redux.sync.add.u32", reduce<u32, add>},
    {"redux.sync.add.s32", reduce<u32, add>},
    {"redux.sync.min.u32", reduce<u32, smaller>},
    {"redux.sync.min.s32", reduce<s32, smaller>},
    {"redux.sync.max.u32", reduce<u32, larger>},
    {"redux.sync.max.s32", reduce<s32, larger>},
    {"redux.sync.and.b32", reduce<u32, both>},
    {"redux.sync.or.b32", reduce<u32, either>},
    {"redux.sync.xor.b32", reduce<u32, one_of>},
    {"redux.sync.min.f32", reduce_floats<false, false, false>},
    {"redux.sync.min.abs.f32", reduce_floats<false, false, true>},
    {"redux.sync.min.NaN.f32", reduce_floats<false, true, false>},
    {"redux.sync.min.abs.NaN.f32", reduce_floats<false, true, true>},
    {"redux.sync.max.f32", reduce_floats<true, false, false>},
    {"redux.sync.max.abs.f32", reduce_floats<true, false, true>},
    {"redux.sync.max.NaN.f32", reduce_floats<true, true, false>},
    {"redux.sync.max.abs.NaN.f32", reduce_floats<true, true, true>},
};

void translate_redux(Assembly& assembly) {
    for (const ReduceRow& row : kReductions) {
        if (row.opcode == assembly.instruction().opcode) {
            assembly.modifiers().drop_prefixed("");
            assembly.expect_operands(3);
            const Slot a = assembly.read(1, 32), members = assembly.read(2, 32);
            Instruction& instruction = assembly.emit(row.run, Class::vote, assembly.write(0, 32), a);
            instruction.extra = members;
            instruction.flow = Flow::control;
            return;
        }
    }
    throw Unsupported{"this reduction"};
}

}  // namespace

std::span<const OpcodeRow> redux_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"redux", translate_redux}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
