// Floating-point arithmetic. Single and double precision: this processor's own, in the rounding mode asked for. Half
// precisions: the exact value, or one that rounds as it, in double precision, rounded once.
#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>
#include <map>

#include "tests/conformance/expected.hpp"
#include "tests/conformance/float_format.hpp"

namespace warpsmith::conformance {
namespace {

class RoundingMode {
  public:
    explicit RoundingMode(int mode) { std::fesetround(mode); }
    ~RoundingMode() { std::fesetround(FE_TONEAREST); }
    RoundingMode(const RoundingMode&) = delete;
    RoundingMode& operator=(const RoundingMode&) = delete;
};

int mode_of(const Spelling& spelling) {
    return spelling.has("rz")   ? FE_TOWARDZERO
           : spelling.has("rm") ? FE_DOWNWARD
           : spelling.has("rp") ? FE_UPWARD
                                : FE_TONEAREST;
}

// volatile: computed in the mode that holds when it is asked for.
template <class T>
T computed(const std::string& opcode, const std::vector<T>& n) {
    const volatile T a = n[0], b = n.size() > 1 ? n[1] : T{1}, c = n.size() > 2 ? n[2] : T{0};
    volatile T result = 0;
    if (opcode == "add") {
        result = a + b;
    } else if (opcode == "sub") {
        result = a - b;
    } else if (opcode == "mul") {
        result = a * b;
    } else if (opcode == "div") {
        result = a / b;
    } else if (opcode == "rcp") {
        result = b / a;
    } else if (opcode == "sqrt") {
        result = std::sqrt(T{a});
    } else {  // fma, and mad of these types
        result = std::fma(T{a}, T{b}, T{c});
    }
    return result;
}

// Rounded to odd: cut, and the last bit set when something was lost. Rounding that to 11 bits or fewer is as if the
// exact value were rounded.
double computed_to_odd(const std::string& opcode, const std::vector<double>& n) {
    const RoundingMode mode(FE_TOWARDZERO);
    std::feclearexcept(FE_INEXACT);
    const double result = computed<double>(opcode, n);
    const bool exact = std::fetestexcept(FE_INEXACT) == 0;
    return exact || !std::isfinite(result) ? result : std::bit_cast<double>(std::bit_cast<std::uint64_t>(result) | 1);
}

std::uint64_t computed_bits(const Spelling& spelling, const FloatFormat& format, const Row& row) {
    std::vector<float> floats;
    std::vector<double> doubles;
    for (const std::uint64_t bits : row) {
        doubles.push_back(static_cast<double>(decoded(format, bits)));
        floats.push_back(static_cast<float>(doubles.back()));
    }
    if (format.name == "f32") {
        const RoundingMode mode(mode_of(spelling));
        const float result = computed<float>(spelling.opcode(), floats);
        return std::isnan(result) ? format.nan : std::bit_cast<std::uint32_t>(result);
    }
    if (format.name == "f64") {
        const RoundingMode mode(mode_of(spelling));
        const double result = computed<double>(spelling.opcode(), doubles);
        return std::isnan(result) ? format.nan : std::bit_cast<std::uint64_t>(result);
    }
    return encoded(format, computed_to_odd(spelling.opcode(), doubles), RoundTo::nearest);
}

std::uint64_t extreme(const Spelling& spelling, const FloatFormat& format, std::uint64_t a, std::uint64_t b) {
    std::uint64_t sign = 0;
    if (spelling.has("xorsign")) {
        sign = (a ^ b) & format.sign();
        a &= format.sign() - 1;
        b &= format.sign() - 1;
    }
    const bool a_nan = is_nan(format, a), b_nan = is_nan(format, b);
    if ((a_nan && b_nan) || (spelling.has("NaN") && (a_nan || b_nan))) {
        return format.nan;
    }
    if (a_nan || b_nan) {
        return sign | (a_nan ? b : a);
    }
    const auto less = [&](std::uint64_t x, std::uint64_t y) {  // -0 below +0
        const long double u = decoded(format, x), v = decoded(format, y);
        return u < v || (u == v && (x & format.sign()) > (y & format.sign()));
    };
    return sign | (less(a, b) == (spelling.opcode() == "min") ? a : b);
}

std::uint64_t signed_bits(const Spelling& spelling, const FloatFormat& format, const Row& row) {
    if (spelling.opcode() == "neg") {
        return row[0] ^ format.sign();
    }
    const std::uint64_t magnitude = format.sign() - 1;
    return spelling.opcode() == "abs" ? row[0] & magnitude : (row[0] & format.sign()) | (row[1] & magnitude);
}

std::uint64_t tested(const Spelling& spelling, const FloatFormat& format, std::uint64_t bits) {
    const std::string& kind = spelling.words[1];
    const long double value = decoded(format, bits);
    return kind == "finite"       ? std::isfinite(value)
           : kind == "infinite"   ? std::isinf(value)
           : kind == "number"     ? !std::isnan(value)
           : kind == "notanumber" ? std::isnan(value)
           : kind == "normal"     ? std::isfinite(value) && !is_subnormal(format, bits)  // zeros are
                                  : is_subnormal(format, bits);
}

// .sat: to [0, 1], NaN to +0. .relu: negative to +0, NaN stays.
std::uint64_t clamped(const Spelling& spelling, const FloatFormat& format, std::uint64_t bits) {
    const long double value = decoded(format, bits);
    if (spelling.has("sat")) {
        return value >= 1 ? encoded(format, 1, RoundTo::nearest) : value > 0 ? bits : 0;
    }
    return spelling.has("relu") && !(value > 0) && !std::isnan(value) ? 0 : bits;
}

std::uint64_t evaluated(const Spelling& spelling, const FloatFormat& format, Row row) {
    const bool flushes = spelling.has("ftz");
    for (std::uint64_t& bits : row) {
        bits = flushes ? flushed(format, bits) : bits;
    }
    const std::string& opcode = spelling.opcode();
    if (opcode == "testp") {
        return tested(spelling, format, row[0]);
    }
    if (opcode == "neg" || opcode == "abs" || opcode == "copysign") {
        return signed_bits(spelling, format, row);
    }
    // A quotient is flushed by what it is before it is rounded (not in the ISA: seen on an H200).
    const long double exact = opcode == "div" ? decoded(format, row[0]) / decoded(format, row[1]) : 1;
    if (flushes && exact != 0 && std::fabs(exact) < std::numeric_limits<float>::min()) {
        return std::signbit(exact) ? format.sign() : 0;
    }
    const std::uint64_t result = opcode == "min" || opcode == "max" ? extreme(spelling, format, row[0], row[1])
                                                                    : computed_bits(spelling, format, row);
    return clamped(spelling, format, flushes ? flushed(format, result) : result);
}

}  // namespace

void expect_float(Case& test) {
    const Spelling spelling(test.name);
    if (spelling.has("oob")) {
        return;  // which NaN stands for "out of bounds" is not said with the instruction
    }
    const FloatFormat& format = format_of(spelling.type());
    // The ISA does not say what becomes of a NaN's payload in double precision, nor of its sign where signs are
    // changed.
    if (spelling.type() == "f64" || spelling.opcode() == "neg" || spelling.opcode() == "abs" ||
        spelling.has("xorsign")) {
        test.match = Match::nan_is_nan;
    }
    test.expected = per_element(test, [=, &format](const Row& row) { return evaluated(spelling, format, row); });
}

void expect_half(Case& test) {
    expect_float(test);
}

}  // namespace warpsmith::conformance
