// What a launch counts: instructions by class and line, sectors of global memory, conflicts of shared memory.
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

Counts count(const std::string& body, unsigned threads = 32) {
    const Module module = Module::parse(
        kPtxHeader +
        ".shared .align 16 .b8 s[16384];\n.entry k(.param .u64 p) {\n.reg .u64 %rd<9>; .reg .u32 %r<9>; .reg .f32 "
        "%f<9>; .reg .pred %p<3>;\nld.param.u64 %rd1, [p]; mov.u32 %r1, %tid.x; mov.u32 %r2, s;\n" +
        body + "\nret;\n}\n.file 1 \"kernel.cu\"\n");
    Memory memory;
    const std::uint64_t buffer = upload(memory, std::vector<std::uint32_t>(4096, 1));
    const LaunchResult result =
        launch(module, "k", {.block = {threads, 1, 1}, .profile = true}, Parameters().add(buffer).bytes(), memory);
    EXPECT_EQ(told(result), "");
    return result.counts;
}

// Each thread reads a word at `stride` words from its neighbour's.
std::string read_global(int stride) {
    return "mul.wide.u32 %rd2, %r1, " + std::to_string(4 * stride) +
           "; add.u64 %rd2, %rd2, %rd1; ld.global.u32 %r3, [%rd2];";
}
std::string read_shared(int stride, const std::string& vector = "ld.shared.u32 %r3, [%r4];") {
    return "mad.lo.u32 %r4, %r1, " + std::to_string(4 * stride) + ", %r2; " + vector;
}

TEST(EmulatorCounts, InstructionsAreCountedByClassPerWarpAndThread) {
    const Counts counts =
        count("add.f32 %f1, %f1, %f2; setp.lt.u32 %p1, %r1, 10; @%p1 mul.f32 %f1, %f1, %f2; bar.sync 0;", 64);
    EXPECT_EQ(counts.of(Class::f32).warps,
              4U);  // two in each of two warps, though one warp's lanes all skip the second
    EXPECT_EQ(counts.of(Class::f32).threads, 64U + 10);
    EXPECT_EQ(counts.of(Class::compare).threads, 64U);
    EXPECT_EQ(counts.of(Class::barrier).warps, 2U);
    EXPECT_EQ(counts.of(Class::branch).threads, 64U);  // ret
}

TEST(EmulatorCounts, CoalescedReadsTakeFewerSectorsThanScatteredOnes) {
    EXPECT_EQ(count(read_global(1)).traffic.global_sectors, 4U);
    EXPECT_EQ(count(read_global(2)).traffic.global_sectors, 8U);
    EXPECT_EQ(count(read_global(8)).traffic.global_sectors, 32U);
    EXPECT_EQ(count(read_global(0)).traffic.global_sectors, 1U);
    EXPECT_EQ(count(read_global(8)).traffic.global_bytes, 128U);
}

TEST(EmulatorCounts, SharedReadsConflictWhenLanesWantDifferentWordsOfABank) {
    EXPECT_EQ(count(read_shared(1)).traffic.shared_bank_conflicts, 0U);
    EXPECT_EQ(count(read_shared(2)).traffic.shared_bank_conflicts, 1U);
    EXPECT_EQ(count(read_shared(32)).traffic.shared_bank_conflicts, 31U);
    EXPECT_EQ(count(read_shared(33)).traffic.shared_bank_conflicts, 0U);
    EXPECT_EQ(count(read_shared(0)).traffic.shared_bank_conflicts, 0U);  // one word for all
}

TEST(EmulatorCounts, VectorReadsOfSharedMemoryTakeOnePassPerQuarterWarp) {
    const Counts counts = count(read_shared(4, "ld.shared.v4.u32 {%r5,%r6,%r7,%r8}, [%r4];"));
    EXPECT_EQ(counts.traffic.shared_wavefronts, 4U);
    EXPECT_EQ(counts.traffic.shared_bank_conflicts, 0U);
    EXPECT_EQ(counts.traffic.shared_bytes, 512U);
}

TEST(EmulatorCounts, BulkCopiesMoveWholeSectorsAndAllBanks) {
    const Counts counts = count(
        "setp.ne.u32 %p1, %r1, 0; @%p1 bra END; add.u64 %rd2, %rd1, 16;\n"
        "st.shared.u32 [%r2], %r1; cp.async.bulk.global.shared::cta.bulk_group [%rd2], [s], 512;\n"
        "cp.async.bulk.commit_group; cp.async.bulk.wait_group 0; END:");
    EXPECT_EQ(counts.traffic.global_bytes, 512U);
    EXPECT_EQ(counts.traffic.global_sectors, 17U);        // it begins in the middle of one
    EXPECT_EQ(counts.traffic.shared_wavefronts, 4U + 1);  // and the store
    EXPECT_EQ(counts.traffic.shared_bank_conflicts, 0U);
}

TEST(EmulatorCounts, AProfileNamesEachSourceLine) {
    const Counts counts =
        count(".loc 1 7 0\nadd.f32 %f1, %f1, %f2;\nadd.f32 %f1, %f1, %f2;\n.loc 1 9 0\n" + read_global(1));
    ASSERT_EQ(counts.lines.size(), 3U);  // the first has no line
    EXPECT_EQ(counts.lines[1].file, "kernel.cu");
    EXPECT_EQ(counts.lines[1].line, 7U);
    EXPECT_EQ(counts.lines[1].all.threads, 64U);
    EXPECT_EQ(counts.lines[2].line, 9U);
    EXPECT_EQ(counts.lines[2].traffic.global_sectors, 4U);
}

}  // namespace
}  // namespace warpsmith::emulator
