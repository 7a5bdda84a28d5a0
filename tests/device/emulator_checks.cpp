// Planted defects: each is found, named and placed, and the corrected kernel is not accused.
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

using Kinds = std::vector<FindingKind>;

// `body` has %r1 the thread, %r2 its address in the shared array s of 128 words, %r3 that of the next thread's word
// (the last one's is the first), %rd1 a global buffer of 128 words, %rd2 the thread's word in it. Lines of the source
// are those of `body`, from 1.
Module kernel(const std::string& body) {
    std::string text =
        kPtxHeader +
        ".shared .align 16 .b8 s[512];\n.entry k(.param .u64 p, .param .u64 q) {\n.reg .u64 %rd<20>; .reg .u32 "
        "%r<30>; .reg .pred %p<9>;\nld.param.u64 %rd1, [p]; mov.u32 %r1, %tid.x; mov.u32 %r29, s; mov.u32 %r28, "
        "%ntid.x; shl.b32 %r27, %r1, 2; add.u32 %r2, %r29, %r27; add.u32 %r26, %r1, 1; rem.u32 %r26, %r26, "
        "%r28; shl.b32 %r26, %r26, 2; add.u32 %r3, %r29, %r26; cvt.u64.u32 %rd2, %r27; add.u64 %rd2, %rd2, "
        "%rd1; ld.param.u64 %rd3, [q];\n";
    std::size_t line = 0, begin = 0;
    while (begin < body.size()) {
        const std::size_t end = std::min(body.find('\n', begin), body.size());
        text += ".loc 1 " + std::to_string(++line) + " 0\n" + body.substr(begin, end - begin) + "\n";
        begin = end + 1;
    }
    return Module::parse(text + "ret;\n}\n.file 1 \"kernel.cu\"\n");
}

struct Launch {
    unsigned threads = 64;
    unsigned blocks = 1;
    bool buffer_is_written = true;
    Checks checks = kAllChecks;
    std::uint64_t seed = 0;
};

LaunchResult run(const std::string& body, const Launch& how = {}) {
    const Module module = kernel(body);
    Memory memory;
    const std::uint64_t buffer = how.buffer_is_written ? upload(memory, U(128, 0)) : memory.allocate(512);
    const std::uint64_t freed = memory.allocate(512);
    memory.free(freed);
    return launch(module, "k",
                  {.grid = {how.blocks, 1, 1}, .block = {how.threads, 1, 1}, .seed = how.seed, .checks = how.checks},
                  Parameters().add(buffer).add(freed).bytes(), memory);
}

const Finding& first_of(const LaunchResult& result, FindingKind kind) {
    static const Finding none;
    for (const Finding& finding : result.findings) {
        if (finding.kind == kind) {
            return finding;
        }
    }
    return none;
}

TEST(EmulatorChecks, ASharedWordReadBeforeABarrierIsARace) {
    const LaunchResult result = run("st.shared.u32 [%r2], %r1;\nld.shared.u32 %r4, [%r3];", {.threads = 32});
    EXPECT_EQ(kinds(result), Kinds{FindingKind::race}) << told(result);
    const Finding& race = first_of(result, FindingKind::race);
    EXPECT_EQ(race.file, "kernel.cu");
    EXPECT_EQ(race.line, 2U);
    EXPECT_EQ(race.thread[0], 0U);  // reads what thread 1 wrote
    EXPECT_NE(race.message.find("thread (1,0,0)"), std::string::npos) << race.message;
    EXPECT_NE(race.message.find("kernel.cu:1"), std::string::npos) << race.message;
    EXPECT_EQ(told(run("st.shared.u32 [%r2], %r1;\nbar.sync 0;\nld.shared.u32 %r4, [%r3];")), "");
}

// Lanes that write one behind the other; the next run begins `apart` words further.
struct Runs {
    unsigned lanes, apart;
};

// Warp 0 writes a word for each lane, from word `first` on; then lane 3 of warp 1 reads `word`.
LaunchResult read_one_of(const Runs& runs, unsigned first, unsigned word) {
    const std::string lanes = std::to_string(runs.lanes);
    return run("setp.ge.u32 %p1, %r1, 32; @%p1 bra READER;\ndiv.u32 %r4, %r1, " + lanes + "; rem.u32 %r5, %r1, " +
                   lanes + "; mad.lo.u32 %r5, %r4, " + std::to_string(runs.apart) +
                   ", %r5; mad.lo.u32 %r5, %r5, 4, %r29; st.shared.u32 [%r5+" + std::to_string(4 * first) +
                   "], %r1; ret;\nREADER: setp.ne.u32 %p2, %r1, 35; @%p2 ret;\nld.shared.u32 %r6, [s+" +
                   std::to_string(4 * word) + "];",
               {.checks = {.races = true}});
}

