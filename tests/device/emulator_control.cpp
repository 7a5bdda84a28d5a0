// Branches, calls, and lanes that go their own ways.
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

// Threads of one block each store a number: `body` leaves it in %r9.
U run(const std::string& functions, const std::string& body, unsigned threads, std::uint64_t seed = 0) {
    const Module module =
        Module::parse(kPtxHeader + functions +
                      ".entry k(.param .u64 out) {\n.reg .u64 %rd<20>; .reg .u32 %r<30>; .reg .pred %p<9>;\n"
                      "ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x; mov.u32 %r9, 0;\n" +
                      body +
                      "\nmul.wide.u32 %rd2, %r1, 4; add.u64 %rd2, %rd2, %rd1; st.global.u32 [%rd2], "
                      "%r9; ret;\n}\n");
    Memory memory;
    const std::uint64_t out = memory.allocate(threads * 4);
    const LaunchResult result =
        launch(module, "k", {.block = {threads, 1, 1}, .seed = seed}, Parameters().add(out).bytes(), memory);
    EXPECT_EQ(told(result), "");
    return download<std::uint32_t>(memory, out, threads);
}

TEST(EmulatorControl, EachLaneLoopsAsOftenAsItWants) {
    const U result =
        run("",
            "LOOP: setp.ge.u32 %p1, %r2, %r1; @%p1 bra DONE; add.u32 %r9, %r9, %r2; add.u32 %r2, %r2, 1; bra "
            "LOOP;\nDONE:",
            40);
    for (std::uint32_t t = 0; t < 40; ++t) {
        EXPECT_EQ(result[t], t * (t - 1) / 2);
    }
}

TEST(EmulatorControl, LanesMeetAgainWhereTheirPathsJoin) {
    const U result =
        run("",
            "and.b32 %r2, %r1, 1; setp.eq.u32 %p1, %r2, 0; @%p1 bra EVEN; add.u32 %r9, %r9, 100; bra JOIN;\nEVEN: "
            "add.u32 %r9, %r9, 200;\nJOIN: activemask.b32 %r3; popc.b32 %r4, %r3; add.u32 %r9, %r9, %r4;",
            32);
    EXPECT_EQ(result[0], 232U);
    EXPECT_EQ(result[1], 132U);
}

TEST(EmulatorControl, ABranchTableSendsEachLaneToItsTarget) {
    const U result =
        run("",
            "rem.u32 %r2, %r1, 3;\ntargets: .branchtargets A, B, C;\nbrx.idx %r2, targets;\nA: mov.u32 %r9, 10; "
            "bra END;\nB: mov.u32 %r9, 20; bra END;\nC: mov.u32 %r9, 30;\nEND:",
            32);
    EXPECT_EQ(result[0], 10U);
    EXPECT_EQ(result[1], 20U);
    EXPECT_EQ(result[31], 20U);
    EXPECT_EQ(result[2], 30U);
}

TEST(EmulatorControl, LabelsAndRegistersOfAnInnerScopeHideThoseOutside) {
    EXPECT_EQ(run("",
                  "mov.u32 %r9, 0;\n{ .reg .u32 %r9; mov.u32 %r9, 5; bra L; mov.u32 %r1, 99; L: }\n{ bra L; mov.u32 "
                  "%r1, 99; L: }"
                  "\nadd.u32 %r9, %r9, 1;",
                  1),
              U{1});
}

constexpr const char* kFactorial =
    ".func (.param .b32 r) factorial(.param .b32 n) {\n.reg .u32 %r<9>; .reg .pred %p<3>;\nld.param.u32 %r1, [n]; "
    "mov.u32 %r2, "
    "1;\nsetp.le.u32 %p1, %r1, 1; @%p1 bra END;\nsub.u32 %r3, %r1, 1;\n{ .param .b32 a; .param .b32 b; st.param.b32 "
    "[a], %r3; "
    "call (b), factorial, (a); ld.param.b32 %r4, [b]; }\nmul.lo.u32 %r2, %r1, %r4;\nEND: st.param.b32 [r], %r2; "
    "ret;\n}\n";

TEST(EmulatorControl, RecursionOfDifferentDepthPerLaneReturnsToEachCaller) {
    const U result =
        run(kFactorial,
            "rem.u32 %r2, %r1, 7;\n{ .param .b32 a; .param .b32 b; st.param.b32 [a], %r2; call (b), factorial, (a); "
            "ld.param.b32 %r9, [b]; }",
            32);
    const std::uint32_t wanted[] = {1, 1, 2, 6, 24, 120, 720};
    for (std::uint32_t t = 0; t < 32; ++t) {
        EXPECT_EQ(result[t], wanted[t % 7]);
    }
}

