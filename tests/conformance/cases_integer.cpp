// Integer arithmetic and dot products.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kIntegerGroup = "integer";

std::string widened(const std::string& type) {
    return type.substr(0, 1) + std::to_string(2 * type_of(type).bits);
}

void add_arithmetic(Cases& cases, const std::string& type) {
    for (const char* opcode : {"add.", "sub.", "mul.lo.", "mul.hi.", "div.", "rem.", "min.", "max."}) {
        cases.push_back(simple(kIntegerGroup, opcode + type, type, {type, type}));
    }
    cases.push_back(simple(kIntegerGroup, "mad.lo." + type, type, {type, type, type}));
    cases.push_back(simple(kIntegerGroup, "mad.hi." + type, type, {type, type, type}));
    cases.push_back(simple(kIntegerGroup, "sad." + type, type, {type, type, type}));
    if (type_of(type).bits < 64) {
        const std::string wide = widened(type);
        cases.push_back(simple(kIntegerGroup, "mul.wide." + type, wide, {type, type}));
        cases.push_back(simple(kIntegerGroup, "mad.wide." + type, wide, {type, type, wide}));
    }
    if (type[0] == 's') {
        cases.push_back(simple(kIntegerGroup, "neg." + type, type, {type}));
        cases.push_back(simple(kIntegerGroup, "abs." + type, type, {type}));
    }
}

void add_narrow(Cases& cases) {
    for (const std::string opcode : {"add.sat.s32", "sub.sat.s32", "min.relu.s32", "max.relu.s32"}) {
        cases.push_back(simple(kIntegerGroup, opcode, "s32", {"s32", "s32"}));
    }
    cases.push_back(simple(kIntegerGroup, "mad.hi.sat.s32", "s32", {"s32", "s32", "s32"}));
    for (const std::string type : {"u16x2", "s16x2"}) {
        for (const char* opcode : {"add.", "min.", "max."}) {
            cases.push_back(simple(kIntegerGroup, opcode + type, type, {type, type}));
        }
    }
    cases.push_back(simple(kIntegerGroup, "min.relu.s16x2", "s16x2", {"s16x2", "s16x2"}));
    cases.push_back(simple(kIntegerGroup, "max.relu.s16x2", "s16x2", {"s16x2", "s16x2"}));
    for (const std::string type : {"u32", "s32"}) {
        for (const char* half : {"lo.", "hi."}) {
            cases.push_back(simple(kIntegerGroup, std::string("mul24.") + half + type, type, {type, type}));
            cases.push_back(simple(kIntegerGroup, std::string("mad24.") + half + type, type, {type, type, type}));
        }
    }
    cases.push_back(simple(kIntegerGroup, "mad24.hi.sat.s32", "s32", {"s32", "s32", "s32"}));
}

// The second instruction shows the carry that the first left.
void add_carries(Cases& cases, const std::string& type) {
    const auto add = [&](const std::string& first, const std::string& second, const std::string& body,
                         const std::vector<std::string>& operands) {
        cases.push_back(with_body(kIntegerGroup, first + " " + second, body, {type, type}, operands));
    };
    for (const std::string opcode : {"add", "sub"}) {
        const std::string out = opcode + ".cc." + type, in = opcode + "c." + type, both = opcode + "c.cc." + type;
        add(out, in, out + " %d, %a, %b;\n" + in + " %e, %c, %h;", {type, type, type, type});
        add(both, in, out + " %d, %a, %b;\n" + both + " %d, %c, %h;\n" + in + " %e, 0, 0;", {type, type, type, type});
    }
    for (const std::string half : {"lo", "hi"}) {
        const std::string out = "mad." + half + ".cc." + type, in = "madc." + half + "." + type;
        const std::string both = "madc." + half + ".cc." + type;
        add(out, "addc." + type, out + " %d, %a, %b, %c;\naddc." + type + " %e, 0, 0;", {type, type, type});
        add(in, "(carry from add.cc)", "add.cc." + type + " %d, %c, %h;\n" + in + " %e, %a, %b, %c;",
            {type, type, type, type});
        add(both, "addc." + type,
            "add.cc." + type + " %d, %c, %h;\n" + both + " %d, %a, %b, %c;\naddc." + type + " %e, 0, 0;",
            {type, type, type, type});
    }
}

void add_dot_products(Cases& cases) {
    for (const std::string a : {"u32", "s32"}) {
        for (const std::string b : {"u32", "s32"}) {
            const std::string first = a.substr(0, 1) + "8x4", second = b.substr(0, 1) + "8x4";
            const std::string sum = a == "u32" && b == "u32" ? "u32" : "s32";
            cases.push_back(simple(kIntegerGroup, "dp4a." + a + "." + b, sum, {first, second, sum}));
            for (const char* half : {"lo.", "hi."}) {
                const std::string pair = a.substr(0, 1) + "16x2";
                cases.push_back(
                    simple(kIntegerGroup, std::string("dp2a.") + half + a + "." + b, sum, {pair, second, sum}));
            }
        }
    }
}

}  // namespace

void add_integer_cases(Cases& cases) {
    for (const char* type : {"u16", "s16", "u32", "s32", "u64", "s64"}) {
        add_arithmetic(cases, type);
    }
    add_narrow(cases);
    for (const char* type : {"u32", "s32", "u64", "s64"}) {
        add_carries(cases, type);
    }
    add_dot_products(cases);
}

}  // namespace warpsmith::conformance
