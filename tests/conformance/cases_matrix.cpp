// ldmatrix, stmatrix, movmatrix and mma.sync.
#include "tests/conformance/catalogue.hpp"
#include "tests/conformance/values.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kMatrixGroup = "matrix";
constexpr const char* kLists[] = {"", "{%d}", "{%d, %e}", "", "{%d, %e, %f, %g}"};

// The whole of shared memory is filled from operands a and b: 16 bytes per thread, 32 threads.
const std::string kRoom = ".shared .align 128 .b8 room[512];\nmov.u32 %m, room;\nmad.lo.u32 %n, %t, 16, %m;\n";

void add_moves(Cases& cases) {
    for (const unsigned count : {1U, 2U, 4U}) {
        for (const char* transposed : {"", ".trans"}) {
            const std::string suffix = ".sync.aligned.m8n8.x" + std::to_string(count) + transposed + ".shared.b16";
            // Rows come from threads in an order of their own: 5t mod 32.
            const std::string shuffled = "mul.lo.u32 %n, %t, 5;\nand.b32 %n, %n, 31;\nmad.lo.u32 %n, %n, 16, %m;\n";
            cases.push_back(warp_case(kMatrixGroup, "ldmatrix" + suffix,
                                      kRoom + "st.shared.v2.b64 [%n], {%a, %b};\nbar.sync 0;\n" + shuffled +
                                          "ldmatrix" + suffix + " " + kLists[count] + ", [%n];",
                                      std::vector<std::string>(count, "b32"), {"b64", "b64"}, 32));
            Case store = warp_case(kMatrixGroup, "stmatrix" + suffix,
                                   kRoom +
                                       ".reg .b64 %z;\nmov.b64 %z, 0;\nst.shared.v2.b64 [%n], {%z, %z};\n"
                                       "bar.sync 0;\n.reg .b32 %s<4>;\nmov.b64 {%s0, %s1}, %a;\n"
                                       "mov.b64 {%s2, %s3}, %b;\n" +
                                       shuffled + "stmatrix" + suffix + " [%n], " +
                                       (count == 1   ? "{%s0}"
                                        : count == 2 ? "{%s0, %s1}"
                                                     : "{%s0, %s1, %s2, %s3}") +
                                       ";\nbar.sync 0;\nmad.lo.u32 %n, %t, 16, %m;\nld.shared.v2.b64 {%d, %e}, [%n];",
                                   {"b64", "b64"}, {"b64", "b64"}, 32);
            cases.push_back(store);
        }
    }
    cases.push_back(warp_case(kMatrixGroup, "movmatrix.sync.aligned.m8n8.trans.b16",
                              "movmatrix.sync.aligned.m8n8.trans.b16 %d, %a;", {"b32"}, {"b32"}, 32));
}

