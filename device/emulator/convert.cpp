// cvt between the scalar types: the frequent pairs vectorised, all others one lane after another.
#include <cmath>
#include <limits>

#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/number_format.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/rounding.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

constexpr std::string_view kRoundNames[] = {"rn", "rna", "rz", "rm", "rp"};          // in the order of RoundMode
constexpr std::string_view kIntegerRoundNames[] = {"rni", "", "rzi", "rmi", "rpi"};  // the same

// What a conversion does, packed into Instruction::aux.
struct Conversion {
    Type to = Type::u32, from = Type::u32;
    RoundMode mode = RoundMode::to_zero;
    bool to_whole = false;                                   // rounds to a whole number
    bool flushes = false, saturates = false, clips = false;  // .ftz, .sat, .relu
    bool stays_finite = false;                               // .satfinite

    u32 packed() const {
        return static_cast<u32>(to) | static_cast<u32>(from) << 8 | static_cast<u32>(mode) << 16 |
               (to_whole ? 1U << 20 : 0) | (flushes ? 1U << 21 : 0) | (saturates ? 1U << 22 : 0) |
               (clips ? 1U << 23 : 0) | (stays_finite ? 1U << 24 : 0);
    }
    static Conversion of(u32 aux) {
        return {static_cast<Type>(aux & 0xFF),
                static_cast<Type>(aux >> 8 & 0xFF),
                static_cast<RoundMode>(aux >> 16 & 7),
                (aux >> 20 & 1) != 0,
                (aux >> 21 & 1) != 0,
                (aux >> 22 & 1) != 0,
                (aux >> 23 & 1) != 0,
                (aux >> 24 & 1) != 0};
    }
};

u64 low_bits(u64 value, unsigned bits) {
    return bits >= 64 ? value : value & ((u64{1} << bits) - 1);
}

s64 sign_extend(u64 value, unsigned bits) {
    const unsigned unused = 64 - bits;
    return static_cast<s64>(value << unused) >> unused;
}

double round_to_whole(double x, RoundMode mode) {
    using Round = double (*)(double);
    constexpr Round kRounds[] = {[](double v) { return std::nearbyint(v); }, [](double v) { return std::round(v); },
                                 [](double v) { return std::trunc(v); }, [](double v) { return std::floor(v); },
                                 [](double v) { return std::ceil(v); }};
    return kRounds[static_cast<std::size_t>(mode)](x);
}

// Out-of-range values clamp. NaN becomes zero, or the value with only the sign bit where 64 bits are involved.
u64 float_to_integer(double x, const Conversion& how) {
    const unsigned bits = traits(how.to).bits;
    if (std::isnan(x)) {
        return how.from == Type::f64 || bits == 64 ? u64{1} << (bits - 1) : 0;
    }
    const double whole = round_to_whole(x, how.mode);
    const double limit = std::ldexp(1.0, static_cast<int>(is_signed(how.to) ? bits - 1 : bits));
    if (whole >= limit) {
        return low_bits(~u64{0}, is_signed(how.to) ? bits - 1 : bits);
    }
    if (is_signed(how.to)) {
        return low_bits(whole < -limit ? u64{1} << (bits - 1) : static_cast<u64>(static_cast<s64>(whole)), bits);
    }
    return whole <= 0 ? 0 : static_cast<u64>(whole);
}

u64 integer_to_integer(u64 value, const Conversion& how) {
    const unsigned bits = traits(how.to).bits;
    if (!how.saturates) {
        return low_bits(value, bits);
    }
    const bool negative = is_signed(how.from) && static_cast<s64>(value) < 0;
    const u64 highest = low_bits(~u64{0}, is_signed(how.to) ? bits - 1 : bits);
    if (!negative) {
        return value > highest ? highest : value;
    }
    const s64 lowest = is_signed(how.to) ? -static_cast<s64>(highest) - 1 : 0;
    return low_bits(static_cast<u64>(std::max(static_cast<s64>(value), lowest)), bits);
}

// A 64-bit integer is the nearest double and what that lacks.
u64 integer_to_float(u64 value, const Conversion& how) {
    const bool negative = is_signed(how.from) && static_cast<s64>(value) < 0;
    const u64 magnitude = negative ? 0 - value : value;
    const double nearest = static_cast<double>(magnitude);
    const double error = nearest >= 0x1p64
                             ? -static_cast<double>(0 - magnitude)
                             : static_cast<double>(static_cast<s64>(magnitude - static_cast<u64>(nearest)));
    double result = negative ? -nearest : nearest;
    if (how.saturates) {
        result = result > 1 ? 1 : result > 0 ? result : 0;
    }
    return encode(*format_of(how.to), result, negative ? -error : error, how.mode, false);
}

double flush_single(double x) {
    return std::fabs(x) < 0x1p-126 ? std::copysign(0.0, x) : x;
}

