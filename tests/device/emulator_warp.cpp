// Exchanges among the lanes of a warp, matrix instructions, asynchronous copies.
#include <bit>
#include <cmath>

#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

U numbered() {
    U lanes(32);
    for (std::uint32_t l = 0; l < 32; ++l) {
        lanes[l] = l;
    }
    return lanes;
}

TEST(EmulatorWarp, AShuffleReadsTheLaneThatItsModeNames) {
    const U lanes = numbered(), five(32, 5);
    const U down = run_lanes<std::uint32_t>("shfl.sync.down.b32 %d, %a, 4, 31, -1;", lanes, lanes, lanes);
    const U up = run_lanes<std::uint32_t>("shfl.sync.up.b32 %d, %a, 4, 0, -1;", lanes, lanes, lanes);
    const U exchanged = run_lanes<std::uint32_t>("shfl.sync.bfly.b32 %d, %a, 5, 31, -1;", lanes, lanes, lanes);
    const U broadcast = run_lanes<std::uint32_t>("shfl.sync.idx.b32 %d, %a, %b, 0x181F, -1;", lanes, five, lanes);
    for (std::uint32_t l = 0; l < 32; ++l) {
        EXPECT_EQ(down[l], l < 28 ? l + 4 : l);
        EXPECT_EQ(up[l], l >= 4 ? l - 4 : l);
        EXPECT_EQ(exchanged[l], l ^ 5);
        EXPECT_EQ(broadcast[l], l / 8 * 8 + 5);  // segments of 8 lanes
    }
}

TEST(EmulatorWarp, AShuffleTellsWhetherItsSourceWasInRange) {
    const U lanes = numbered();
    const U result = run_lanes<std::uint32_t>("shfl.sync.down.b32 %d|%p, %a, 1, 31, -1; selp.b32 %d, 1, 0, %p;", lanes,
                                              lanes, lanes);
    EXPECT_EQ(result[30], 1U);
    EXPECT_EQ(result[31], 0U);
}

TEST(EmulatorWarp, VotesAndBallotsCountTheLanesThatHold) {
    const U lanes = numbered();
    const auto vote = [&](const std::string& instruction) {
        return run_lanes<std::uint32_t>("setp.lt.u32 %p, %a, 3; " + instruction, lanes, lanes, lanes)[9];
    };
    EXPECT_EQ(vote("vote.sync.ballot.b32 %d, %p, -1;"), 7U);
    EXPECT_EQ(vote("vote.sync.any.pred %q, %p, -1; selp.u32 %d, 1, 0, %q;"), 1U);
    EXPECT_EQ(vote("vote.sync.all.pred %q, %p, -1; selp.u32 %d, 1, 0, %q;"), 0U);
    EXPECT_EQ(vote("vote.sync.all.pred %q, !%p, -1; selp.u32 %d, 1, 0, %q;"), 0U);
    EXPECT_EQ(vote("vote.sync.uni.pred %q, %p, -1; selp.u32 %d, 1, 0, %q;"), 0U);
}

TEST(EmulatorWarp, ReductionsAndMatchesSeeAllMembers) {
    const U lanes = numbered();
    EXPECT_EQ(run_lanes<std::uint32_t>("redux.sync.add.s32 %d, %a, -1;", lanes, lanes, lanes)[7], 496U);
    EXPECT_EQ(run_lanes<std::uint32_t>("sub.s32 %b, %a, 9; redux.sync.min.s32 %d, %b, -1;", lanes, lanes, lanes)[7],
              U{static_cast<std::uint32_t>(-9)}[0]);
    EXPECT_EQ(run_lanes<std::uint32_t>("and.b32 %b, %a, 3; match.any.sync.b32 %d, %b, -1;", lanes, lanes, lanes)[6],
              0x44444444U);
    EXPECT_EQ(
        run_lanes<std::uint32_t>("match.all.sync.b32 %d|%p, %a, -1; selp.u32 %d, 1, %d, %p;", lanes, lanes, lanes)[6],
        0U);
    EXPECT_EQ(run_lanes<std::uint32_t>("elect.sync %d|%p, -1; selp.u32 %d, 99, %d, %p;", lanes, lanes, lanes)[0], 99U);
}

// Lanes below 16 come to the shuffle by another way than the rest: it waits for all that its mask names.
TEST(EmulatorWarp, ACollectiveWaitsForTheLanesThatItsMaskNames) {
    const U lanes = numbered();
    const U result = run_lanes<std::uint32_t>(
        "setp.lt.u32 %p, %a, 16; @%p bra LOW; add.u32 %a, %a, 100; LOW: shfl.sync.idx.b32 %d, %a, 31, 31, -1;", lanes,
        lanes, lanes);
    EXPECT_EQ(result, U(32, 131));
}

