// Loads, stores, addresses and atomic operations, and the memory of a device.
#include "solver/error.hpp"
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

// One block runs `body` with %rd1 and %rd2 the addresses of two buffers; module-scope declarations come before.
LaunchResult run(Memory& memory, const std::string& declarations, const std::string& body, unsigned threads,
                 std::uint64_t one, std::uint64_t two, std::size_t smem = 0) {
    const Module module =
        Module::parse(kPtxHeader + declarations +
                      ".entry k(.param .u64 p1, .param .u64 p2) {\n.reg .u64 %rd<20>; .reg .u32 %r<20>; .reg "
                      ".u16 %rs<9>; .reg .f32 %f<9>; .reg .pred %p<9>;\nld.param.u64 %rd1, "
                      "[p1]; ld.param.u64 %rd2, [p2]; mov.u32 %r1, %tid.x;\n" +
                      body + "\nret;\n}\n");
    return launch(module, "k", {.block = {threads, 1, 1}, .dynamic_smem = smem}, Parameters().add(one).add(two).bytes(),
                  memory);
}

TEST(EmulatorMemory, VectorsAndNarrowTypesMoveTheirBytes) {
    Memory memory;
    const std::uint64_t in = upload(memory, U{0x80FF7F01, 2, 3, 4}), out = memory.allocate(32);
    const LaunchResult result =
        run(memory, "",
            "ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%rd1];\nst.global.v2.u32 [%rd2], {%r5, %r4};\n"
            "ld.global.s8 %r6, [%rd1+2];\nst.global.u32 [%rd2+8], %r6;\n"
            "ld.global.u8 %rs1, [%rd1+3];\nst.global.u16 [%rd2+12], %rs1;\nst.global.u8 [%rd2+14], %r5;",
            1, in, out);
    EXPECT_EQ(told(result), "");
    EXPECT_EQ((download<std::uint32_t>(memory, out, 3)), (U{4, 3, 0xFFFFFFFF}));
    EXPECT_EQ((download<std::uint16_t>(memory, out + 12, 1)), (std::vector<std::uint16_t>{0x80}));
    EXPECT_EQ((download<std::uint8_t>(memory, out + 14, 1)), (std::vector<std::uint8_t>{4}));
}

TEST(EmulatorMemory, GenericAddressesReachSharedLocalAndGlobalMemory) {
    Memory memory;
    const std::uint64_t out = memory.allocate(12);
    const LaunchResult result =
        run(memory, ".shared .align 4 .b8 s[16];\n",
            ".local .align 4 .b8 l[8];\nmov.u64 %rd3, l; cvta.local.u64 %rd4, %rd3; mov.u64 %rd5, s; cvta.shared.u64 "
            "%rd6, %rd5;\n"
            "st.u32 [%rd4+4], 7; st.u32 [%rd6+8], 8;\nld.local.u32 %r2, [%rd3+4]; ld.shared.u32 %r3, [s+8];\n"
            "st.u32 [%rd1], %r2; st.u32 [%rd1+4], %r3; isspacep.shared %p1, %rd6; isspacep.global %p2, %rd6;\n"
            "selp.u32 %r4, 1, 0, %p1; @%p2 add.u32 %r4, %r4, 2; st.u32 [%rd1+8], %r4;",
            1, out, 0);
    EXPECT_EQ(told(result), "");
    EXPECT_EQ((download<std::uint32_t>(memory, out, 3)), (U{7, 8, 1}));
}

TEST(EmulatorMemory, LocalVariablesAreEachThreadsOwn) {
    Memory memory;
    const std::uint64_t out = memory.allocate(64 * 4);
    const LaunchResult result =
        run(memory, "",
            ".local .align 4 .b8 l[4];\nmov.u64 %rd3, l; st.local.u32 [%rd3], %r1; bar.sync 0;\n"
            "ld.local.u32 %r2, [l]; mul.wide.u32 %rd4, %r1, 4; add.u64 %rd4, %rd4, %rd1; st.global.u32 "
            "[%rd4], %r2;",
            64, out, 0);
    EXPECT_EQ(told(result), "");
    const U values = download<std::uint32_t>(memory, out, 64);
    for (std::uint32_t t = 0; t < 64; ++t) {
        EXPECT_EQ(values[t], t);
    }
}