u64 float_to_float(double x, const Conversion& how) {
    x = how.to_whole ? round_to_whole(x, how.mode) : x;
    if (how.saturates) {
        x = x > 1 ? 1 : x > 0 ? x : 0;
    }
    if (how.clips && !(x > 0) && !std::isnan(x)) {
        x = 0;
    }
    const bool exact = how.to_whole || traits(how.to).bits > traits(how.from).bits;
    u64 bits = encode(*format_of(how.to), x, 0, exact ? RoundMode::nearest_even : how.mode, how.stays_finite);
    if (how.flushes && how.to == Type::f32 && (bits & 0x7F800000) == 0) {
        bits &= 0x80000000;
    }
    return how.to == Type::tf32 ? bits << 13 : bits;  // in the place of a float
}

// Sign and payload of a NaN in another format, quiet.
u64 carried_nan(u64 bits, const Format& from, const Format& to) {
    const u64 payload = low_bits(bits, from.mantissa_bits), sign = bits >> (from.exponent_bits + from.mantissa_bits);
    const u64 moved = from.mantissa_bits > to.mantissa_bits ? payload >> (from.mantissa_bits - to.mantissa_bits)
                                                            : payload << (to.mantissa_bits - from.mantissa_bits);
    const u64 quiet = u64{1} << (to.mantissa_bits - 1), infinity = low_bits(~u64{0}, to.exponent_bits);
    return sign << (to.exponent_bits + to.mantissa_bits) | infinity << to.mantissa_bits | quiet | moved;
}

// What becomes of a NaN, which the PTX ISA leaves open, as an H200 has it: double precision carries payloads, what only
// moves bits keeps them, all else answers the canonical NaN.
u64 nan_to_nan(u64 bits, const Conversion& how) {
    const Format &from = *format_of(how.from), &to = *format_of(how.to);
    const bool moves = !how.to_whole && !how.flushes;
    if (how.to == Type::tf32) {
        const u64 kept = how.stays_finite ? 0xFFFF0000 : 0xFFFFE000;
        return how.mode == RoundMode::nearest_away ? bits & kept : to.nan << 13;
    }
    if (how.from == how.to && traits(how.to).bits >= 32 && moves) {
        return bits;
    }
    if (how.from == Type::bf16 && how.to == Type::f32 && moves) {
        return bits << 16;
    }
    if (how.from == Type::f64 || how.to == Type::f64) {
        const bool flushed_first = how.from == Type::f32 && how.flushes;
        return carried_nan(flushed_first ? from.nan : bits, from, to);
    }
    return to.nan;
}

u64 convert_bits(u64 bits, const Conversion& how) {
    const unsigned width = traits(how.from).bits;
    bits = low_bits(bits, width);
    if (const Format* const format = format_of(how.from)) {
        double x = decode(*format, bits);
        if (std::isnan(x) && is_floating(how.to) && !how.saturates && !how.clips) {
            return nan_to_nan(bits, how);
        }
        x = how.flushes && how.from == Type::f32 ? flush_single(x) : x;
        return is_floating(how.to) ? float_to_float(x, how) : float_to_integer(x, how);
    }
    const u64 value = is_signed(how.from) ? static_cast<u64>(sign_extend(bits, width)) : bits;
    return is_floating(how.to) ? integer_to_float(value, how) : integer_to_integer(value, how);
}

// D and A are the registers, which may be wider than the types: the result is extended by its sign.
template <class D, class A>
void convert_singly(Warp& warp, const Instruction& instruction, u32 lanes) {
    const Conversion how = Conversion::of(instruction.aux);
    const A* const a = warp.source<A>(instruction.a);
    D* const target = warp.target<D>(instruction.dst);
    const unsigned bits = traits(how.to).bits;
    for_each_lane(lanes, [&](unsigned lane) {
        const u64 result = convert_bits(a[lane], how);
        target[lane] = static_cast<D>(is_signed(how.to) ? static_cast<u64>(sign_extend(result, bits)) : result);
    });
}

constexpr Handler kSingly[3][3] = {{convert_singly<u16, u16>, convert_singly<u16, u32>, convert_singly<u16, u64>},
                                   {convert_singly<u32, u16>, convert_singly<u32, u32>, convert_singly<u32, u64>},
                                   {convert_singly<u64, u16>, convert_singly<u64, u32>, convert_singly<u64, u64>}};

template <class D>
struct Cast {
    template <class A>
    WARPSMITH_INLINE D apply(A a) {
        return static_cast<D>(a);
    }
};
struct Widen {
    WARPSMITH_INLINE float apply(Float16 a) { return canonical(widen(a)); }
    WARPSMITH_INLINE float apply(BFloat16 a) { return widen(a); }  // bits move, of a NaN too
};
struct TruncateToSigned {
    WARPSMITH_INLINE s32 apply(float a) {
        const bool high = a >= 0x1p31F, low = a < -0x1p31F, nan = !(a == a);
        const s32 inside = static_cast<s32>(high || low || nan ? 0.0F : a);
        return high ? std::numeric_limits<s32>::max() : low ? std::numeric_limits<s32>::min() : inside;
    }
};
struct NarrowDouble {
    WARPSMITH_INLINE float apply(double a) { return static_cast<float>(a); }  // NaNs as the processor's
};

