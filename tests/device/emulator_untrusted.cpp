// PTX that nobody compiled: damaged, oversized or made up. It ends in an Error or in findings, never in a crash.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/device/emulator_fixture.hpp"
#include "tests/fuzz/exercise_ptx.hpp"

namespace warpsmith::emulator {
namespace {

std::string text_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// What the fuzzer once broke the emulator with is among them.
TEST(EmulatorUntrusted, EveryTextOfTheFuzzCorpusEnds) {
    std::size_t texts = 0;
    for (const auto& file : std::filesystem::directory_iterator(WARPSMITH_SOURCE_DIR "/tests/fuzz/corpus/ptx")) {
        SCOPED_TRACE(file.path());
        try {
            exercise_ptx(text_of(file.path()));
        } catch (const Error&) {  // it says what is wrong
        }
        ++texts;
    }
    EXPECT_GE(texts, 50U);
}

std::string error_of(const std::string& ptx, std::size_t most_bytes = ~std::size_t{0}) {
    try {
        const Module module = Module::parse(kPtxHeader + ptx);
        Memory memory(most_bytes);
        return told(launch(module, "k", {}, {}, memory));
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(EmulatorUntrusted, VariablesOfMoreThanAGibibyteAreRefused) {
    EXPECT_EQ(error_of(".global .b8 a[800000000];\n.global .b8 b[800000000];\n.entry k() { ret; }"),
              "placing the variables of a PTX module: they take 1600000000 bytes of global memory, 1 GiB is the most; "
              "pass large ones as arguments");
}

TEST(EmulatorUntrusted, AParameterThatNoStackHoldsIsRefused) {
    for (const char* const space : {".param", ".local"}) {
        EXPECT_EQ(error_of(std::string(".func f() { ") + space +
                           " .b8 a[1000000000000]; .reg .b32 %r; st.param.b32 [a+4096], %r; ret; }\n"
                           ".entry k() { call f; ret; }"),
                  "translating PTX: function 'f' has over 16 MiB of local variables or parameters; pass pointers to "
                  "them");
    }
}

TEST(EmulatorUntrusted, AFunctionWithTwoBodiesIsRefused) {
    EXPECT_EQ(error_of(".entry k() { ret; }\n.entry k(.param .b64 p) { .reg .b64 %r; ld.param.b64 %r, [p]; ret; }"),
              "translating PTX: function 'k' has two bodies; pass PTX that ptxas accepts");
}

TEST(EmulatorUntrusted, AModuleOfTooManyKernelsIsRefusedAtOnce) {
    std::string ptx;
    for (int i = 0; i < 20000; ++i) {
        ptx += ".entry k" + std::to_string(i) + "() { ret; }\n";
    }
    EXPECT_EQ(error_of(ptx),
              "reading PTX: 20000 kernels among 20000 functions and variables are too many; split the module");
}

TEST(EmulatorUntrusted, AMemoryGivesNoMoreThanItHas) {
    Memory memory(1000);
    const std::uint64_t first = memory.allocate(900);
    EXPECT_THROW(memory.allocate(101), Error);
    memory.free(first);
    EXPECT_NO_THROW(memory.allocate(1000));
}

TEST(EmulatorUntrusted, BlocksThatWaitForMoreBlocksThanFitAreADeadlockThatSaysSo) {
    // Each of 1,000 blocks takes over 20 KiB, and all wait for what none does.
    const Module module = Module::parse(
        kPtxHeader +
        ".extern .shared .align 16 .b8 s[];\n.global .u32 go;\n.entry k() {\n.reg .u32 %r<9>; .reg .pred %p;\n"
        "SPIN: ld.volatile.global.u32 %r1, [go]; setp.eq.u32 %p, %r1, 0; @%p bra SPIN; ret;\n}\n");
    Memory memory;
    const LaunchResult result =
        launch(module, "k", {.grid = {1000, 1, 1}, .dynamic_smem = 20480, .max_resident_bytes = 1 << 20}, {}, memory);
    EXPECT_NE(told(result).find("there is no memory for more blocks than the 50 clusters that wait"), std::string::npos)
        << told(result);
    EXPECT_THROW(launch(module, "k", {.dynamic_smem = 20480, .max_resident_bytes = 10000}, {}, memory), Error);
}

// The host remembers the last of what was freed, however much it was.
TEST(EmulatorUntrusted, AHeapThatIsUsedManyTimesStillTellsWhatWasFreed) {
    const Module module =
        Module::parse(kPtxHeader +
                      ".extern .func (.param .b64 p) malloc(.param .b64 n);\n.extern .func free(.param .b64 p);\n"
                      ".entry k() {\n.reg .u64 %d; .reg .u32 %r<3>; .reg .pred %p;\n"
                      ".param .b64 n; .param .b64 a; st.param.b64 [n], 8;\n"
                      "LOOP: call (a), malloc, (n); ld.param.b64 %d, [a]; st.u32 [%d], 1; call free, (a);\n"
                      "add.u32 %r1, %r1, 1; setp.lt.u32 %p, %r1, 70000; @%p bra LOOP;\nld.u32 %r2, [%d]; ret;\n}\n");
    Memory memory;
    const LaunchResult result = launch(module, "k", {.checks = kAllChecks}, {}, memory);
    EXPECT_EQ(kinds(result), std::vector{FindingKind::out_of_bounds});
    EXPECT_NE(told(result).find("in an allocation of 8 bytes that was freed"), std::string::npos) << told(result);
}

}  // namespace
}  // namespace warpsmith::emulator