// A is 16 x 16, B is 16 x 8, as fragments: element (row, column) of a tile of 8 x 8 is in lane 4 * row + column / 2.
struct Fragments {
    std::vector<float> a = std::vector<float>(16 * 16), b = std::vector<float>(16 * 8);
    Fragments() {
        for (std::size_t i = 0; i < a.size(); ++i) {
            a[i] = static_cast<float>(i * 7 % 23) - 11.0F;
        }
        for (std::size_t i = 0; i < b.size(); ++i) {
            b[i] = static_cast<float>(i * 5 % 19) * 0.25F;
        }
    }
    float product(std::size_t m, std::size_t n) const {
        float sum = 0;
        for (std::size_t k = 0; k < 16; ++k) {
            sum += a[m * 16 + k] * b[k * 8 + n];
        }
        return sum;
    }
};

std::uint32_t bfloat_pair(float low, float high) {
    return std::bit_cast<std::uint32_t>(low) >> 16 | (std::bit_cast<std::uint32_t>(high) & 0xFFFF0000);
}

TEST(EmulatorWarp, AnMmaMultipliesItsFragmentsByTheDocumentedLayout) {
    const Fragments f;
    U memory_image;  // six registers of 32 lanes: A0 to A3, B0, B1
    for (std::size_t reg = 0; reg < 4; ++reg) {
        for (std::size_t lane = 0; lane < 32; ++lane) {
            const std::size_t row = lane / 4 + reg % 2 * 8, column = lane % 4 * 2 + reg / 2 * 8;
            memory_image.push_back(bfloat_pair(f.a[row * 16 + column], f.a[row * 16 + column + 1]));
        }
    }
    for (std::size_t reg = 0; reg < 2; ++reg) {
        for (std::size_t lane = 0; lane < 32; ++lane) {
            const std::size_t k = lane % 4 * 2 + reg * 8, n = lane / 4;
            memory_image.push_back(bfloat_pair(f.b[k * 8 + n], f.b[(k + 1) * 8 + n]));
        }
    }
    const Module module = Module::parse(
        kPtxHeader +
        ".entry k(.param .u64 in, .param .u64 out) {\n.reg .u64 %rd<9>; .reg .b32 %r<20>; .reg .f32 "
        "%f<9>;\nld.param.u64 %rd1, "
        "[in]; ld.param.u64 %rd2, [out]; mov.u32 %r1, %tid.x; mul.wide.u32 %rd3, %r1, 4; add.u64 %rd1, %rd1, %rd3; "
        "add.u64 %rd2, "
        "%rd2, %rd3;\nld.global.b32 %r2, [%rd1]; ld.global.b32 %r3, [%rd1+128]; ld.global.b32 %r4, [%rd1+256]; "
        "ld.global.b32 %r5, "
        "[%rd1+384]; ld.global.b32 %r6, [%rd1+512]; ld.global.b32 %r7, [%rd1+640];\nmov.f32 %f1, 0f3F800000;\n"
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f2,%f3,%f4,%f5}, {%r2,%r3,%r4,%r5}, {%r6,%r7}, "
        "{%f1,%f1,%f1,%f1};\n"
        "st.global.f32 [%rd2], %f2; st.global.f32 [%rd2+128], %f3; st.global.f32 [%rd2+256], %f4; st.global.f32 "
        "[%rd2+384], %f5; "
        "ret;\n}\n");
    Memory memory;
    const std::uint64_t in = upload(memory, memory_image), out = memory.allocate(512);
    const LaunchResult result =
        launch(module, "k", {.block = {32, 1, 1}}, Parameters().add(in).add(out).bytes(), memory);
    EXPECT_EQ(told(result), "");
    EXPECT_EQ(result.counts.tensor_macs, 16U * 8 * 16);
    const std::vector<float> d = download<float>(memory, out, 128);
    for (std::size_t m = 0; m < 16; ++m) {
        for (std::size_t n = 0; n < 8; ++n) {
            const std::size_t reg = m / 8 * 2 + n % 2, lane = m % 8 * 4 + n / 2;
            EXPECT_EQ(d[reg * 32 + lane], f.product(m, n) + 1.0F) << m << "," << n;
        }
    }
}