// The whole opcode and the registers' widths: when they differ, the slow way is taken.
constexpr LaneRow kFast[] = {
    lane_row<Cast<u32>, u32, u16>("cvt.u32.u16"),
    lane_row<Cast<s32>, s32, s16>("cvt.s32.s16"),
    lane_row<Cast<u16>, u16, u32>("cvt.u16.u32"),
    lane_row<Cast<u64>, u64, u32>("cvt.u64.u32"),
    lane_row<Cast<s64>, s64, s32>("cvt.s64.s32"),
    lane_row<Cast<u32>, u32, u64>("cvt.u32.u64"),
    lane_row<Cast<u64>, u64, u16>("cvt.u64.u16"),
    lane_row<Cast<float>, float, s32>("cvt.rn.f32.s32"),
    lane_row<Cast<float>, float, u32>("cvt.rn.f32.u32"),
    lane_row<Cast<double>, double, s32>("cvt.rn.f64.s32"),
    lane_row<Cast<double>, double, u32>("cvt.rn.f64.u32"),
    lane_row<Cast<double>, double, float>("cvt.f64.f32"),
    lane_row<NarrowDouble, float, double>("cvt.rn.f32.f64"),
    lane_row<TruncateToSigned, s32, float>("cvt.rzi.s32.f32"),
    lane_row<Widen, float, Float16>("cvt.f32.f16"),
    lane_row<Widen, float, BFloat16>("cvt.f32.bf16"),
    lane_row<Narrow<Float16>, Float16, float>("cvt.rn.f16.f32"),
    lane_row<Narrow<BFloat16>, BFloat16, float>("cvt.rn.bf16.f32"),
};

const LaneRow* fast_row(const std::string& opcode, unsigned dst_bits, unsigned bits) {
    for (const LaneRow& row : kFast) {
        if (row.opcode == opcode && row.dst_bits == dst_bits && row.bits[0] == bits) {
            return &row;
        }
    }
    return nullptr;
}

Conversion take_conversion(Modifiers& modifiers) {
    Conversion how;
    const std::size_t whole = modifiers.take_one_of(kIntegerRoundNames), plain = modifiers.take_one_of(kRoundNames);
    how.to_whole = whole < std::size(kIntegerRoundNames);
    how.flushes = modifiers.take("ftz");
    how.saturates = modifiers.take("sat");
    how.clips = modifiers.take("relu");
    how.stays_finite = modifiers.take("satfinite");
    how.to = modifiers.take_type();
    how.from = modifiers.take_type();
    const bool rounds = how.to_whole || plain < std::size(kRoundNames);
    how.mode = rounds ? static_cast<RoundMode>(how.to_whole ? whole : plain) : RoundMode::nearest_even;
    for (const Type type : {how.to, how.from}) {
        const bool number = is_integer(type) || format_of(type) != nullptr;
        if (how.stays_finite && how.to != Type::tf32) {
            throw Unsupported{"'.satfinite' here"};
        }
        if (!number || traits(type).bits < 8 || (traits(type).bits == 8 && is_floating(type))) {
            throw Unsupported{"the type " + std::string(traits(type).name)};
        }
    }
    return how;
}

std::size_t width_index(unsigned bits) {
    if (bits != 16 && bits != 32 && bits != 64) {
        throw Unsupported{"an operand that is no register of 16, 32 or 64 bits"};
    }
    return bits == 16 ? 0 : bits == 32 ? 1 : 2;
}

void translate_cvt(Assembly& assembly) {
    if (assembly.operands() == 2 && assembly.operand(1).kind != syntax::Operand::Kind::reg) {
        throw Unsupported{"a conversion of a constant"};
    }
    if (translate_packed_conversion(assembly)) {
        return;
    }
    assembly.expect_operands(2);
    const std::string& opcode = assembly.instruction().opcode;
    const Conversion how = take_conversion(assembly.modifiers());
    const unsigned dst_bits = assembly.register_bits(assembly.operand(0));
    const unsigned bits = assembly.register_bits(assembly.operand(1));
    if (dst_bits < traits(how.to).bits || bits < traits(how.from).bits) {
        throw Unsupported{"a register narrower than its type"};
    }
    const LaneRow* const fast = fast_row(opcode, dst_bits, bits);
    const Handler run = fast != nullptr ? fast->run : kSingly[width_index(dst_bits)][width_index(bits)];
    const Slot a = assembly.read(1, bits);
    assembly.emit(run, Class::convert, assembly.write(0, dst_bits), a).aux = how.packed();
}

}  // namespace

std::span<const OpcodeRow> convert_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"cvt", translate_cvt}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
