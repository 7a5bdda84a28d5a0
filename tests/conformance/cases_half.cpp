// f16, bf16 and pairs of them.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kHalfGroup = "half";

void add_minimum_maximum(Cases& cases, const std::string& type) {
    const bool flushes = type[0] == 'f';
    for (const std::string opcode : {"min", "max"}) {
        for (const char* flush : {"", ".ftz"}) {
            for (const char* nan : {"", ".NaN"}) {
                for (const char* sign : {"", ".xorsign.abs"}) {
                    if (flushes || *flush == 0) {
                        cases.push_back(
                            simple(kHalfGroup, opcode + flush + nan + sign + "." + type, type, {type, type}));
                    }
                }
            }
        }
    }
}

void add_half(Cases& cases, const std::string& type) {
    for (const char* opcode : {"add", "sub", "mul"}) {
        for (const char* modifiers : {"", ".rn", ".ftz", ".sat", ".rn.ftz.sat"}) {
            cases.push_back(simple(kHalfGroup, std::string(opcode) + modifiers + "." + type, type, {type, type}));
        }
    }
    for (const char* modifiers : {"", ".ftz", ".sat", ".ftz.sat", ".relu", ".ftz.relu"}) {
        cases.push_back(simple(kHalfGroup, std::string("fma.rn") + modifiers + "." + type, type, {type, type, type}));
    }
    for (const char* modifiers : {".oob", ".oob.relu"}) {
        Case test = simple(kHalfGroup, std::string("fma.rn") + modifiers + "." + type, type, {type, type, type});
        test.version = "8.1";
        cases.push_back(test);
    }
    cases.push_back(simple(kHalfGroup, "neg.ftz." + type, type, {type}));
    cases.push_back(simple(kHalfGroup, "abs.ftz." + type, type, {type}));
}

void add_bfloat(Cases& cases, const std::string& type) {
    for (const char* opcode : {"add", "sub", "mul"}) {
        for (const char* modifiers : {"", ".rn"}) {
            cases.push_back(simple(kHalfGroup, std::string(opcode) + modifiers + "." + type, type, {type, type}));
        }
    }
    for (const char* modifiers : {"", ".relu", ".oob", ".oob.relu"}) {
        Case test = simple(kHalfGroup, std::string("fma.rn") + modifiers + "." + type, type, {type, type, type});
        test.version = modifiers[0] != 0 && modifiers[1] == 'o' ? "8.1" : "8.0";
        cases.push_back(test);
    }
}

}  // namespace

void add_half_cases(Cases& cases) {
    for (const std::string type : {"f16", "f16x2", "bf16", "bf16x2"}) {
        if (type[0] == 'f') {
            add_half(cases, type);
        } else {
            add_bfloat(cases, type);
        }
        add_minimum_maximum(cases, type);
        cases.push_back(simple(kHalfGroup, "neg." + type, type, {type}));
        cases.push_back(simple(kHalfGroup, "abs." + type, type, {type}));
    }
}

}  // namespace warpsmith::conformance