// One warp: shared memory holds 0, 1, 2... as 16-bit numbers; lane l gives the address of row l of 8 rows per matrix.
U load_matrices(const std::string& instruction, const std::string& more = "") {
    const Module module =
        Module::parse(kPtxHeader +
                      ".shared .align 16 .b8 s[512];\n.entry k(.param .u64 out) {\n.reg .u64 %rd<9>; .reg .b32 %r<20>; "
                      ".reg .u16 %rs<3>;\n"
                      "ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x; mov.u32 %r2, s; mul.lo.u32 %r3, %r1, 16; add.u32 "
                      "%r3, %r3, %r2;\nmul.lo.u32 "
                      "%r4, %r1, 8; mov.u32 %r5, 0;\nLOOP: add.u32 %r6, %r4, %r5; cvt.u16.u32 %rs1, %r6; mul.lo.u32 "
                      "%r7, %r6, 2; add.u32 %r7, "
                      "%r7, %r2; st.shared.u16 [%r7], %rs1; add.u32 %r5, %r5, 1; .reg .pred %p; setp.lt.u32 %p, %r5, "
                      "8; @%p bra LOOP;\nbar.sync "
                      "0;\n" +
                      instruction + "\n" + more +
                      "mul.wide.u32 %rd2, %r1, 4; add.u64 %rd1, %rd1, %rd2; st.global.b32 [%rd1], %r10; ret;\n}\n");
    Memory memory;
    const std::uint64_t out = memory.allocate(128);
    const LaunchResult result =
        launch(module, "k", {.block = {32, 1, 1}, .checks = kAllChecks}, Parameters().add(out).bytes(), memory);
    EXPECT_EQ(told(result), "");
    return download<std::uint32_t>(memory, out, 32);
}

TEST(EmulatorWarp, MatrixLoadsGiveEachLaneItsPairOfARow) {
    const U straight = load_matrices("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r11, %r10, %r12, %r13}, [%r3];");
    const U turned = load_matrices("ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%r10}, [%r3];");
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
        const std::uint32_t row = lane / 4, column = lane % 4 * 2;
        EXPECT_EQ(straight[lane], (64 + row * 8 + column) | (64 + row * 8 + column + 1) << 16);  // the second matrix
        EXPECT_EQ(turned[lane], (column * 8 + row) | ((column + 1) * 8 + row) << 16);
    }
}

TEST(EmulatorWarp, AMatrixStoreIsTheOppositeOfTheLoad) {
    const U result = load_matrices(
        "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r11}, [%r3]; bar.warp.sync -1;\n"
        "stmatrix.sync.aligned.m8n8.x1.trans.shared.b16 [%r3], {%r11}; bar.warp.sync -1;\n"
        "ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%r10}, [%r3];");
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
        EXPECT_EQ(result[lane], (lane * 2) | (lane * 2 + 1) << 16);
    }
}

// Lane l copies 16 bytes, of which it reads 4 * (l % 5); the rest is zeros.
TEST(EmulatorWarp, AsynchronousCopiesFillWithZerosWhatTheyDoNotRead) {
    const Module module = Module::parse(
        kPtxHeader +
        ".shared .align 16 .b8 s[512];\n.entry k(.param .u64 in, .param .u64 out) {\n.reg .u64 %rd<9>; .reg .b32 "
        "%r<20>;\nld.param.u64 "
        "%rd1, [in]; ld.param.u64 %rd2, [out]; mov.u32 %r1, %tid.x; mul.wide.u32 %rd3, %r1, 16; add.u64 %rd1, %rd1, "
        "%rd3; add.u64 "
        "%rd2, %rd2, %rd3; cvt.u32.u64 %r2, %rd3; mov.u32 %r3, s; add.u32 %r2, %r2, %r3;\nrem.u32 %r4, %r1, 5; "
        "mul.lo.u32 %r4, "
        "%r4, 4;\ncp.async.cg.shared.global.L2::128B [%r2], [%rd1], 16, %r4; cp.async.commit_group; "
        "cp.async.wait_group 0;\n"
        "ld.shared.v4.b32 {%r5,%r6,%r7,%r8}, [%r2]; st.global.v4.b32 [%rd2], {%r5,%r6,%r7,%r8}; ret;\n}\n");
    Memory memory;
    U input(128);
    for (std::uint32_t i = 0; i < 128; ++i) {
        input[i] = i + 1;
    }
    const std::uint64_t in = upload(memory, input), out = memory.allocate(512);
    const LaunchResult result =
        launch(module, "k", {.block = {32, 1, 1}, .checks = kAllChecks}, Parameters().add(in).add(out).bytes(), memory);
    EXPECT_EQ(told(result), "");
    const U copied = download<std::uint32_t>(memory, out, 128);
    for (std::uint32_t i = 0; i < 128; ++i) {
        EXPECT_EQ(copied[i], i % 4 < i / 4 % 5 ? i + 1 : 0);
    }
}

}  // namespace
}  // namespace warpsmith::emulator