TEST(EmulatorControl, AnEndlessRecursionIsATrapAndNotACrash) {
    const Module module = Module::parse(
        kPtxHeader + ".func f() {\n.local .b8 l[64];\n{ call f; }\nret;\n}\n.entry k() {\n{ call f; }\nret;\n}\n");
    Memory memory;
    const LaunchResult result = launch(module, "k", {.block = {32, 1, 1}}, {}, memory);
    EXPECT_EQ(kinds(result), std::vector{FindingKind::trap});
}

TEST(EmulatorControl, AFunctionPointerMayDifferBetweenLanes) {
    const std::string functions =
        ".func (.param .b32 r) one(.param .b32 n) {\n.reg .u32 %r<3>;\nld.param.u32 %r1, [n]; add.u32 %r1, %r1, 1; "
        "st.param.b32 "
        "[r], %r1; ret;\n}\n.func (.param .b32 r) two(.param .b32 n) {\n.reg .u32 %r<3>;\nld.param.u32 %r1, [n]; "
        "mul.lo.u32 %r1, "
        "%r1, 2; st.param.b32 [r], %r1; ret;\n}\n.global .align 8 .u64 table[2] = {one, two};\n";
    const U result =
        run(functions,
            "and.b32 %r2, %r1, 1; mul.wide.u32 %rd3, %r2, 8; mov.u64 %rd4, table; add.u64 %rd4, %rd4, %rd3; "
            "ld.global.u64 %rd5, [%rd4];\n{ .param .b32 a; .param .b32 b; st.param.b32 [a], %r1;\nproto: "
            ".callprototype (.param .b32 _) _ (.param .b32 _);\ncall (b), %rd5, (a), proto; ld.param.b32 %r9, [b]; }",
            32);
    EXPECT_EQ(result[4], 5U);
    EXPECT_EQ(result[5], 10U);
}

TEST(EmulatorControl, StructuresArePassedByValue) {
    const U result =
        run(".func (.param .b32 r) sum(.param .align 8 .b8 s[16]) {\n.reg .u32 %r<9>;\nld.param.u32 %r1, [s]; "
            "ld.param.v2.u32 {%r2, "
            "%r3}, [s+8]; add.u32 %r1, %r1, %r2; add.u32 %r1, %r1, %r3; st.param.b32 [r], %r1; ret;\n}\n",
            "{ .param .align 8 .b8 s[16]; .param .b32 b; st.param.b32 [s], %r1; st.param.v2.b32 [s+8], {10, 100}; call "
            "(b), sum, (s); "
            "ld.param.b32 %r9, [b]; }",
            3);
    EXPECT_EQ(result, (U{110, 111, 112}));
}

// A lock that a lane takes while the others of its warp spin: only independent progress of lanes ends this.
TEST(EmulatorControl, LanesOfOneWarpCanHandALockToEachOther) {
    for (const std::uint64_t seed : {0U, 1U, 2U}) {
        const U result =
            run(".shared .align 4 .u32 lock;\n.shared .align 4 .u32 count;\n",
                "setp.eq.u32 %p1, %r1, 0; @%p1 st.shared.u32 [lock], 0; @%p1 st.shared.u32 [count], 0; bar.sync 0;\n"
                "TRY: atom.shared.cas.b32 %r2, [lock], 0, 1; setp.ne.u32 %p2, %r2, 0; @%p2 bra TRY;\n"
                "ld.volatile.shared.u32 %r3, [count]; add.u32 %r3, %r3, 1; st.volatile.shared.u32 [count], %r3; "
                "membar.cta; atom.shared.exch.b32 %r4, [lock], 0;\nbar.sync 0; ld.shared.u32 %r9, [count];",
                64, seed);
        EXPECT_EQ(result[0], 64U);
        EXPECT_EQ(result[63], 64U);
    }
}

TEST(EmulatorControl, ATrapEndsTheLaunchAndNamesItsThread) {
    const Module module =
        Module::parse(kPtxHeader +
                      ".entry k() {\n.reg .u32 %r<3>; .reg .pred %p;\nmov.u32 %r1, %tid.x; setp.eq.u32 %p, "
                      "%r1, 5; @%p trap; ret;\n}\n");
    Memory memory;
    const LaunchResult result = launch(module, "k", {.block = {32, 1, 1}}, {}, memory);
    ASSERT_EQ(kinds(result), std::vector{FindingKind::trap});
    EXPECT_EQ(result.findings[0].thread[0], 5U);
    EXPECT_FALSE(result.completed);
}

TEST(EmulatorControl, SpecialRegistersTellWhereAThreadIs) {
    const U result =
        run("",
            "mov.u32 %r2, %laneid; mov.u32 %r3, %warpid; mov.u32 %r4, %lanemask_lt; mad.lo.u32 %r9, %r3, 1000, "
            "%r2; popc.b32 %r4, %r4; setp.ne.u32 %p1, %r4, %r2; @%p1 mov.u32 %r9, 7777;",
            40);
    EXPECT_EQ(result[33], 1001U);
    EXPECT_EQ(result[31], 31U);
}

}  // namespace
}  // namespace warpsmith::emulator
