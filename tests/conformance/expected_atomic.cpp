// Atomics on memory of a thread's own: the old value, and what is in memory then.
#include <algorithm>
#include <cmath>

#include "tests/conformance/expected.hpp"
#include "tests/conformance/float_format.hpp"

namespace warpsmith::conformance {
namespace {

std::uint64_t sum(const Spelling& spelling, const std::string& type, std::uint64_t a, std::uint64_t b) {
    const std::string element(type_of(type).element);
    if (!is_float(element)) {
        return bits_of(number(type, a) + number(type, b), type_of(type).bits);
    }
    const FloatFormat& format = format_of(element);
    // "Subnormal inputs and results are flushed ... on global memory; on shared memory they are supported."
    const bool flushes = type == "f32" && spelling.has("global");
    const auto one = [&](std::uint64_t x, std::uint64_t y) {
        const long double left = decoded(format, flushes ? flushed(format, x) : x);
        const long double right = decoded(format, flushes ? flushed(format, y) : y);
        const std::uint64_t result = encoded(format, left + right, RoundTo::nearest);
        return flushes ? flushed(format, result) : result;
    };
    if (type_of(type).count == 1) {
        return one(a, b);
    }
    return one(a & 0xFFFF, b & 0xFFFF) | (one(a >> 16, b >> 16) << 16);
}

std::uint64_t combined(const Spelling& spelling, const std::string& type, const Row& row) {
    const std::uint64_t a = row[0], b = row[1];
    const auto less = [&] { return number(type, a) < number(type, b); };
    return spelling.has("and")    ? a & b
           : spelling.has("or")   ? a | b
           : spelling.has("xor")  ? a ^ b
           : spelling.has("exch") ? b
           : spelling.has("cas")  ? (a == b ? row[2] : a)
           : spelling.has("inc")  ? (a >= b ? 0 : a + 1)
           : spelling.has("dec")  ? (a == 0 || a > b ? b : a - 1)
           : spelling.has("min")  ? (less() ? a : b)
           : spelling.has("max")  ? (less() ? b : a)
                                  : sum(spelling, type, a, b);
}

}  // namespace

void expect_atomic(Case& test) {
    const Spelling spelling(test.name);
    if (test.name.find("one cell") != std::string::npos || spelling.has("v2")) {
        return;  // recorded results only
    }
    const std::string& type = spelling.type();
    const std::size_t results = test.results.size();
    const bool only_new = spelling.opcode() == "red" && results == 1;
    // Sums of f64 are rounded twice by a long double: left to recorded results.
    if (type == "f64") {
        return;
    }
    test.match = is_float(type) ? Match::nan_is_nan : Match::exact;
    test.expected = [=](const Row& row) {
        const std::uint64_t now = combined(spelling, type, row);
        return only_new ? Row{now} : results == 1 ? Row{row[0]} : Row{row[0], now};
    };
}

}  // namespace warpsmith::conformance
