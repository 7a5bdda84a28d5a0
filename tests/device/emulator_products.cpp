// wgmma is asynchronous: what is missing between it and other uses of its registers and memory is found, and right
// kernels are not accused.
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

constexpr const char* kFence = "wgmma.fence.sync.aligned;\n";
constexpr const char* kCommit = "wgmma.commit_group.sync.aligned;\n";
constexpr const char* kWait = "wgmma.wait_group.sync.aligned 0;\n";
constexpr const char* kWaitForAllButOne = "wgmma.wait_group.sync.aligned 1;\n";
constexpr const char* kBarrier = "bar.sync 0;\n";
constexpr const char* kStore = "st.global.f32 [%rd2], %f0;\n";

// 64 x 8 x 16; scale-d 0: the accumulators are not read.
std::string product(const std::string& d = "%f0, %f1, %f2, %f3", const std::string& a = "%rd4",
                    const std::string& scale_d = "1") {
    const bool in_registers = a[0] == '{';
    return "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {" + d + "}, " + a + ", %rd5, " + scale_d +
           (in_registers ? ", 1, 1, 0;\n" : ", 1, 1, 0, 0;\n");
}

const std::string kOther = "%f4, %f5, %f6, %f7", kA = "{%a0, %a1, %a2, %a3}";

// What comes before the first line of `body`: 4096 zeros in the shared array s, A at its start, B 2048 bytes behind;
// %r1 is the thread, %r2 its 32 bytes of s, %rd2 its word of a global buffer; %f0 to %f7 and %a0 to %a3 are zeros.
const std::string kZeros =
    "st.shared.v4.u32 [%r2], {%r9, %r9, %r9, %r9}; st.shared.v4.u32 [%r2+16], {%r9, %r9, %r9, "
    "%r9};\n";
const std::string kReady = kZeros + "fence.proxy.async.shared::cta; bar.sync 0;\n";

LaunchResult run(const std::string& body, const std::string& start = kReady, const Checks& checks = kAllChecks) {
    std::string text =
        kPtxHeader +
        ".shared .align 128 .b8 s[4096];\n.entry k(.param .u64 p) {\n.reg .u64 %rd<9>; .reg .u32 %r<10>; .reg .b32 "
        "%a<8>; .reg .f32 %f<20>; .reg .pred %p<9>;\nld.param.u64 %rd1, [p]; mov.u32 %r1, %tid.x; mul.wide.u32 %rd2, "
        "%r1, 4; add.u64 %rd2, %rd2, %rd1; mov.u32 %r2, s; shr.u32 %r3, %r2, 4; mad.lo.u32 %r2, %r1, 32, %r2; mov.u32 "
        "%r9, 0; cvt.u64.u32 %rd4, %r3; add.u64 %rd4, %rd4, " +
        std::to_string(std::uint64_t{8} << 16 | std::uint64_t{16} << 32) + "; add.u64 %rd5, %rd4, 128;\n";
    for (int i = 0; i < 8; ++i) {
        text += "mov.f32 %f" + std::to_string(i) + ", 0f00000000; mov.b32 %a" + std::to_string(i) + ", 0;\n";
    }
    text += start;
    std::size_t line = 0, begin = 0;
    while (begin < body.size()) {
        const std::size_t end = std::min(body.find('\n', begin), body.size());
        text += ".loc 1 " + std::to_string(++line) + " 0\n" + body.substr(begin, end - begin) + "\n";
        begin = end + 1;
    }
    const Module module = Module::parse(text + "ret;\n}\n.file 1 \"kernel.cu\"\n");
    Memory memory;
    const std::uint64_t buffer = upload(memory, std::vector<float>(1024, 1));
    return launch(module, "k", {.block = {128, 1, 1}, .checks = checks}, Parameters().add(buffer).bytes(), memory);
}

// One race, at that line, whose message tells all of that.
void expect_race(const LaunchResult& result, unsigned line, std::initializer_list<const char*> parts) {
    ASSERT_EQ(result.findings.size(), 1U) << told(result);
    EXPECT_EQ(result.findings[0].kind, FindingKind::race) << told(result);
    EXPECT_EQ(result.findings[0].line, line) << told(result);
    for (const char* part : parts) {
        EXPECT_NE(result.findings[0].message.find(part), std::string::npos) << part << " in " << told(result);
    }
}