TEST(EmulatorMemory, ModuleVariablesStartWithTheirValuesAndKeepWhatKernelsWrote) {
    const Module module = Module::parse(kPtxHeader +
                                        ".const .align 4 .u32 c[3] = {10, 20, 30};\n.global .align 4 .u32 g = "
                                        "5;\n.global .u64 p = g;\n.global .f32 half = 0.5;\n"
                                        ".entry k(.param .u64 out) {\n.reg .u64 %rd<9>; .reg .u32 %r<9>;\nld.param.u64 "
                                        "%rd1, [out]; ld.const.u32 %r1, [c+8];\n"
                                        "ld.global.u64 %rd2, [p]; ld.u32 %r2, [%rd2]; add.u32 %r2, %r2, %r1; "
                                        "st.global.u32 [g], %r2; st.global.u32 [%rd1], "
                                        "%r2;\nld.global.u32 %r3, [half]; st.global.u32 [%rd1+4], %r3; ret;\n}\n");
    Memory memory;
    const std::uint64_t out = memory.allocate(8);
    for (const std::uint32_t wanted : {35U, 65U}) {
        EXPECT_EQ(told(launch(module, "k", {}, Parameters().add(out).bytes(), memory)), "");
        EXPECT_EQ((download<std::uint32_t>(memory, out, 2)), (U{wanted, 0x3F000000}));
    }
    const std::uint64_t g = variable_address(module, "g", memory).value();
    EXPECT_EQ((download<std::uint32_t>(memory, g, 1)), (U{65}));
    EXPECT_FALSE(variable_address(module, "nothing", memory).has_value());
}

TEST(EmulatorMemory, DynamicSharedMemoryFollowsTheStaticOnes) {
    Memory memory;
    const std::uint64_t out = memory.allocate(8);
    const LaunchResult result =
        run(memory, ".shared .align 4 .b8 s[20];\n.extern .shared .align 16 .b8 dynamic[];\n",
            "mov.u32 %r2, s; mov.u32 %r3, dynamic; sub.u32 %r4, %r3, %r2; st.global.u32 [%rd1], %r4;\nmov.u32 %r5, "
            "%dynamic_smem_size; st.global.u32 [%rd1+4], %r5; st.shared.u32 [dynamic+60], %r5;",
            1, out, 0, 64);
    EXPECT_EQ(told(result), "");
    EXPECT_EQ((download<std::uint32_t>(memory, out, 2)), (U{32, 64}));
}

TEST(EmulatorMemory, AtomicOperationsReturnTheOldValueAndLeaveTheNew) {
    struct Row {
        const char* op;
        std::uint32_t start, operand, wanted;
    };
    const Row rows[] = {{"add.u32", 5, 3, 8},
                        {"min.s32", 5, 0xFFFFFFFF, 0xFFFFFFFF},
                        {"max.u32", 5, 9, 9},
                        {"and.b32", 0xF0, 0x3C, 0x30},
                        {"or.b32", 0xF0, 0x0F, 0xFF},
                        {"xor.b32", 0xFF, 0x0F, 0xF0},
                        {"exch.b32", 1, 2, 2},
                        {"inc.u32", 7, 7, 0},
                        {"dec.u32", 0, 7, 7},
                        {"add.f32", 0x3F800000, 0x40000000, 0x40400000},
                        {"add.noftz.f16x2", 0x3C003C00, 0x40003C00, 0x42004000},
                        {"add.noftz.bf16x2", 0x3F803F80, 0x40003F80, 0x40404000}};
    for (const Row& row : rows) {
        Memory memory;
        const std::uint64_t cell = upload(memory, U{row.start, 0});
        const LaunchResult result = run(memory, "",
                                        std::string("mov.b32 %r2, ") + std::to_string(row.operand) + "; atom.global." +
                                            row.op + " %r3, [%rd1], %r2; st.global.u32 [%rd1+4], %r3;",
                                        1, cell, 0);
        EXPECT_EQ(told(result), "") << row.op;
        EXPECT_EQ((download<std::uint32_t>(memory, cell, 2)), (U{row.wanted, row.start})) << row.op;
    }
}

