// setp, set, selp and slct.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kCompareGroup = "compare";

const std::vector<std::string> kEqual = {"eq", "ne"};
const std::vector<std::string> kSigned = {"eq", "ne", "lt", "le", "gt", "ge"};
const std::vector<std::string> kUnsigned = {"eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs"};
const std::vector<std::string> kFloating = {"eq",  "ne",  "lt",  "le",  "gt",  "ge",  "equ",
                                            "neu", "ltu", "leu", "gtu", "geu", "num", "nan"};

const std::vector<std::string>& operators_of(const std::string& type) {
    return type[0] == 's'                             ? kSigned
           : type[0] == 'u'                           ? kUnsigned
           : type[0] == 'f' || type.starts_with("bf") ? kFloating
                                                      : kEqual;
}

void add_setp(Cases& cases, const std::string& type, const std::string& flush) {
    for (const std::string& op : operators_of(type)) {
        if (type_of(type).count == 2) {
            cases.push_back(with_body(kCompareGroup, "setp." + op + flush + "." + type,
                                      "setp." + op + flush + "." + type + " %d|%e, %a, %b;", {"pred", "pred"},
                                      {type, type}));
        } else {
            cases.push_back(simple(kCompareGroup, "setp." + op + flush + "." + type, "pred", {type, type}));
        }
    }
    for (const std::string boolean : {"and", "or", "xor"}) {
        const std::string op = type[0] == 'b' && type[1] != 'f' ? "ne" : "lt";
        const std::string name = "setp." + op + "." + boolean + flush + "." + type;
        // Half-precision scalars have one result only.
        const bool two = type != "f16" && type != "bf16";
        const std::string to = two ? " %d|%e, %a, %b, " : " %d, %a, %b, ";
        const std::vector<std::string> results(two ? 2 : 1, "pred");
        cases.push_back(with_body(kCompareGroup, name, name + to + "%c;", results, {type, type, "pred"}));
        cases.push_back(with_body(kCompareGroup, name + " (!c)", name + to + "!%c;", results, {type, type, "pred"}));
    }
}

void add_set(Cases& cases, const std::string& result, const std::string& type, const std::string& flush) {
    const bool floating = &operators_of(type) == &kFloating;
    for (const std::string op : {"eq", "lt", "geu", "nan"}) {
        if (!floating && op.size() == 3) {
            continue;
        }
        if (type[0] == 'b' && !floating && op != "eq") {
            continue;
        }
        cases.push_back(simple(kCompareGroup, "set." + op + flush + "." + result + "." + type, result, {type, type}));
    }
    const std::string name = "set.ne.xor" + flush + "." + result + "." + type;
    cases.push_back(with_body(kCompareGroup, name, name + " %d, %a, %b, %c;", {result}, {type, type, "pred"}));
}

void add_selections(Cases& cases) {
    for (const std::string type : {"b16", "b32", "b64", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64"}) {
        cases.push_back(simple(kCompareGroup, "selp." + type, type, {type, type, "pred"}));
        cases.push_back(simple(kCompareGroup, "slct." + type + ".s32", type, {type, type, "s32"}));
        cases.push_back(simple(kCompareGroup, "slct." + type + ".f32", type, {type, type, "f32"}));
        cases.push_back(simple(kCompareGroup, "slct.ftz." + type + ".f32", type, {type, type, "f32"}));
    }
}

}  // namespace

void add_compare_cases(Cases& cases) {
    for (const char* type : {"u16", "s16", "b16", "u32", "s32", "b32", "u64", "s64", "b64", "f32", "f64", "f16", "bf16",
                             "f16x2", "bf16x2"}) {
        add_setp(cases, type, "");
    }
    for (const char* type : {"f32", "f16", "f16x2"}) {
        add_setp(cases, type, ".ftz");
    }
    for (const char* result : {"u32", "s32", "f32"}) {
        for (const char* type : {"u16", "s16", "b16", "u32", "s32", "b32", "u64", "s64", "b64", "f32", "f64"}) {
            add_set(cases, result, type, "");
        }
        add_set(cases, result, "f32", ".ftz");
    }
    for (const char* result : {"f16", "bf16"}) {
        for (const char* type : {"u16", "s16", "u32", "s32", "f16", "bf16"}) {
            if (std::string(type).ends_with("f16") && std::string(type) != result) {
                continue;
            }
            add_set(cases, result, type, "");
        }
    }
    for (const char* result : {"u16", "s16", "u32", "s32"}) {
        add_set(cases, result, "f16", "");
        add_set(cases, result, "bf16", "");
    }
    add_set(cases, "f16x2", "f16x2", "");
    add_set(cases, "bf16x2", "bf16x2", "");
    add_selections(cases);
    for (Case& test : cases) {
        if (test.group == kCompareGroup) {
            keep_rows(test, 128);
        }
    }
}

}  // namespace warpsmith::conformance
