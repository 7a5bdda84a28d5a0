// Single and double precision: results that IEEE 754 and the PTX ISA fix to the bit.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kFloatGroup = "float";

void add_rounded(Cases& cases, const std::string& opcode, const std::string& type,
                 const std::vector<std::string>& operands, bool saturates) {
    const bool single = type == "f32";
    for (const char* rounding : {".rn", ".rz", ".rm", ".rp"}) {
        for (const char* flush : {"", ".ftz"}) {
            for (const char* saturation : {"", ".sat"}) {
                if ((*flush != 0 && !single) || (*saturation != 0 && !(single && saturates))) {
                    continue;
                }
                cases.push_back(
                    simple(kFloatGroup, opcode + rounding + flush + saturation + "." + type, type, operands));
            }
        }
    }
}

void add_type(Cases& cases, const std::string& type) {
    for (const char* opcode : {"add", "sub", "mul"}) {
        add_rounded(cases, opcode, type, {type, type}, true);
        cases.push_back(simple(kFloatGroup, std::string(opcode) + "." + type, type, {type, type}));
    }
    add_rounded(cases, "fma", type, {type, type, type}, true);
    add_rounded(cases, "div", type, {type, type}, false);
    add_rounded(cases, "rcp", type, {type}, false);
    add_rounded(cases, "sqrt", type, {type}, false);
    cases.push_back(simple(kFloatGroup, "mad.rn." + type, type, {type, type, type}));
    for (const char* opcode : {"min.", "max."}) {
        cases.push_back(simple(kFloatGroup, opcode + type, type, {type, type}));
    }
    cases.push_back(simple(kFloatGroup, "neg." + type, type, {type}));
    cases.push_back(simple(kFloatGroup, "abs." + type, type, {type}));
    cases.push_back(simple(kFloatGroup, "copysign." + type, type, {type, type}));
    for (const char* kind : {"finite.", "infinite.", "number.", "notanumber.", "normal.", "subnormal."}) {
        cases.push_back(simple(kFloatGroup, std::string("testp.") + kind + type, "pred", {type}));
    }
}

}  // namespace

void add_float_cases(Cases& cases) {
    add_type(cases, "f32");
    add_type(cases, "f64");
    for (const std::string opcode : {"min", "max"}) {
        for (const char* modifiers : {".ftz", ".NaN", ".ftz.NaN", ".xorsign.abs", ".ftz.xorsign.abs",
                                      ".NaN.xorsign.abs", ".ftz.NaN.xorsign.abs"}) {
            cases.push_back(simple(kFloatGroup, opcode + modifiers + ".f32", "f32", {"f32", "f32"}));
        }
    }
    cases.push_back(simple(kFloatGroup, "neg.ftz.f32", "f32", {"f32"}));
    cases.push_back(simple(kFloatGroup, "abs.ftz.f32", "f32", {"f32"}));
    for (const std::string opcode : {"add", "sub", "mul"}) {
        cases.push_back(simple(kFloatGroup, opcode + ".sat.f32", "f32", {"f32", "f32"}));
        cases.push_back(simple(kFloatGroup, opcode + ".ftz.f32", "f32", {"f32", "f32"}));
    }
}

}  // namespace warpsmith::conformance