TEST(EmulatorMemory, CompareAndSwapStoresOnlyWhenEqual) {
    Memory memory;
    const std::uint64_t cell = upload(memory, std::vector<std::uint64_t>{5, 0});
    const LaunchResult result =
        run(memory, "",
            "atom.global.cas.b64 %rd3, [%rd1], 4, 9; atom.global.cas.b64 %rd4, [%rd1], 5, 6; add.u64 "
            "%rd5, %rd3, %rd4; st.global.u64 [%rd1+8], %rd5;",
            1, cell, 0);
    EXPECT_EQ(told(result), "");
    EXPECT_EQ((download<std::uint64_t>(memory, cell, 2)), (std::vector<std::uint64_t>{6, 10}));
}

TEST(EmulatorMemory, AllThreadsOfAnAtomicSumCount) {
    Memory memory;
    const std::uint64_t cell = upload(memory, U{0});
    EXPECT_EQ(
        told(run(
            memory, ".shared .align 4 .u32 s;\n",
            "setp.eq.u32 %p1, %r1, 0; @%p1 st.shared.u32 [s], 0; bar.sync 0; red.shared.add.u32 [s], 2; bar.sync 0;\n"
            "@%p1 ld.shared.u32 %r2, [s]; @%p1 st.global.u32 [%rd1], %r2;",
            100, cell, 0)),
        "");
    EXPECT_EQ((download<std::uint32_t>(memory, cell, 1)), (U{200}));
}

TEST(EmulatorMemory, AllocationsAreAlignedApartAndNotUsableAfterFree) {
    Memory memory;
    const std::uint64_t a = memory.allocate(100), b = memory.allocate(100);
    EXPECT_EQ(a % 256, 0U);
    EXPECT_GE(b, a + 100 + 4096);
    std::vector<std::byte> bytes(100);
    memory.read(a, bytes);
    EXPECT_EQ(bytes[0], std::byte{0xFF});  // NaN, until something is written
    EXPECT_THROW(memory.write(a + 50, bytes), Error);
    memory.free(a);
    EXPECT_THROW(memory.read(a, bytes), Error);
    EXPECT_THROW(memory.free(a), Error);
}

TEST(EmulatorMemory, AConstantVariableIsInConstantMemoryAndNoOther) {
    const std::string ptx = kPtxHeader +
                            ".const .u32 table[4] = {1, 2, 3, 4};\n.global .u32 plain;\n"
                            ".entry k(.param .u64 out) {\n.reg .u64 %o, %a, %b;\n.reg .u32 %x;\n.reg .pred %p;\n"
                            "ld.param.u64 %o, [out];\nmov.u64 %a, table;\ncvta.const.u64 %a, %a;\nmov.u64 %b, plain;\n"
                            "isspacep.const %p, %a; selp.u32 %x, 1, 0, %p; st.u32 [%o], %x;\n"
                            "isspacep.global %p, %a; selp.u32 %x, 1, 0, %p; st.u32 [%o+4], %x;\n"
                            "isspacep.const %p, %b; selp.u32 %x, 1, 0, %p; st.u32 [%o+8], %x;\n"
                            "isspacep.global %p, %b; selp.u32 %x, 1, 0, %p; st.u32 [%o+12], %x;\nret;\n}\n";
    Memory memory;
    const std::uint64_t out = memory.allocate(16);
    const LaunchResult result = launch(Module::parse(ptx), "k", {}, Parameters().add(out).bytes(), memory);
    EXPECT_EQ(told(result), "");
    EXPECT_EQ(download<std::uint32_t>(memory, out, 4), (std::vector<std::uint32_t>{1, 0, 0, 1}));
}

}  // namespace
}  // namespace warpsmith::emulator
