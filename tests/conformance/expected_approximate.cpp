// Approximate functions: the exact value, and the error that the PTX ISA allows.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include "tests/conformance/expected.hpp"
#include "tests/conformance/float_format.hpp"

namespace warpsmith::conformance {
namespace {

constexpr double kPi = std::numbers::pi;

struct Error {
    double relative = 0, absolute = 0, ulps = 0;
    bool specified = true;
};

Error error_of_sine(double x) {  // by the argument's range
    return std::fabs(x) <= 2 * kPi     ? Error{.absolute = 0x1p-20}
           : std::fabs(x) <= 100 * kPi ? Error{.absolute = std::exp2(-14.7)}
                                       : Error{.specified = std::isinf(x) || std::isnan(x)};
}

struct Function {
    double (*value)(double);
    Error (*error)(const std::string& type, double x);
};

const std::map<std::string, Function> kFunctions = {
    {"rcp",
     {[](double x) { return 1 / x; },
      [](const std::string& type, double) { return type == "f64" ? Error{.relative = 0x1p-19} : Error{.ulps = 1}; }}},
    {"sqrt",
     {[](double x) { return std::sqrt(x); },
      [](const std::string&, double) { return Error{.relative = 0x1p-23, .ulps = 0.5}; }}},
    {"rsqrt",
     {[](double x) { return 1 / std::sqrt(x); },
      [](const std::string& type, double) { return Error{.relative = type == "f64" ? 0x1p-19 : std::exp2(-22.4)}; }}},
    {"sin", {[](double x) { return std::sin(x); }, [](const std::string&, double x) { return error_of_sine(x); }}},
    {"cos", {[](double x) { return std::cos(x); }, [](const std::string&, double x) { return error_of_sine(x); }}},
    {"lg2",
     {[](double x) { return std::log2(x); },
      [](const std::string&, double x) {
          return x > 0.5 && x < 2 ? Error{.absolute = 0x1p-22} : Error{.relative = 0x1p-22};
      }}},
    {"ex2",
     {[](double x) { return std::exp2(x); },
      [](const std::string& type, double) {
          return type == "f32"   ? Error{.ulps = 2}
                 : type == "f16" ? Error{.relative = std::exp2(-9.9)}
                                 : Error{.relative = 0x1p-7};
      }}},
    {"tanh",
     {[](double x) { return std::tanh(x); },
      [](const std::string& type, double) {
          return type == "f32"   ? Error{.relative = 0x1p-11}
                 : type == "f16" ? Error{.absolute = std::exp2(-10.987)}
                                 : Error{.absolute = 0x1p-8};
      }}},
};

double unit_in_last_place(const FloatFormat& format, double value) {
    const int lowest = 1 - format.bias();
    const int exponent = value == 0 || !std::isfinite(value) ? lowest : std::max(std::ilogb(value), lowest);
    return std::ldexp(1.0, exponent - static_cast<int>(format.mantissa));
}

double tolerance(const FloatFormat& format, const Error& error, double value) {
    return error.relative * std::fabs(value) + error.absolute + error.ulps * unit_in_last_place(format, value);
}

double smallest_normal(const FloatFormat& format) {
    return std::ldexp(1.0, 1 - format.bias());
}

// Where subnormal numbers count as zero, an operand is taken for one, and a result that near to zero may be one.
Approximation near(const Spelling& spelling, const FloatFormat& format, double value, const Error& error) {
    Approximation truth{value, tolerance(format, error, value), error.specified};
    if (std::fabs(value) < smallest_normal(format)) {  // no relative error can hold where places run out
        truth.tolerance = std::max(truth.tolerance, unit_in_last_place(format, 0));
    }
    if (spelling.has("ftz") && std::fabs(value) < 1.01 * smallest_normal(format)) {
        truth.tolerance = std::max(truth.tolerance, 1.01 * smallest_normal(format));
    }
    return truth;
}

double operand(const Spelling& spelling, const FloatFormat& format, std::uint64_t bits) {
    return static_cast<double>(decoded(format, spelling.has("ftz") ? flushed(format, bits) : bits));
}

// div.approx: 2 ulp for 2^-126 <= |b| <= 2^126; above that 0, or NaN for an infinite dividend. div.full: 2 ulp, but for
// operands that scaling takes to the ends of the range.
Approximation quotient(const Spelling& spelling, const FloatFormat& format, const Row& row) {
    const double a = operand(spelling, format, row[0]), b = operand(spelling, format, row[1]);
    const double size = std::fabs(b);
    Approximation truth = near(spelling, format, a / b, {.ulps = 2});
    if (spelling.has("approx") && std::isfinite(b) && size > 0x1p126) {
        truth.value = std::isinf(a) ? std::numeric_limits<double>::quiet_NaN() : a / b;
        truth.tolerance = std::max(truth.tolerance, std::fabs(a / b));
    }
    truth.specified = size == 0 || !std::isfinite(b) || size >= 0x1p-126;
    return truth;
}

}  // namespace

void expect_approximate(Case& test) {
    const Spelling spelling(test.name);
    const std::string type(type_of(spelling.type()).element);
    const FloatFormat& format = format_of(type);
    if (spelling.opcode() == "div") {
        test.truth = [=, &format](const Row& row) { return quotient(spelling, format, row); };
        return;
    }
    const Function& function = kFunctions.at(spelling.opcode());
    const bool high_half = type == "f64" && spelling.opcode() == "rcp";  // only the upper 32 bits count
    test.truth = [=, &function, &format](const Row& row) {
        const double x = operand(spelling, format, high_half ? row[0] >> 32 << 32 : row[0]);
        return near(spelling, format, function.value(x), function.error(type, x));
    };
}

}  // namespace warpsmith::conformance