// Of bytes, for sm_100.
void add_byte_moves(Cases& cases) {
    const std::string shuffled = "mul.lo.u32 %n, %t, 5;\nand.b32 %n, %n, 31;\nmad.lo.u32 %n, %n, 16, %m;\n";
    struct Form {
        const char* shape;
        const char* format;
        std::vector<unsigned> counts;
        unsigned registers;  // of one matrix
    };
    const Form forms[] = {{"m16n16.x$.trans", "b8", {1, 2}, 2},
                          {"m16n16.x$.trans", "b8x16.b6x16_p32", {1, 2}, 2},
                          {"m16n16.x$.trans", "b8x16.b4x16_p64", {1, 2}, 2},
                          {"m8n16.x$", "b8x16.b6x16_p32", {1, 2, 4}, 1},
                          {"m8n16.x$", "b8x16.b4x16_p64", {1, 2, 4}, 1}};
    const auto add = [&](Case test) {
        test.version = "8.6";
        test.target = "sm_100a";
        cases.push_back(std::move(test));
    };
    for (const Form& form : forms) {
        for (const unsigned count : form.counts) {
            std::string shape = form.shape;
            shape.replace(shape.find('$'), 1, std::to_string(count));
            const std::string name = "ldmatrix.sync.aligned." + shape + ".shared." + form.format;
            add(warp_case(kMatrixGroup, name,
                          kRoom + "st.shared.v2.b64 [%n], {%a, %b};\nbar.sync 0;\n" + shuffled + name + " " +
                              kLists[count * form.registers] + ", [%n];",
                          std::vector<std::string>(std::size_t{count} * form.registers, "b32"), {"b64", "b64"}, 32));
        }
    }
    constexpr const char* kStored[] = {"", "{%s0}", "{%s0, %s1}", "", "{%s0, %s1, %s2, %s3}"};
    for (const unsigned count : {1U, 2U, 4U}) {
        const std::string name = "stmatrix.sync.aligned.m16n8.x" + std::to_string(count) + ".trans.shared.b8";
        add(warp_case(kMatrixGroup, name,
                      kRoom +
                          ".reg .b64 %z;\nmov.b64 %z, 0;\nst.shared.v2.b64 [%n], {%z, %z};\nbar.sync 0;\n"
                          ".reg .b32 %s<4>;\nmov.b64 {%s0, %s1}, %a;\nmov.b64 {%s2, %s3}, %b;\n" +
                          shuffled + name + " [%n], " + kStored[count] +
                          ";\nbar.sync 0;\nmad.lo.u32 %n, %t, 16, %m;\nld.shared.v2.b64 {%d, %e}, [%n];",
                      {"b64", "b64"}, {"b64", "b64"}, 32));
    }
}

struct Shape {
    const char* shape;
    unsigned a, b, c;   // registers of the fragments, of 32 or 64 bits
    const char* types;  // ".f32.f16.f16.f32"
    const char* element;
    const char* accumulator;
    const char* version = "8.0";
    const char* extra = "";
};
constexpr Shape kShapes[] = {
    {"m16n8k8", 2, 1, 4, "f32.f16.f16.f32", "f16", "f32"},
    {"m16n8k16", 4, 2, 4, "f32.f16.f16.f32", "f16", "f32"},
    {"m16n8k8", 2, 1, 2, "f16.f16.f16.f16", "f16", "f16"},
    {"m16n8k16", 4, 2, 2, "f16.f16.f16.f16", "f16", "f16"},
    {"m16n8k8", 2, 1, 4, "f32.bf16.bf16.f32", "bf16", "f32"},
    {"m16n8k16", 4, 2, 4, "f32.bf16.bf16.f32", "bf16", "f32"},
    {"m16n8k4", 2, 1, 4, "f32.tf32.tf32.f32", "f32", "f32"},
    {"m16n8k8", 4, 2, 4, "f32.tf32.tf32.f32", "f32", "f32"},
    {"m8n8k4", 1, 1, 2, "f64.f64.f64.f64", "f64", "f64"},
    {"m16n8k4", 2, 1, 4, "f64.f64.f64.f64", "f64", "f64"},
    {"m16n8k8", 4, 2, 4, "f64.f64.f64.f64", "f64", "f64"},
    {"m16n8k16", 8, 4, 4, "f64.f64.f64.f64", "f64", "f64"},
    {"m8n8k16", 1, 1, 2, "s32.s8.s8.s32", "s8", "s32"},
    {"m16n8k16", 2, 1, 4, "s32.s8.s8.s32", "s8", "s32"},
    {"m16n8k32", 4, 2, 4, "s32.s8.s8.s32", "s8", "s32"},
    {"m16n8k32", 4, 2, 4, "s32.u8.s8.s32", "s8", "s32"},
    {"m16n8k32", 4, 2, 4, "s32.s8.u8.s32", "s8", "s32"},
    {"m16n8k32", 4, 2, 4, "s32.u8.u8.s32", "s8", "s32"},
    {"m16n8k32", 4, 2, 4, "s32.s8.s8.s32", "s8", "s32", "8.0", ".satfinite"},
    {"m16n8k32", 4, 2, 4, "f32.e4m3.e4m3.f32", "e4m3", "f32", "8.4"},
    {"m16n8k32", 4, 2, 4, "f32.e5m2.e5m2.f32", "e5m2", "f32", "8.4"},
    {"m16n8k32", 4, 2, 4, "f32.e4m3.e5m2.f32", "e4m3", "f32", "8.4"},
    {"m8n8k32", 1, 1, 2, "s32.s4.s4.s32", "any", "s32"},
    {"m8n8k32", 1, 1, 2, "s32.u4.s4.s32", "any", "s32"},
    {"m16n8k32", 2, 1, 4, "s32.s4.u4.s32", "any", "s32"},
    {"m16n8k32", 2, 1, 4, "s32.u4.u4.s32", "any", "s32"},
    {"m16n8k64", 4, 2, 4, "s32.s4.s4.s32", "any", "s32"},
    {"m16n8k64", 4, 2, 4, "s32.s4.u4.s32", "any", "s32"},
    {"m16n8k64", 4, 2, 4, "s32.u4.s4.s32", "any", "s32"},
    {"m16n8k64", 4, 2, 4, "s32.u4.u4.s32", "any", "s32"},
    {"m16n8k64", 4, 2, 4, "s32.s4.s4.s32", "any", "s32", "8.0", ".satfinite"},
    {"m8n8k32", 1, 1, 2, "s32.u4.u4.s32", "any", "s32", "8.0", ".satfinite"},
    {"m8n8k128", 1, 1, 2, "s32.b1.b1.s32.xor.popc", "any", "s32"},
    {"m8n8k128", 1, 1, 2, "s32.b1.b1.s32.and.popc", "any", "s32"},
    {"m16n8k128", 2, 1, 4, "s32.b1.b1.s32.xor.popc", "any", "s32"},
    {"m16n8k128", 2, 1, 4, "s32.b1.b1.s32.and.popc", "any", "s32"},
    {"m16n8k256", 4, 2, 4, "s32.b1.b1.s32.xor.popc", "any", "s32"},
    {"m16n8k256", 4, 2, 4, "s32.b1.b1.s32.and.popc", "any", "s32"},
};