TEST(EmulatorChecks, ARaceNamesTheLaneThatWroteTheWordWhereverInARunItLies) {
    for (const Runs& runs : {Runs{32, 32}, Runs{8, 16}, Runs{1, 2}, Runs{2, 4}}) {
        for (const unsigned first : {0U, 5U, 15U}) {
            for (unsigned word = 0; word < 80; word += 3) {
                const unsigned behind = word - first, lane = behind / runs.apart * runs.lanes + behind % runs.apart;
                const bool written = word >= first && behind % runs.apart < runs.lanes && lane < 32;
                const LaunchResult result = read_one_of(runs, first, word);
                SCOPED_TRACE(std::to_string(runs.lanes) + " " + std::to_string(first) + " " + std::to_string(word));
                ASSERT_EQ(result.findings.size(), written ? 1U : 0U) << told(result);
                if (written) {
                    EXPECT_EQ(result.findings[0].thread[0], 35U);
                    EXPECT_NE(told(result).find("thread (" + std::to_string(lane) + ",0,0)"), std::string::npos)
                        << told(result);
                }
            }
        }
    }
}

TEST(EmulatorChecks, WordsBetweenThoseThatLanesReadAreNotRead) {
    const auto write = [](unsigned word) {
        return run(
            "setp.ge.u32 %p1, %r1, 32; @%p1 bra WRITER;\nmad.lo.u32 %r4, %r1, 8, %r29; ld.shared.u32 %r5, "
            "[%r4+4]; ret;\nWRITER: setp.ne.u32 %p2, %r1, 40; @%p2 ret;\nst.shared.u32 [s+" +
                std::to_string(4 * word) + "], 1;",
            {.checks = {.races = true}});
    };
    for (unsigned word = 0; word < 66; ++word) {
        const bool is_read = word % 2 == 1 && word < 64;
        EXPECT_EQ(kinds(write(word)), is_read ? Kinds{FindingKind::race} : Kinds{}) << word;
    }
}

TEST(EmulatorChecks, AWordThatAllLanesReadIsNotToBeWrittenWithoutABarrier) {
    const std::string start = "setp.ge.u32 %p1, %r1, 32; @%p1 bra WRITER;\nld.global.u32 %r4, [%rd1];\n";
    EXPECT_EQ(kinds(run(start + "ret;\nWRITER: st.global.u32 [%rd2+-128], 1;")), Kinds{FindingKind::race});
    EXPECT_EQ(told(run(start + "WRITER: bar.sync 0;\n@!%p1 ret;\nst.global.u32 [%rd2+-128], 1;")), "");
}

TEST(EmulatorChecks, AWordOverwrittenBeforeAllHaveReadItIsARace) {
    const std::string start = "st.shared.u32 [%r2], %r1;\nbar.sync 0;\nld.shared.u32 %r4, [%r3];\n";
    EXPECT_EQ(kinds(run(start + "st.shared.u32 [%r2], %r4;")), Kinds{FindingKind::race});
    EXPECT_EQ(told(run(start + "bar.sync 0;\nst.shared.u32 [%r2], %r4;")), "");
}

TEST(EmulatorChecks, LanesOfOneWarpNeedAWarpBarrier) {
    EXPECT_EQ(kinds(run("st.shared.u32 [%r2], 7;\nld.shared.u32 %r4, [%r3];", {.threads = 32})),
              Kinds{FindingKind::race});
    EXPECT_EQ(told(run("st.shared.u32 [%r2], 7;\nbar.warp.sync -1;\nld.shared.u32 %r4, [%r3];", {.threads = 32})), "");
}

TEST(EmulatorChecks, DifferentValuesWrittenToOnePlaceAreARaceAndEqualOnesAreNot) {
    EXPECT_EQ(kinds(run("st.shared.u32 [s], %r1;")), Kinds{FindingKind::race});
    EXPECT_EQ(told(run("st.shared.u32 [s], 7;")), "");
}

TEST(EmulatorChecks, AtomicOperationsDoNotRaceWithEachOtherButWithPlainOnes) {
    EXPECT_EQ(told(run("red.global.add.u32 [%rd1], 1;", {.blocks = 2})), "");
    EXPECT_EQ(kinds(run("red.global.add.u32 [%rd1], 1;\nld.global.u32 %r4, [%rd1];", {.blocks = 2})),
              Kinds{FindingKind::race});
}

TEST(EmulatorChecks, BlocksThatWriteOnePlaceRace) {
    EXPECT_EQ(kinds(run("mov.u32 %r4, %ctaid.x; add.u32 %r4, %r4, 1;\nst.global.u32 [%rd2], %r4;", {.blocks = 2})),
              Kinds{FindingKind::race});
}