TEST(EmulatorProducts, ARightProductIsNotAccused) {
    const std::string rescale = "mul.f32 %f0, %f0, 0f3F000000;\n";
    const std::string overwrite = kBarrier + kZeros;
    for (const std::string& body : {
             kFence + product() + kCommit + kWait + kStore,
             kFence + product() + product() + product() + kCommit + kWait + kStore + overwrite,
             kFence + product("%f0, %f1, %f2, %f3", "%rd4", "0") + product() + kCommit + kWait + kStore,
             kFence + product() + kCommit + product(kOther) + kCommit + kWaitForAllButOne + kStore + kWait +
                 "st.global.f32 [%rd2], %f4;\n",
             kFence + product("%f0, %f1, %f2, %f3", kA) + kCommit + kWait + "add.u32 %a0, %a0, 1;\n" + kStore,
             kFence + product() + kCommit + kWait + rescale + kFence + product() + kCommit + kWait + kStore,
             kFence + product() + kCommit + kFence + product() + kCommit + kWait + kStore,
         }) {
        EXPECT_EQ(told(run(body)), "") << body;
    }
}

TEST(EmulatorProducts, MovesHandAccumulatorsOnFromOneProductToTheNext) {
    const std::string there = "mov.f32 %f8, %f0; mov.f32 %f9, %f1; mov.f32 %f10, %f2; mov.f32 %f11, %f3;\n";
    const std::string next = product("%f8, %f9, %f10, %f11") + kCommit;
    const std::string result = "st.global.f32 [%rd2], %f8;\n";
    EXPECT_EQ(told(run(kFence + product() + kCommit + there + next + kWait + result)), "");
    expect_race(run(kFence + product() + kCommit + there + result + kWait), 5, {"kernel.cu:2", "wgmma.wait_group"});
    expect_race(run(kFence + product() + kCommit + there + next + kWaitForAllButOne + result + kWait), 8,
                {"kernel.cu:5", "wgmma.wait_group"});
}

TEST(EmulatorProducts, AnAccumulatorReadBeforeItsGroupIsWaitedForIsARace) {
    expect_race(run(kFence + product() + kCommit + kStore + kWait), 4,
                {"reads an accumulator", "wgmma.mma_async", "kernel.cu:2", "wgmma.wait_group is missing"});
    expect_race(run(kFence + product() + kCommit + product(kOther) + kCommit + kWaitForAllButOne +
                    "st.global.f32 [%rd2], %f4;\n" + kWait),
                7, {"reads an accumulator", "kernel.cu:4"});
}

TEST(EmulatorProducts, AProductInNoGroupIsNotWaitedFor) {
    expect_race(run(kFence + product() + kWait + kStore), 4, {"kernel.cu:2", "wgmma.commit_group"});
}

TEST(EmulatorProducts, ARegisterWrittenWhileAProductUsesItIsARace) {
    expect_race(run(kFence + product() + kCommit + "mov.f32 %f1, 0f3F800000;\n" + kWait), 4,
                {"writes an accumulator", "kernel.cu:2"});
    expect_race(run(kFence + product("%f0, %f1, %f2, %f3", kA) + kCommit + "add.u32 %a2, %r1, 1;\n" + kWait), 4,
                {"writes a register", "may have yet to read", "kernel.cu:2"});
}

TEST(EmulatorProducts, AnAccumulatorUnderWayIsNotAnInput) {
    const std::string from_sums = product(kOther, "{%a4, %a5, %a6, %a7}");
    expect_race(run(kFence + product("%a4, %a5, %a6, %a7") + kCommit + from_sums + kCommit + kWait), 4,
                {"reads an accumulator", "kernel.cu:2"});
}

TEST(EmulatorProducts, SharedMemoryWrittenBeforeTheWaitIsARace) {
    const std::string store = "st.shared.u32 [s+2048], %r1;\n", one = "setp.ne.u32 %p1, %r1, 0; @%p1 bra END;\n";
    const std::string end = "END:\n";
    expect_race(run(kFence + product() + kCommit + kBarrier + one + store + end + kWait), 6,
                {"writes shared memory, 2048 bytes", "kernel.cu:2", "wgmma.wait_group is missing"});
    expect_race(run(kFence + product() + kBarrier + one + store + end + kCommit + kWait), 5, {"wgmma.commit_group"});
    EXPECT_EQ(told(run(kFence + product() + kCommit + kWait + kBarrier + one + store + end)), "");
    EXPECT_EQ(told(run(kFence + product() + kCommit + kBarrier + one + "st.shared.u32 [s+2304], 1;\n" + end + kWait)),
              "");
}

TEST(EmulatorProducts, AWaitBehindTheBarrierThatTheWriterPassesIsTooLate) {
    const std::string store = "setp.ne.u32 %p1, %r1, 64; @!%p1 st.shared.u32 [s+2048], %r1;\n";
    const LaunchResult result = run(kFence + product() + kCommit + kBarrier + kWait + store);
    expect_race(result, 6, {"writes shared memory, 2048 bytes"});
}

