// Logic, shifts, bit fields, counting and permuting.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kBitsGroup = "bits";

void add_logic(Cases& cases) {
    for (const std::string type : {"pred", "b16", "b32", "b64"}) {
        for (const char* opcode : {"and.", "or.", "xor."}) {
            cases.push_back(simple(kBitsGroup, opcode + type, type, {type, type}));
        }
        cases.push_back(simple(kBitsGroup, "not." + type, type, {type}));
        if (type != "pred") {
            cases.push_back(simple(kBitsGroup, "cnot." + type, type, {type}));
        }
    }
    for (const char* table : {"0x01", "0x1B", "0x3C", "0x80", "0x96", "0xCA", "0xE8", "0xFE", "0x5A", "0xD8"}) {
        cases.push_back(with_body(kBitsGroup, std::string("lop3.b32 (") + table + ")",
                                  std::string("lop3.b32 %d, %a, %b, %c, ") + table + ";", {"b32"},
                                  {"b32", "b32", "b32"}));
    }
    for (const std::string op : {"or", "and"}) {
        Case test = with_body(kBitsGroup, "lop3." + op + ".b32", "lop3." + op + ".b32 %d|%e, %a, %b, %c, 0x80, %h;",
                              {"b32", "pred"}, {"b32", "b32", "b32", "pred"});
        test.version = "8.2";
        cases.push_back(test);
    }
}

void add_shifts(Cases& cases) {
    for (const std::string type : {"b16", "b32", "b64"}) {
        cases.push_back(simple(kBitsGroup, "shl." + type, type, {type, "u32:amount"}));
    }
    for (const std::string type : {"b16", "b32", "b64", "u16", "u32", "u64", "s16", "s32", "s64"}) {
        cases.push_back(simple(kBitsGroup, "shr." + type, type, {type, "u32:amount"}));
    }
    for (const std::string opcode : {"shf.l.clamp.b32", "shf.l.wrap.b32", "shf.r.clamp.b32", "shf.r.wrap.b32"}) {
        cases.push_back(simple(kBitsGroup, opcode, "b32", {"b32", "b32", "u32:amount"}));
    }
}

void add_fields(Cases& cases) {
    for (const std::string type : {"u32", "s32", "u64", "s64"}) {
        cases.push_back(simple(kBitsGroup, "bfe." + type, type, {type, "u32:field", "u32:field"}));
        cases.push_back(simple(kBitsGroup, "bfind." + type, "u32", {type}));
        cases.push_back(simple(kBitsGroup, "bfind.shiftamt." + type, "u32", {type}));
    }
    for (const std::string type : {"b32", "b64"}) {
        cases.push_back(simple(kBitsGroup, "bfi." + type, type, {type, type, "u32:field", "u32:field"}));
        cases.push_back(simple(kBitsGroup, "brev." + type, type, {type}));
        cases.push_back(simple(kBitsGroup, "popc." + type, "u32", {type}));
        cases.push_back(simple(kBitsGroup, "clz." + type, "u32", {type}));
    }
    for (const char* mode : {"clamp.", "wrap."}) {
        cases.push_back(simple(kBitsGroup, std::string("bmsk.") + mode + "b32", "b32", {"u32:amount", "u32:amount"}));
        for (const char* type : {"u32", "s32"}) {
            cases.push_back(simple(kBitsGroup, std::string("szext.") + mode + type, type, {type, "u32:amount"}));
        }
    }
    for (const char* mode : {"", ".f4e", ".b4e", ".rc8", ".ecl", ".ecr", ".rc16"}) {
        cases.push_back(simple(kBitsGroup, std::string("prmt.b32") + mode, "b32", {"b32", "b32", "b32"}));
    }
    // The offset counts set bits from the base: small numbers of either sign.
    Case find = with_body(kBitsGroup, "fns.b32",
                          "and.b32 %b, %b, 31;\nand.b32 %c, %c, 15;\nsub.s32 %c, %c, 7;\nfns.b32 %d, %a, %b, %c;",
                          {"b32"}, {"b32", "b32:amount", "s32"});
    cases.push_back(find);
}

}  // namespace

void add_bit_cases(Cases& cases) {
    add_logic(cases);
    add_shifts(cases);
    add_fields(cases);
}

}  // namespace warpsmith::conformance