// Block 0 writes a word, then a flag; block 1 waits for the flag.
std::string message_passing(const std::string& fence) {
    return "mov.u32 %r4, %ctaid.x; setp.eq.u32 %p1, %r4, 1; @%p1 bra READER;\nst.global.u32 [%rd1], 42;\n" + fence +
           "\nst.volatile.global.u32 [%rd1+4], 1;\nret;\nREADER: ld.volatile.global.u32 %r5, [%rd1+4]; setp.eq.u32 "
           "%p2, %r5, 0; "
           "@%p2 bra READER;\n" +
           fence + "\nld.global.u32 %r6, [%rd1];";
}

TEST(EmulatorChecks, AFlagPassesDataOnlyBehindAFence) {
    EXPECT_EQ(kinds(run(message_passing(""), {.threads = 1, .blocks = 2})), Kinds{FindingKind::race});
    EXPECT_EQ(told(run(message_passing("membar.gl;"), {.threads = 1, .blocks = 2})), "");
    EXPECT_EQ(kinds(run(message_passing("membar.cta;"), {.threads = 1, .blocks = 2})), Kinds{FindingKind::race});
}

TEST(EmulatorChecks, ANamedBarrierOrdersOnlyThoseThatTakePart) {
    const std::string two_warps =
        "st.shared.u32 [%r2], %r1;\nmov.u32 %r5, %warpid; setp.ge.u32 %p1, %r5, 2; @%p1 bra END; bar.sync "
        "1, 64;\n";
    EXPECT_EQ(told(run(two_warps + "xor.b32 %r6, %r2, 128; ld.shared.u32 %r4, [%r6];\nEND:", {.threads = 96})), "");
    EXPECT_EQ(kinds(run(two_warps + "ld.shared.u32 %r4, [s+256];\nEND:", {.threads = 96, .seed = 3})),
              Kinds{FindingKind::race});
}

const std::string kCopy =
    "cvt.u64.u32 %rd5, %r27; mul.lo.u64 %rd5, %rd5, 4; add.u64 %rd6, %rd1, %rd5; cvt.u32.u64 %r5, %rd5; "
    "add.u32 %r5, %r5, %r29;\ncp.async.cg.shared.global [%r5], [%rd6], 16; cp.async.commit_group;\n";

TEST(EmulatorChecks, AnAsynchronousCopyHasToBeWaitedFor) {
    EXPECT_EQ(kinds(run(kCopy + "ld.shared.u32 %r4, [%r5];", {.threads = 32})), Kinds{FindingKind::race});
    EXPECT_EQ(told(run(kCopy + "cp.async.wait_group 0;\nld.shared.u32 %r4, [%r5];", {.threads = 32})), "");
}

TEST(EmulatorChecks, AnAsynchronousCopyNeedsABarrierForOtherThreads) {
    const std::string waited = kCopy + "cp.async.wait_all;\n";
    EXPECT_EQ(kinds(run(waited + "ld.shared.u32 %r4, [%r2];", {.threads = 32})), Kinds{FindingKind::race});
    EXPECT_EQ(told(run(waited + "bar.sync 0;\nld.shared.u32 %r4, [%r2];", {.threads = 32})), "");
}

TEST(EmulatorChecks, MemoryThatNothingWroteIsNotRead) {
    EXPECT_EQ(kinds(run("ld.shared.u32 %r4, [%r2];")), Kinds{FindingKind::uninitialised_read});
    EXPECT_EQ(kinds(run("ld.global.u32 %r4, [%rd2];", {.buffer_is_written = false})),
              Kinds{FindingKind::uninitialised_read});
    EXPECT_EQ(told(run("st.global.u32 [%rd2], 1;\nld.global.u32 %r4, [%rd2];", {.buffer_is_written = false})), "");
    EXPECT_EQ(kinds(run("st.shared.u8 [%r2], 1;\nld.shared.u16 %r4, [%r2];")), Kinds{FindingKind::uninitialised_read});
}

TEST(EmulatorChecks, AccessesOutOfBoundsAreAlwaysFoundInEverySpace) {
    const Launch unchecked{.checks = {}};
    EXPECT_EQ(kinds(run("st.global.u32 [%rd1+512], 1;", unchecked)), Kinds{FindingKind::out_of_bounds});
    EXPECT_EQ(kinds(run("ld.global.u32 %r4, [%rd1+-4];", unchecked)), Kinds{FindingKind::out_of_bounds});
    EXPECT_EQ(kinds(run("ld.shared.u32 %r4, [s+512];", unchecked)), Kinds{FindingKind::out_of_bounds});
    EXPECT_EQ(kinds(run(".local .align 4 .b8 l[16]; mov.u64 %rd7, l;\nst.local.u32 [%rd7+16], 1;", unchecked)),
              Kinds{FindingKind::out_of_bounds});
    EXPECT_EQ(kinds(run("mov.u64 %rd7, 0;\nld.u32 %r4, [%rd7];", unchecked)), Kinds{FindingKind::out_of_bounds});
    EXPECT_EQ(kinds(run("ld.global.u32 %r4, [%rd3];", unchecked)), Kinds{FindingKind::out_of_bounds});
}