TEST(EmulatorProducts, AnAsynchronousCopyIntoWhatAProductReadsIsARace) {
    const std::string one = "setp.ne.u32 %p1, %r1, 0; @%p1 bra END;\n";
    const std::string copy = "cp.async.ca.shared.global [s+2048], [%rd1], 16;\n";
    const std::string end = "END: cp.async.wait_all;\n";
    expect_race(run(kFence + product() + kCommit + kBarrier + one + copy + kWait + end), 6,
                {"writes shared memory, 2048 bytes", "kernel.cu:2"});
    EXPECT_EQ(told(run(kFence + product() + kCommit + kWait + kBarrier + one + copy + end)), "");
}

TEST(EmulatorProducts, ABulkCopyIntoWhatAProductReadsIsARace) {
    const std::string one = "setp.ne.u32 %p1, %r1, 0; @%p1 bra END;\n";
    const std::string copy =
        "mbarrier.init.shared::cta.b64 [s+4000], 1; mbarrier.arrive.expect_tx.shared::cta.b64 %rd6, [s+4000], 256;\n"
        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [s+2048], [%rd1], 256, [s+4000];\n";
    const std::string end = "L: mbarrier.try_wait.parity.shared::cta.b64 %p2, [s+4000], 0; @!%p2 bra L;\nEND:\n";
    expect_race(run(kFence + product() + kCommit + kBarrier + one + copy + end + kWait), 7,
                {"writes shared memory, 2048 bytes", "kernel.cu:2"});
    EXPECT_EQ(told(run(kFence + product() + kCommit + kWait + kBarrier + one + copy + end)), "");
}

TEST(EmulatorProducts, TheFirstProductWithoutAFenceIsARace) {
    expect_race(run(product() + kCommit + kWait + kStore), 1, {"before any wgmma.fence"});
}

TEST(EmulatorProducts, AnAccumulatorUsedSinceTheLastFenceWantsAnother) {
    const std::string use = "mul.f32 %f2, %f2, 0f40000000;\n";
    expect_race(run(kFence + product() + kCommit + kWait + use + product() + kCommit + kWait), 6,
                {"accumulates", "wgmma.fence is missing", "kernel.cu:2"});
    // Zeros that a compiler writes only here are no use.
    EXPECT_EQ(told(run(kFence + product() + kCommit + kWait + kStore + "mov.f32 %f0, 0f00000000;\n" + product() +
                       kCommit + kWait)),
              "");
}

TEST(EmulatorProducts, AProductOfAnotherShapeInTheSameRegistersWantsAFence) {
    const std::string half =
        "wgmma.mma_async.sync.aligned.m64n16k16.f16.f16.f16 {%a4, %a5, %a6, %a7}, %rd4, %rd5, 0, 1, 1, 0, 0;\n";
    const std::string single = product("%a4, %a5, %a6, %a7");
    expect_race(run(kFence + single + half + kCommit + kWait), 3, {"another shape", "wgmma.fence"});
    EXPECT_EQ(told(run(kFence + single + kFence + half + kCommit + kWait)), "");
}

TEST(EmulatorProducts, OrdinaryStoresWantAProxyFenceBeforeAProductReadsThem) {
    const std::string body = kFence + product() + kCommit + kWait + kStore;
    expect_race(run(body, kZeros + kBarrier), 2, {"reads shared memory", "st.shared", "fence.proxy.async"});
    EXPECT_EQ(told(run(body, kZeros + kBarrier + "fence.proxy.async;\n")), "");
}

TEST(EmulatorProducts, OrdinaryStoresWantAProxyFenceBeforeABulkCopyReadsThem) {
    const std::string copy =
        "setp.ne.u32 %p1, %r1, 0; @%p1 ret;\n"
        "cp.async.bulk.global.shared::cta.bulk_group [%rd1], [s], 256;\n"
        "cp.async.bulk.commit_group; cp.async.bulk.wait_group 0;\n";
    expect_race(run(copy, kZeros + kBarrier), 2, {"reads shared memory", "st.shared", "fence.proxy.async"});
    EXPECT_EQ(told(run(copy)), "");
}

TEST(EmulatorProducts, NothingIsFoundWhereRacesAreNotChecked) {
    const std::string body = product() + kStore + "st.shared.u32 [%r2], %r1;\n";
    EXPECT_EQ(told(run(body, kZeros + kBarrier, {.uninitialised = true, .barriers = true})), "");
    EXPECT_EQ(told(run(body, kZeros + kBarrier, {})), "");
}

}  // namespace
}  // namespace warpsmith::emulator
