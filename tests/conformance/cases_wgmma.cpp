// wgmma.mma_async: 64 rows by N columns, operands in shared memory behind descriptors.
#include "tests/conformance/catalogue.hpp"
#include "tests/conformance/values.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kWgmmaGroup = "wgmma";

struct Shape {
    unsigned columns, depth;
    const char* types;  // ".f32.f16.f16"
    const char* element;
    unsigned accumulators;   // registers
    const char* immediates;  // behind scale-d
    unsigned swizzle = 0;    // bits 62-63 of the descriptor: 0 none, 1 128, 2 64, 3 32 bytes
};
constexpr Shape kShapes[] = {
    {8, 16, "f32.f16.f16", "f16", 4, ", 1, 1, 0, 0"},
    {16, 16, "f32.f16.f16", "f16", 8, ", 1, 1, 0, 0"},
    {32, 16, "f32.f16.f16", "f16", 16, ", 1, 1, 0, 0"},
    {8, 16, "f32.f16.f16", "f16", 4, ", -1, 1, 0, 0"},
    {8, 16, "f32.f16.f16", "f16", 4, ", 1, -1, 0, 0"},
    {8, 16, "f32.f16.f16", "f16", 4, ", 1, 1, 1, 0"},
    {8, 16, "f32.f16.f16", "f16", 4, ", 1, 1, 0, 1"},
    {16, 16, "f32.f16.f16", "f16", 8, ", 1, 1, 1, 1"},
    {8, 16, "f32.f16.f16", "f16", 4, ", 1, 1, 0, 0", 1},
    {8, 16, "f32.f16.f16", "f16", 4, ", 1, 1, 0, 0", 2},
    {8, 16, "f32.f16.f16", "f16", 4, ", 1, 1, 0, 0", 3},
    {64, 16, "f32.f16.f16", "f16", 32, ", 1, 1, 1, 1", 1},
    {16, 16, "f16.f16.f16", "f16", 4, ", 1, 1, 0, 0"},
    {8, 16, "f32.bf16.bf16", "bf16", 4, ", 1, 1, 0, 0"},
    {8, 8, "f32.tf32.tf32", "f32", 4, ", 1, 1"},
    {8, 32, "f32.e4m3.e4m3", "e4m3", 4, ", 1, 1"},
    {8, 32, "f32.e5m2.e4m3", "e5m2", 4, ", 1, 1"},
    {8, 32, "s32.s8.s8", "s8", 4, ""},
    {8, 32, "s32.u8.u8", "u8", 4, ""},
};

constexpr unsigned kRoom = 16384;  // of A, as much again of B

// Small whole numbers: sums are exact in any order.
std::uint64_t value(const std::string& element, Random& random) {
    constexpr std::uint64_t kF16[] = {0, 0x3C00, 0xBC00, 0x4000, 0xC000, 0x3800, 0x4200, 0xC400};
    constexpr std::uint64_t kBf16[] = {0, 0x3F80, 0xBF80, 0x4000, 0xC000, 0x3F00, 0x4040, 0xC080};
    constexpr std::uint64_t kE4m3[] = {0, 0x38, 0xB8, 0x40, 0xC0, 0x30, 0x44, 0xC8};
    constexpr std::uint64_t kE5m2[] = {0, 0x3C, 0xBC, 0x40, 0xC0, 0x38, 0x42, 0xC4};
    const std::uint64_t pick = random.next() % 8;
    if (element == "f16") {
        return kF16[pick];
    }
    if (element == "bf16" || element == "f32") {
        return element == "f32" ? kBf16[pick] << 16 : kBf16[pick];
    }
    if (element == "e4m3" || element == "e5m2") {
        return element == "e4m3" ? kE4m3[pick] : kE5m2[pick];
    }
    return element == "u8" ? pick : (pick - 4) & 0xFF;
}

