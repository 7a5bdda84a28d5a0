// cvt, by the PTX ISA's rules: the value, rounded to the result's type; clamped where the value does not fit.
#include <algorithm>
#include <cmath>

#include "tests/conformance/expected.hpp"
#include "tests/conformance/float_format.hpp"

namespace warpsmith::conformance {
namespace {

RoundTo rounding_of(const Spelling& spelling) {
    for (const std::string& word : spelling.words) {
        if (word == "rz" || word == "rzi") {
            return RoundTo::zero;
        }
        if (word == "rm" || word == "rmi") {
            return RoundTo::down;
        }
        if (word == "rp" || word == "rpi") {
            return RoundTo::up;
        }
        if (word == "rna") {
            return RoundTo::nearest_away;
        }
    }
    return RoundTo::nearest;
}

bool rounds_to_whole(const Spelling& spelling) {
    return spelling.has("rni") || spelling.has("rzi") || spelling.has("rmi") || spelling.has("rpi");
}

struct Range {
    Wide low, high;
};
Range range_of(const std::string& type) {
    const unsigned width = type_of(type).bits;
    return type[0] == 's' ? Range{-(Wide{1} << (width - 1)), (Wide{1} << (width - 1)) - 1}
                          : Range{0, (Wide{1} << width) - 1};
}

// As it stands in a register: 8 bits extended to 32.
std::uint64_t in_register(const std::string& type, Wide value) {
    const std::uint64_t bits = bits_of(value, type_of(type).bits);
    return type_of(type).bits > 8 ? bits : bits_of(number(type, bits), 32);
}

std::uint64_t to_integer(const Spelling& spelling, const std::string& to, const std::string& from, std::uint64_t bits) {
    const Range range = range_of(to);
    if (!is_float(from)) {
        const Wide value = number(from, bits);
        return in_register(to, spelling.has("sat") ? std::clamp(value, range.low, range.high) : value);
    }
    const FloatFormat& format = format_of(from);
    const long double value = decoded(format, spelling.has("ftz") ? flushed(format, bits) : bits);
    if (std::isnan(value)) {  // "Zero if source is not .f64 and destination is not .s64/.u64", else the top bit
        const bool wide = from == "f64" || type_of(to).bits == 64;
        return wide ? in_register(to, Wide{1} << (type_of(to).bits - 1)) : 0;
    }
    const long double whole = rounded(value, rounding_of(spelling));
    return in_register(to, whole <= static_cast<long double>(range.low)    ? range.low
                           : whole >= static_cast<long double>(range.high) ? range.high
                                                                           : static_cast<Wide>(whole));
}

std::uint64_t to_float(const Spelling& spelling, const std::string& to, const std::string& from, std::uint64_t bits) {
    const FloatFormat& format = format_of(to);
    long double value = 0;
    if (is_float(from)) {
        const FloatFormat& source = format_of(from);
        value = decoded(source, spelling.has("ftz") && from == "f32" ? flushed(source, bits) : bits);
    } else {
        value = static_cast<long double>(number(from, bits));
    }
    if (rounds_to_whole(spelling)) {
        value = rounded(value, rounding_of(spelling));
    }
    if (spelling.has("sat")) {
        value = std::isnan(value) || value <= 0 ? 0 : std::min(value, 1.0L);
    }
    if (spelling.has("relu") && !std::isnan(value) && !(value > 0)) {
        value = 0;
    }
    const RoundTo mode = rounds_to_whole(spelling) ? RoundTo::nearest : rounding_of(spelling);
    const std::uint64_t result = encoded(format, value, mode, spelling.has("satfinite"));
    return spelling.has("ftz") && to == "f32" ? flushed(format, result) : result;
}

std::uint64_t converted(const Spelling& spelling, const std::string& to, const std::string& from, std::uint64_t bits) {
    return is_float(to) ? to_float(spelling, to, from, bits) : to_integer(spelling, to, from, bits);
}

void expect_pack(Case& test, const Spelling& spelling) {
    const std::string to = spelling.words[3];
    test.expected = [=](const Row& row) {
        const Range range = range_of(to);
        const auto part = [&](std::uint64_t bits) {
            return bits_of(std::clamp(number("s32", bits), range.low, range.high), type_of(to).bits);
        };
        const unsigned width = type_of(to).bits;
        const std::uint64_t pair = (part(row[0]) << width) | part(row[1]);
        return Row{width == 16 ? pair : pair | ((row[2] & 0xFFFF) << 16)};
    };
}

}  // namespace

void expect_convert(Case& test) {
    const Spelling spelling(test.name);
    if (spelling.has("pack")) {
        expect_pack(test, spelling);
        return;
    }
    const std::string to = spelling.words[spelling.words.size() - 2], from = spelling.type();
    if (to == "f64" || from == "f64" || to == from || to == "tf32" || (to == "f32" && from == "bf16")) {
        test.match = Match::nan_is_nan;  // whether payloads are kept is not said
    }
    const std::string one(type_of(to).count == 2 ? type_of(to).element : to);
    if (test.operands.size() == 2) {  // the first operand is the upper half
        const unsigned width = type_of(to).bits / 2;
        test.expected = [=](const Row& row) {
            return Row{(converted(spelling, one, "f32", row[0]) << width) | converted(spelling, one, "f32", row[1])};
        };
        return;
    }
    if (type_of(to).count == 2) {
        const std::string source(type_of(from).element);
        const unsigned to_width = type_of(to).bits / 2, from_width = type_of(from).bits / 2;
        test.expected = [=](const Row& row) {
            const std::uint64_t mask = (std::uint64_t{1} << from_width) - 1;
            return Row{(converted(spelling, one, source, row[0] >> from_width) << to_width) |
                       converted(spelling, one, source, row[0] & mask)};
        };
        return;
    }
    test.expected = [=](const Row& row) { return Row{converted(spelling, to, from, row[0])}; };
}

}  // namespace warpsmith::conformance
