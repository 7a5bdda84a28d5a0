// Approximate functions: within the error that the PTX ISA documents.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kApproximateGroup = "approximate";

Case approximate(const std::string& opcode, const std::string& type, std::size_t operands = 1) {
    Case test = simple(kApproximateGroup, opcode + "." + type, type, std::vector<std::string>(operands, type));
    test.match = Match::approximate;
    return test;
}

}  // namespace

void add_approximate_cases(Cases& cases) {
    for (const std::string flush : {"", ".ftz"}) {
        for (const char* opcode : {"rcp", "sqrt", "rsqrt", "sin", "cos", "lg2", "ex2"}) {
            cases.push_back(approximate(std::string(opcode) + ".approx" + flush, "f32"));
        }
        cases.push_back(approximate("div.approx" + flush, "f32", 2));
        cases.push_back(approximate("div.full" + flush, "f32", 2));
    }
    cases.push_back(approximate("tanh.approx", "f32"));
    for (const std::string type : {"f16", "f16x2"}) {
        cases.push_back(approximate("ex2.approx", type));
        cases.push_back(approximate("tanh.approx", type));
    }
    for (const std::string type : {"bf16", "bf16x2"}) {
        cases.push_back(approximate("ex2.approx.ftz", type));
        cases.push_back(approximate("tanh.approx", type));
    }
    cases.push_back(approximate("rcp.approx.ftz", "f64"));
    cases.push_back(approximate("rsqrt.approx", "f64"));
    cases.push_back(approximate("rsqrt.approx.ftz", "f64"));
}

}  // namespace warpsmith::conformance