std::uint64_t register_value(const std::string& element, unsigned bits, bool whole, Random& random) {
    if (element == "any") {
        return random.next() & 0xFFFFFFFF;
    }
    const unsigned width = element == "f64"                                            ? 64
                           : element == "f32" || element == "s32" || element == "ends" ? 32
                           : element == "f16" || element == "bf16"                     ? 16
                                                                                       : 8;
    std::uint64_t value = 0;
    for (unsigned at = 0; at < bits; at += width) {
        value |= matrix_element(element, whole, random) << at;
    }
    return value;
}

std::string names(char letter, unsigned count) {
    std::string text = "{";
    for (unsigned i = 0; i < count; ++i) {
        text += (i == 0 ? "%" : ", %") + std::string(1, letter) + "_" + std::to_string(i);
    }
    return text + "}";
}

// Fragments come as the operands: one 64-bit operand per array, register after register, thread after thread.
Case mma(const Shape& shape, bool whole) {
    const bool wide = std::string(shape.accumulator) == "f64";
    const bool narrow = std::string(shape.element) == "any";
    const unsigned bits = wide ? 64 : 32, total = shape.a + shape.b + shape.c;
    const std::string name =
        "mma.sync.aligned." + std::string(shape.shape) + ".row.col" + shape.extra + "." + shape.types;
    Case test{.name = name + (whole ? " (whole numbers)" : " (fractions)"),
              .group = kMatrixGroup,
              .results = {},
              .operands = {"b64"},
              .rows = std::size_t{32} * total,
              .block = 32};
    Random random(total);
    test.inputs.resize(1);
    std::string loads = ".reg .b" + std::to_string(bits) + " %a_<8>, %b_<8>, %c_<8>;\n";
    unsigned at = 0;
    const auto load = [&](char letter, unsigned count, const std::string& element) {
        for (unsigned i = 0; i < count; ++i, ++at) {
            for (unsigned lane = 0; lane < 32; ++lane) {
                test.inputs[0].push_back(register_value(element, bits, whole, random));
            }
            loads += "ld.global.b" + std::to_string(bits) + " %" + letter + "_" + std::to_string(i) + ", [%xa+" +
                     std::to_string(at * 256) + "];\n";
        }
    };
    load('a', shape.a, shape.element);
    load('b', shape.b, shape.element);
    load('c', shape.c, narrow && *shape.extra != 0 ? "ends" : shape.accumulator);
    test.body = loads + name + " " + names('c', shape.c) + ", " + names('a', shape.a) + ", " + names('b', shape.b) +
                ", " + names('c', shape.c) + ";\n";
    test.results = std::vector<std::string>(shape.c, wide                                      ? "f64"
                                                     : std::string(shape.accumulator) == "f16" ? "f16x2"
                                                                                               : shape.accumulator);
    constexpr const char* kResults[] = {"d", "e", "f", "g"};
    for (unsigned i = 0; i < shape.c; ++i) {
        test.body += "mov.b" + std::to_string(bits) + " %" + kResults[i] + ", %c_" + std::to_string(i) + ";\n";
    }
    test.version = shape.version;
    if (!whole) {
        test.match = Match::approximate;
        // Tensor cores add without the low bits (of 32 products below 4): a few units of the largest term.
        test.tolerance = std::string(shape.accumulator) == "f16" ? 0.125 : wide ? 1e-13 : 1e-4;
    }
    return test;
}

}  // namespace