// One 64-bit operand per value, 8 bytes of shared memory each; 128 threads copy all of it.
Case wgmma(const Shape& shape, bool from_registers) {
    const std::string name = "wgmma.mma_async.sync.aligned.m64n" + std::to_string(shape.columns) + "k" +
                             std::to_string(shape.depth) + "." + shape.types;
    Case test{.name = name + " (" + (from_registers ? "A in registers" : "A in shared memory") +
                      (*shape.immediates != 0 ? shape.immediates : "") + ", swizzle " + std::to_string(shape.swizzle) +
                      ")",
              .group = kWgmmaGroup,
              .operands = {"b64"},
              .rows = 2 * kRoom / 8,
              .block = 128};
    const std::string element = shape.element;
    const unsigned width = element == "f32" ? 32 : element.ends_with("16") ? 16 : 8;
    Random random(5);
    test.inputs.resize(1);
    for (std::size_t row = 0; row < test.rows; ++row) {
        std::uint64_t bits = 0;
        for (unsigned at = 0; at < 64; at += width) {
            bits |= value(element, random) << at;
        }
        test.inputs[0].push_back(bits);
    }
    // Descriptors: address/16, leading dimension offset 128 bytes, stride offset 256 bytes (1024 with a swizzle).
    const std::string stride = shape.swizzle == 0   ? "256"
                               : shape.swizzle == 1 ? "1024"
                               : shape.swizzle == 2 ? "512"
                                                    : "256";
    std::string body = ".shared .align 1024 .b8 room[" + std::to_string(2 * kRoom) +
                       "];\n.reg .b32 %at, %x<4>;\n"
                       ".reg .b64 %da, %db, %z, %from;\nmov.u32 %at, room;\nmov.u32 %m, %tid.x;\nLOOP:\n"
                       "mul.wide.u32 %from, %m, 8;\nadd.u64 %from, %from, %i;\nld.global.b64 %z, [%from];\n"
                       "mad.lo.u32 %n, %m, 8, %at;\nst.shared.b64 [%n], %z;\nadd.u32 %m, %m, 128;\n"
                       "setp.lt.u32 %p, %m, " +
                       std::to_string(test.rows) +
                       ";\n@%p bra LOOP;\n"
                       "fence.proxy.async.shared::cta;\nbar.sync 0;\n";
    const auto descriptor = [&](const std::string& reg, unsigned offset) {
        return "add.u32 %n, %at, " + std::to_string(offset) +
               ";\nshr.u32 %n, %n, 4;\nand.b32 %n, %n, 0x3FFF;\n"
               "cvt.u64.u32 " +
               reg + ", %n;\nor.b64 " + reg + ", " + reg + ", " +
               std::to_string((std::uint64_t{128 / 16} << 16) |
                              (static_cast<std::uint64_t>(std::stoul(stride) / 16) << 32) |
                              (std::uint64_t{shape.swizzle} << 62)) +
               ";\n";
    };
    body += descriptor("%da", 0) + descriptor("%db", kRoom);
    std::string list = "{", registers = ".reg .b32 %k<" + std::to_string(shape.accumulators) + ">;\n";
    for (unsigned i = 0; i < shape.accumulators; ++i) {
        registers += "mov.b32 %k" + std::to_string(i) + ", 0;\n";
        list += (i == 0 ? "%k" : ", %k") + std::to_string(i);
    }
    list += "}";
    for (unsigned i = 0; i < 4 && from_registers; ++i) {
        registers += "mad.lo.u32 %n, %l, 16, %at;\nld.shared.b32 %x" + std::to_string(i) + ", [%n+" +
                     std::to_string(4 * i) + "];\n";
    }
    // The second adds to the first: scale-d.
    const std::string a = from_registers ? "{%x0, %x1, %x2, %x3}" : "%da";
    const auto one = [&](const char* scale) {
        return name + " " + list + ", " + a + ", %db, " + scale + shape.immediates + ";\n";
    };
    body += registers + "setp.ne.u32 %p, 0, 0;\nsetp.eq.u32 %q, 0, 0;\nwgmma.fence.sync.aligned;\n" + one("%p") +
            one("%q") + "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\n";
    // Results: registers i, i+4, ... of a thread are folded, each turned by its number, so that none can hide.
    test.results = {"b32", "b32", "b32", "b32"};
    constexpr const char* kResults[] = {"%d", "%e", "%f", "%g"};
    for (unsigned i = 0; i < 4; ++i) {
        body += std::string("mov.b32 ") + kResults[i] + ", %k" + std::to_string(i) + ";\n";
        for (unsigned k = i + 4; k < shape.accumulators; k += 4) {
            body += "shf.l.wrap.b32 %n, %k" + std::to_string(k) + ", %k" + std::to_string(k) + ", " +
                    std::to_string(k / 4) + ";\nxor.b32 " + kResults[i] + ", " + kResults[i] + ", %n;\n";
        }
    }
    test.body = body;
    return test;
}

}  // namespace

void add_wgmma_cases(Cases& cases) {
    for (const Shape& shape : kShapes) {
        cases.push_back(wgmma(shape, false));
    }
    cases.push_back(wgmma({8, 16, "f32.f16.f16", "f16", 4, ", 1, 1, 0"}, true));
    cases.push_back(wgmma({8, 16, "f32.bf16.bf16", "bf16", 4, ", 1, 1, 0"}, true));
    cases.push_back(wgmma({8, 32, "s32.s8.s8", "s8", 4, ""}, true));
}

}  // namespace warpsmith::conformance
