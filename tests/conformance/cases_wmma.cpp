// wmma: A, B and C are loaded from memory, D is stored there, for where they lie in registers is not specified.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

struct Product {
    const char* shape;
    unsigned m, n, k;
    const char* types;   // as PTX writes them behind the shape
    const char* loaded;  // the type of A and B, and how the values for them are made
    const char* values;
    unsigned a, b;    // registers of 32 bits, or of 64
    const char* sum;  // the type of C and D
    unsigned c;       // registers
    const char* layouts = "row.col";
    const char* operation = "";  // of bits
    const char* extra = "";
};
constexpr Product kProducts[] = {
    {"m16n16k16", 16, 16, 16, "f32.f32", "f16", "f16", 8, 8, "f32", 8, "row.col"},
    {"m16n16k16", 16, 16, 16, "f16.f16", "f16", "f16", 8, 8, "f16", 4, "col.row"},
    {"m32n8k16", 32, 8, 16, "f32.bf16.bf16.f32", "bf16", "bf16", 8, 2, "f32", 8, "row.row"},
    {"m16n16k8", 16, 16, 8, "f32.tf32.tf32.f32", "tf32", "f32", 4, 4, "f32", 8},
    {"m8n8k4", 8, 8, 4, "f64.f64.f64.f64", "f64", "f64", 1, 1, "f64", 2, "row.row"},
    {"m16n16k16", 16, 16, 16, "s32.s8.s8.s32", "s8", "any", 2, 2, "s32", 8, "row.col"},
    {"m16n16k16", 16, 16, 16, "s32.u8.u8.s32", "u8", "any", 2, 2, "s32", 8, "col.row"},
    {"m32n8k16", 32, 8, 16, "s32.s8.s8.s32", "s8", "any", 4, 1, "s32", 8, "col.col"},
    {"m32n8k16", 32, 8, 16, "s32.u8.u8.s32", "u8", "any", 4, 1, "s32", 8, "row.row"},
    {"m8n32k16", 8, 32, 16, "s32.s8.s8.s32", "s8", "any", 1, 4, "s32", 8, "row.row"},
    {"m8n32k16", 8, 32, 16, "s32.u8.u8.s32", "u8", "any", 1, 4, "s32", 8, "col.col"},
    {"m16n16k16", 16, 16, 16, "s32.s8.s8.s32", "s8", "any", 2, 2, "s32", 8, "row.col", "", ".satfinite"},
    {"m8n8k32", 8, 8, 32, "s32.s4.s4.s32", "s4", "any", 1, 1, "s32", 2},
    {"m8n8k32", 8, 8, 32, "s32.u4.u4.s32", "u4", "any", 1, 1, "s32", 2},
    {"m8n8k32", 8, 8, 32, "s32.s4.s4.s32", "s4", "any", 1, 1, "s32", 2, "row.col", "", ".satfinite"},
    {"m8n8k128", 8, 8, 128, "s32.b1.b1.s32", "b1", "any", 1, 1, "s32", 2, "row.col", ".xor.popc"},
    {"m8n8k128", 8, 8, 128, "s32.b1.b1.s32", "b1", "any", 1, 1, "s32", 2, "row.col", ".and.popc"},
};

std::string names(char letter, unsigned count) {
    std::string text = "{";
    for (unsigned i = 0; i < count; ++i) {
        text += (i == 0 ? "%" : ", %") + std::string(1, letter) + "_" + std::to_string(i);
    }
    return text + "}";
}

// Elements of a matrix behind those of others, packed into 64 bits each.
void append(Values& words, unsigned elements, unsigned bits, const std::string& values, Random& random) {
    if (values == "any") {
        for (unsigned i = 0; i < elements * bits / 64; ++i) {
            words.push_back(random.next());
        }
        return;
    }
    for (unsigned i = 0; i < elements; i += 64 / bits) {
        std::uint64_t word = 0;
        for (unsigned at = 0; at < 64; at += bits) {
            word |= matrix_element(values, true, random) << at;
        }
        words.push_back(word);
    }
}

Case wmma(const Product& product) {
    const std::string layouts = product.layouts, shape = product.shape, sum = product.sum;
    const std::string name = std::string("wmma.mma") + product.operation + ".sync.aligned." + layouts + "." + shape +
                             "." + product.types + product.extra;
    Case test{.name = name, .group = "matrix", .results = {}, .operands = {"b64"}, .inputs = {{}}, .stores = false};
    Random random(product.m + product.k);
    const unsigned bits = type_of(product.loaded).bits, sum_bits = type_of(sum).bits;
    const unsigned b_at = product.m * product.k * bits / 8, c_at = b_at + product.k * product.n * bits / 8;
    append(test.inputs[0], product.m * product.k, bits, product.values, random);
    append(test.inputs[0], product.k * product.n, bits, product.values, random);
    append(test.inputs[0], product.m * product.n, sum_bits, *product.extra != 0 ? "ends" : sum, random);
    test.rows = test.inputs[0].size();
    const std::string width = sum == "f64" ? "64" : "32";
    const std::string a_layout = layouts.substr(0, 3), b_layout = layouts.substr(4);
    const auto load = [&](const std::string& what, const std::string& list, unsigned at, unsigned stride,
                          const std::string& type) {
        return "wmma.load." + what + "." + shape + ".global." + type + " " + list + ", [%i+" + std::to_string(at) +
               "], " + std::to_string(stride) + ";\n";
    };
    test.body = ".reg .b" + width + " %a_<8>, %b_<8>, %c_<8>;\n" +
                load("a.sync.aligned." + a_layout, names('a', product.a), 0, a_layout == "row" ? product.k : product.m,
                     product.loaded) +
                load("b.sync.aligned." + b_layout, names('b', product.b), b_at,
                     b_layout == "row" ? product.n : product.k, product.loaded) +
                load("c.sync.aligned.row", names('c', product.c), c_at, product.n, sum) + name + " " +
                names('c', product.c) + ", " + names('a', product.a) + ", " + names('b', product.b) + ", " +
                names('c', product.c) + ";\nwmma.store.d.sync.aligned.row." + shape + ".global." + sum + " [%o], " +
                names('c', product.c) + ", " + std::to_string(product.n) + ";\n";
    test.results = std::vector<std::string>(product.m * product.n * sum_bits / 8 / 256, "b64");
    return test;
}

}  // namespace

void add_wmma_cases(Cases& cases) {
    for (const Product& product : kProducts) {
        cases.push_back(wmma(product));
    }
}

}  // namespace warpsmith::conformance