std::uint64_t matrix_element(const std::string& type, bool whole, Random& random) {
    const int number = static_cast<int>(random.next() % 9) - 4;
    const std::uint64_t bits = random.next(), sign = bits >> 63;
    if (type == "any") {
        return bits;
    }
    if (type == "ends") {  // of 32-bit integers, which sums go over
        const std::uint64_t distance = bits % 64;
        return sign == 0 ? 0x7FFFFFFF - distance : 0x80000000 + distance;
    }
    if (type == "s8" || type == "s32") {
        return static_cast<std::uint64_t>(number) & (type == "s8" ? 0xFF : 0xFFFFFFFF);
    }
    struct Format {
        const char* name;
        unsigned exponent, mantissa;
    };
    constexpr Format kFormats[] = {{"f16", 5, 10},  {"bf16", 8, 7}, {"f32", 8, 23},
                                   {"f64", 11, 52}, {"e4m3", 4, 3}, {"e5m2", 5, 2}};
    for (const Format& format : kFormats) {
        if (type != format.name) {
            continue;
        }
        const std::uint64_t bias = (std::uint64_t{1} << (format.exponent - 1)) - 1;
        const unsigned sign_at = format.exponent + format.mantissa;
        const std::uint64_t mantissa = bits & ((std::uint64_t{1} << format.mantissa) - 1);
        if (!whole) {
            return (sign << sign_at) | ((bias - 2 + (bits >> 40) % 3) << format.mantissa) | mantissa;
        }
        constexpr std::uint64_t kPowers[] = {0, 1, 2, 4};  // as an exponent; 0 is zero
        const std::uint64_t power = (bits >> 40) % 4;
        return power == 0 ? 0 : (sign << sign_at) | ((bias + (kPowers[power] >> 1)) << format.mantissa);
    }
    return 0;
}

void add_matrix_cases(Cases& cases) {
    add_moves(cases);
    add_byte_moves(cases);
    for (const Shape& shape : kShapes) {
        cases.push_back(mma(shape, true));
        if (std::string(shape.accumulator) != "s32") {
            cases.push_back(mma(shape, false));
        }
    }
}

}  // namespace warpsmith::conformance
