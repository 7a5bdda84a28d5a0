// Matrices in registers whose elements are narrow: what the conformance cases do not show.
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

// One warp runs `body`; %i points to `words`, %o to 256 words that are returned.
struct Ran {
    std::vector<std::uint32_t> words;
    LaunchResult result;
};
Ran run(const std::string& body, const std::vector<std::uint32_t>& words) {
    const Module module =
        Module::parse(kPtxHeader +
                      ".entry k(.param .u64 p, .param .u64 q) {\n.reg .u64 %i, %o, %rd<4>; .reg .b32 %r<12>;\n"
                      ".shared .align 128 .b8 room[1024];\nld.param.u64 %i, [p]; ld.param.u64 %o, [q];\n" +
                      body + "\nret;\n}\n");
    Memory memory;
    const std::uint64_t in = upload(memory, words), out = upload(memory, std::vector<std::uint32_t>(256, 0xEEEEEEEE));
    LaunchResult result =
        launch(module, "k", {.block = {32, 1, 1}, .checks = kAllChecks}, Parameters().add(in).add(out).bytes(), memory);
    return {download<std::uint32_t>(memory, out, 256), std::move(result)};
}

TEST(NarrowMatrix, StridesOfNibblesCountElements) {
    // A has rows of 64 nibbles, of which 32 count: row r holds r in each. B is ones.
    std::vector<std::uint32_t> words(std::size_t{8} * 8 + 32, 0x77777777);
    for (std::uint32_t row = 0; row < 8; ++row) {
        std::fill_n(words.begin() + row * 8, 4, row * 0x11111111U);
    }
    std::fill_n(words.begin() + 64, 32, 0x11111111);
    const Ran ran =
        run("wmma.load.a.sync.aligned.row.m8n8k32.global.s4 {%r1}, [%i], 64;\n"
            "wmma.load.b.sync.aligned.col.m8n8k32.global.s4 {%r2}, [%i+256];\nmov.b32 %r3, 0; mov.b32 %r4, 0;\n"
            "wmma.mma.sync.aligned.row.col.m8n8k32.s32.s4.s4.s32 {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4};\n"
            "wmma.store.d.sync.aligned.row.m8n8k32.global.s32 [%o], {%r3, %r4}, 8;",
            words);
    EXPECT_EQ(told(ran.result), "");
    for (std::uint32_t i = 0; i < 64; ++i) {
        EXPECT_EQ(ran.words[i], 32 * (i / 8)) << i;
    }
}

TEST(NarrowMatrix, SumsOver32BitsWrapUnlessTheyAreToSaturate) {
    const std::string product =
        "mov.b32 %r1, 0x11111111; mov.b32 %r3, 0x7FFFFFFF;\n"
        "mma.sync.aligned.m8n8k32.row.col$S.s32.u4.u4.s32 {%r4, %r5}, {%r1}, {%r1}, {%r3, %r3};\n"
        "st.global.u32 [%o], %r4;";
    const auto with = [&](const std::string& modifier) {
        std::string body = product;
        return run(body.replace(body.find("$S"), 2, modifier), {0}).words[0];
    };
    EXPECT_EQ(with(""), 0x7FFFFFFFU + 32);
    EXPECT_EQ(with(".satfinite"), 0x7FFFFFFFU);
}

TEST(NarrowMatrix, PaddingBehindPackedElementsIsNotRead) {
    // Rows of 16 nibbles: 8 bytes that are written, 8 that nobody wrote.
    const std::string load =
        "mov.u32 %r1, %laneid; and.b32 %r1, %r1, 7; mov.u32 %r2, room; mad.lo.u32 %r2, %r1, 16, %r2;\n"
        "mov.b32 %r3, 0x76543210; st.shared.v2.b32 [%r2], {%r3, %r3}; bar.warp.sync -1;\n"
        "ldmatrix.sync.aligned.m8n16.x1.shared.b8x16.$ {%r4}, [%r2];\n"
        "mov.u32 %r1, %laneid; mad.wide.u32 %rd1, %r1, 4, %o; st.global.u32 [%rd1], %r4;";
    const auto with = [&](const std::string& format) {
        std::string body = load;
        return run(body.replace(body.find('$'), 1, format), {0});
    };
    const Ran nibbles = with("b4x16_p64");
    EXPECT_EQ(told(nibbles.result), "");
    EXPECT_EQ((std::vector(nibbles.words.begin(), nibbles.words.begin() + 4)),
              (std::vector<std::uint32_t>{0x03020100, 0x07060504, 0x03020100, 0x07060504}));
    const Ran sixths = with("b6x16_p32");  // reads 12 bytes
    EXPECT_NE(told(sixths.result).find("uninitialised_read"), std::string::npos) << told(sixths.result);
}

TEST(NarrowMatrix, FormsThatPtxDoesNotHaveAreRefused) {
    for (const char* instruction : {
             "wmma.load.a.sync.aligned.col.m8n8k32.global.s4 {%r1}, [%i]",
             "wmma.load.a.sync.aligned.row.m8n8k32.global.s8 {%r1}, [%i]",
             "wmma.load.b.sync.aligned.row.m8n8k128.global.b1 {%r1}, [%i]",
             "wmma.load.a.sync.aligned.row.m16n16k16.global.s8 {%r1}, [%i]",
             "wmma.mma.sync.aligned.row.col.m8n8k128.s32.b1.b1.s32 {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4}",
             "wmma.mma.or.popc.sync.aligned.row.col.m8n8k128.s32.b1.b1.s32 {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4}",
             "wmma.mma.sync.aligned.row.col.m8n8k32.s32.s4.u4.s32 {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4}",
             "wmma.mma.sync.aligned.row.col.m8n8k32.f32.s4.s4.f32 {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4}",
             "wmma.mma.sync.aligned.row.col.m8n8k32.xor {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4}",
             "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32 {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4}",
             "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.xor {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4}",
             "mma.sync.aligned.m8n8k32.row.col.s32.s4.s4.s32.popc {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4}",
             "mma.sync.aligned.m8n8k32.row.col.s32.s4.s8.s32 {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4}",
             "mma.sync.aligned.m8n8k32.row.col.block_scale.s32.s4.s4.s32 {%r3, %r4}, {%r1}, {%r2}, {%r3, %r4}",
             "ldmatrix.sync.aligned.m16n16.x1.shared.b8 {%r1, %r2}, [room]",
             "ldmatrix.sync.aligned.m16n16.x4.trans.shared.b8 {%r1, %r2, %r3, %r4, %r5, %r6, %r7, %r8}, [room]",
             "ldmatrix.sync.aligned.m8n16.x1.shared.b8 {%r1}, [room]",
             "ldmatrix.sync.aligned.m8n16.x1.trans.shared.b8x16.b4x16_p64 {%r1}, [room]",
             "ldmatrix.sync.aligned.m8n8.x1.shared.b8 {%r1}, [room]",
             "stmatrix.sync.aligned.m16n8.x1.shared.b8 [room], {%r1}",
             "stmatrix.sync.aligned.m16n16.x1.trans.shared.b8 [room], {%r1, %r2}",
             "stmatrix.sync.aligned.m16n8.x2.trans.shared.b8 [room], {%r1}",
         }) {
        const Ran ran = run(instruction + std::string(";"), {0});
        EXPECT_EQ(kinds(ran.result), std::vector{FindingKind::unsupported_instruction}) << instruction << "\n"
                                                                                        << told(ran.result);
    }
}

}  // namespace
}  // namespace warpsmith::emulator
