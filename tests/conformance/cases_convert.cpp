// cvt between every pair of types.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kConvertGroup = "convert";
const std::vector<std::string> kIntegers = {"u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"};

// Results of 8 bits are kept as the 32 bits of their register: cvt extends them.
Case convert(const std::string& modifiers, const std::string& to, const std::string& from) {
    const std::string result = type_of(to).bits == 8 ? "b32" : to;
    return with_body(kConvertGroup, "cvt" + modifiers + "." + to + "." + from,
                     "cvt" + modifiers + "." + to + "." + from + " %d, %a;", {result}, {from});
}

// Whether a value of `from` may lie outside `to`: elsewhere PTX takes no .sat.
bool can_saturate(const std::string& to, const std::string& from) {
    const unsigned to_bits = type_of(to).bits, from_bits = type_of(from).bits;
    return to[0] == from[0] ? from_bits > to_bits : to[0] == 'u' || from_bits >= to_bits;
}

void add_integer(Cases& cases) {
    for (const std::string& to : kIntegers) {
        for (const std::string& from : kIntegers) {
            cases.push_back(convert("", to, from));
            if (can_saturate(to, from)) {
                cases.push_back(convert(".sat", to, from));
            }
        }
    }
}

void add_integer_and_float(Cases& cases) {
    for (const std::string floating : {"f16", "bf16", "f32", "f64"}) {
        for (const std::string& integer : kIntegers) {
            if (floating == "bf16" && type_of(integer).bits == 8) {
                continue;  // PTX has none
            }
            for (const std::string rounding : {".rn", ".rz", ".rm", ".rp"}) {
                cases.push_back(convert(rounding, floating, integer));
                cases.push_back(convert(rounding + "i", integer, floating));
            }
            if (floating != "bf16") {
                cases.push_back(convert(".rn.sat", floating, integer));
                cases.push_back(convert(".rzi.sat", integer, floating));
            }
            if (floating == "f32") {
                cases.push_back(convert(".rpi.ftz", integer, floating));
            }
        }
    }
}

void add_float(Cases& cases) {
    for (const std::string rounding : {".rn", ".rz", ".rm", ".rp"}) {
        for (const char* modifiers : {"", ".sat", ".ftz"}) {
            cases.push_back(convert(rounding + modifiers, "f32", "f64"));
        }
        for (const char* from : {"f32", "f64", "bf16"}) {
            cases.push_back(convert(rounding, "f16", from));
            if (std::string(from) != "bf16") {
                cases.push_back(convert(rounding, "bf16", from));
            }
        }
        cases.push_back(convert(rounding, "bf16", "f16"));
        cases.push_back(convert(rounding + "i", "f16", "f16"));
        cases.push_back(convert(rounding + "i", "f32", "f32"));
        cases.push_back(convert(rounding + "i", "f64", "f64"));
        cases.push_back(convert(rounding + "i", "bf16", "bf16"));
        cases.push_back(convert(rounding + "i.ftz", "f32", "f32"));
        cases.push_back(convert(rounding + "i.sat", "f32", "f32"));
    }
    for (const char* modifiers : {".rn.sat", ".rn.ftz", ".rn.relu", ".rz.relu"}) {
        cases.push_back(convert(modifiers, "f16", "f32"));
    }
    cases.push_back(convert(".rn.relu", "bf16", "f32"));
    cases.push_back(convert(".rz.relu", "bf16", "f32"));
    for (const char* modifiers : {"", ".ftz", ".sat", ".ftz.sat"}) {
        cases.push_back(convert(modifiers, "f32", "f16"));
        if (std::string(modifiers).find(".sat") == std::string::npos) {
            cases.push_back(convert(modifiers, "f32", "bf16"));
        }
        cases.push_back(convert(modifiers, "f32", "f32"));
        cases.push_back(convert(modifiers, "f64", "f32"));
    }
    for (const char* from : {"f16", "bf16"}) {
        cases.push_back(convert("", "f64", from));
    }
    cases.push_back(convert("", "f64", "f64"));
    cases.push_back(convert("", "f16", "f16"));
    cases.push_back(convert("", "bf16", "bf16"));
    cases.push_back(convert(".sat", "f64", "f64"));
    cases.push_back(convert(".sat", "f16", "f16"));
}

void add_packed(Cases& cases) {
    const auto packed = [&](const std::string& modifiers, const std::string& to, const std::string& version = "8.0") {
        Case test = with_body(kConvertGroup, "cvt" + modifiers + "." + to + ".f32",
                              "cvt" + modifiers + "." + to + ".f32 %d, %a, %b;", {to}, {"f32", "f32"});
        test.version = version;
        cases.push_back(test);
    };
    for (const char* type : {"f16x2", "bf16x2"}) {
        for (const char* modifiers : {".rn", ".rz", ".rn.relu", ".rz.relu"}) {
            packed(modifiers, type);
        }
        packed(".rn.satfinite", type, "8.6");
    }
    for (const std::string type : {"e4m3x2", "e5m2x2"}) {
        for (const std::string relu : {"", ".relu"}) {
            packed(".rn.satfinite" + relu, type, "8.1");
            Case narrow = convert(".rn.satfinite" + relu, type, "f16x2");
            Case wide = convert(".rn" + relu, "f16x2", type);
            narrow.version = wide.version = "8.1";
            cases.push_back(narrow);
            cases.push_back(wide);
        }
    }
    for (const char* modifiers : {".rna", ".rn", ".rz", ".rn.relu", ".rz.relu"}) {
        cases.push_back(convert(modifiers, "tf32", "f32"));
    }
    Case finite = convert(".rna.satfinite", "tf32", "f32");
    finite.version = "8.1";
    cases.push_back(finite);
    for (const char* type : {"u8", "s8", "u16", "s16"}) {
        const std::string name = std::string("cvt.pack.sat.") + type + ".s32";
        if (type_of(type).bits == 16) {
            cases.push_back(with_body(kConvertGroup, name, name + " %d, %a, %b;", {"b32"}, {"s32", "s32"}));
        } else {
            cases.push_back(
                with_body(kConvertGroup, name + ".b32", name + ".b32 %d, %a, %b, %c;", {"b32"}, {"s32", "s32", "b32"}));
        }
    }
}

}  // namespace

void add_convert_cases(Cases& cases) {
    add_integer(cases);
    add_integer_and_float(cases);
    add_float(cases);
    add_packed(cases);
}

}  // namespace warpsmith::conformance
