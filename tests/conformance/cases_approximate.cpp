// Approximate functions: within the error that the PTX ISA documents.
#include <cmath>

#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kGroup = "approximate";

Case approximate(const std::string& opcode, const std::string& type, std::size_t operands, const Bound& bound) {
    Case test = simple(kGroup, opcode + "." + type, type, std::vector<std::string>(operands, type));
    test.match = Match::approximate;
    test.bound = bound;
    return test;
}

}  // namespace

void add_approximate_cases(Cases& cases) {
    for (const std::string flush : {"", ".ftz"}) {
        cases.push_back(approximate("rcp.approx" + flush, "f32", 1, {.ulps = 1}));
        cases.push_back(approximate("sqrt.approx" + flush, "f32", 1, {.relative = std::exp2(-23)}));
        cases.push_back(approximate("rsqrt.approx" + flush, "f32", 1, {.relative = std::exp2(-22.9)}));
        cases.push_back(approximate("sin.approx" + flush, "f32", 1, {.absolute = std::exp2(-20.5)}));
        cases.push_back(approximate("cos.approx" + flush, "f32", 1, {.absolute = std::exp2(-20.5)}));
        cases.push_back(approximate("lg2.approx" + flush, "f32", 1, {.absolute = std::exp2(-22)}));
        cases.push_back(approximate("ex2.approx" + flush, "f32", 1, {.ulps = 2}));
        cases.push_back(approximate("div.approx" + flush, "f32", 2, {.ulps = 2}));
        cases.push_back(approximate("div.full" + flush, "f32", 2, {.ulps = 2}));
    }
    cases.push_back(approximate("tanh.approx", "f32", 1, {.relative = std::exp2(-11)}));
    for (const std::string type : {"f16", "f16x2"}) {
        cases.push_back(approximate("ex2.approx", type, 1, {.relative = std::exp2(-9.9)}));
        cases.push_back(approximate("tanh.approx", type, 1, {.absolute = std::exp2(-10.987)}));
    }
    for (const std::string type : {"bf16", "bf16x2"}) {
        cases.push_back(approximate("ex2.approx.ftz", type, 1, {.relative = std::exp2(-7)}));
        cases.push_back(approximate("tanh.approx", type, 1, {.relative = std::exp2(-8)}));
    }
    cases.push_back(approximate("rcp.approx.ftz", "f64", 1, {.relative = std::exp2(-19)}));
    cases.push_back(approximate("rsqrt.approx", "f64", 1, {.relative = std::exp2(-19)}));
    cases.push_back(approximate("rsqrt.approx.ftz", "f64", 1, {.relative = std::exp2(-19)}));
}

}  // namespace warpsmith::conformance