TEST(EmulatorChecks, AnAccessOutOfBoundsNamesThreadAddressAndFreedMemory) {
    const LaunchResult result = run("setp.eq.u32 %p1, %r1, 40;\n@%p1 st.global.u32 [%rd3+8], 1;");
    const Finding& finding = first_of(result, FindingKind::out_of_bounds);
    EXPECT_EQ(finding.thread[0], 40U);
    EXPECT_EQ(finding.line, 2U);
    EXPECT_NE(finding.address, 0U);
    EXPECT_NE(finding.message.find("freed"), std::string::npos) << finding.message;
}

TEST(EmulatorChecks, MisalignedAccessesAreAlwaysFound) {
    EXPECT_EQ(kinds(run("st.global.u32 [%rd1+2], 1;", {.checks = {}})), Kinds{FindingKind::misaligned});
    EXPECT_EQ(kinds(run("ld.shared.v4.u32 {%r4,%r5,%r6,%r7}, [s+4];", {.checks = {}})), Kinds{FindingKind::misaligned});
}

TEST(EmulatorChecks, ABarrierInOneBranchOfAWarpIsDivergent) {
    EXPECT_EQ(kinds(run("setp.ge.u32 %p1, %r1, 16; @%p1 bra END;\nbar.sync 0;\nEND: st.global.u32 [%rd2], 1;",
                        {.threads = 32})),
              Kinds{FindingKind::divergent_barrier});
    EXPECT_EQ(kinds(run("and.b32 %r4, %r1, 1; setp.eq.u32 %p1, %r4, 0;\n@%p1 bar.sync 0;\nst.global.u32 [%rd2], 1;",
                        {.threads = 32})),
              Kinds{FindingKind::divergent_barrier});
}

TEST(EmulatorChecks, LanesThatLeaveALoopWithABarrierEarlyAreDivergent) {
    EXPECT_EQ(
        kinds(run("and.b32 %r4, %r1, 3;\nLOOP: bar.sync 0;\nsub.u32 %r4, %r4, 1; setp.ge.s32 %p1, %r4, 0; @%p1 bra "
                  "LOOP;\nst.global.u32 [%rd2], 1;",
                  {.threads = 32})),
        Kinds{FindingKind::divergent_barrier});
}

TEST(EmulatorChecks, ThreadsThatReturnEarlyAreNoReasonToComplain) {
    EXPECT_EQ(told(run("setp.ge.u32 %p1, %r1, 40; @%p1 bra END;\nbar.sync 0;\nst.global.u32 [%rd2], 1;\nEND:")), "");
}

TEST(EmulatorChecks, LanesThatTakeLongerToABarrierAreWaitedFor) {
    EXPECT_EQ(
        told(run("mov.u32 %r5, 3;\nAGAIN: and.b32 %r4, %r1, 1; setp.eq.u32 %p1, %r4, 0; @%p1 bra SLOW;\nJOIN: bar.sync "
                 "0;\nsub.u32 "
                 "%r5, %r5, 1; setp.gt.u32 %p2, %r5, 0; @%p2 bra AGAIN;\nret;\nSLOW: add.u32 %r6, %r6, 1; bra JOIN;")),
        "");
}

TEST(EmulatorChecks, AWarpThatLeavesOthersInABarrierIsAMismatch) {
    EXPECT_EQ(kinds(run("mov.u32 %r4, %warpid; setp.ne.u32 %p1, %r4, 0; @%p1 bra END;\nbar.sync 0;\nEND: st.global.u32 "
                        "[%rd2], 1;")),
              Kinds{FindingKind::barrier_mismatch});
}

TEST(EmulatorChecks, BarriersOfDifferentThreadCountsAreAMismatch) {
    EXPECT_EQ(kinds(run("mov.u32 %r4, %warpid; shl.b32 %r4, %r4, 5; add.u32 %r4, %r4, 64;\nbar.sync 1, %r4;")),
              Kinds{FindingKind::barrier_mismatch});
    EXPECT_EQ(kinds(run("mov.u32 %r4, 40;\nbar.sync 1, %r4;")), Kinds{FindingKind::barrier_mismatch});
}

}  // namespace
}  // namespace warpsmith::emulator
