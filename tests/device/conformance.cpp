// The conformance program: the emulator against the PTX ISA and a GPU's results; its processes on a GPU, against a
// driver that misbehaves; and that it would notice.
#include <cuda.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "generator/shared_library.hpp"
#include "tests/conformance/catalogue.hpp"
#include "tests/conformance/report.hpp"
#include "tests/device/fake_driver/fake_driver.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kRecorded = WARPSMITH_SOURCE_DIR "/tests/conformance/golden";

// What the emulator does with every case, by the GPU's results and by the PTX ISA alone.
struct Compared {
    Cases cases = all_cases();
    Golden golden = read_golden(kRecorded, cases);
    std::vector<Verdict> by_gpu, by_document;

    Compared() {
        const std::unique_ptr<Device> emulator = make_emulator({.max_steps = 2'000'000});
        for (const Case& test : cases) {
            const Answer answer = run(*emulator, test);
            const auto found = golden.answers.find(test.name);
            by_gpu.push_back(judge(test, answer, found == golden.answers.end() ? nullptr : &found->second));
            by_document.push_back(judge(test, answer, nullptr));
        }
    }
};

TEST(Conformance, EmulatorGpuAndPtxIsaAgreeAndTheDocumentationSaysOnWhat) {
    const Compared compared;
    std::ostringstream emulator, document, gpu, table, page;
    EXPECT_TRUE(report(compared.cases, compared.by_gpu, 3, emulator)) << emulator.str();
    EXPECT_TRUE(report(compared.cases, compared.by_document, 3, document)) << document.str();

    Cases recorded;
    std::vector<Verdict> verdicts;
    for (const Case& test : compared.cases) {
        if (const auto found = compared.golden.answers.find(test.name); found != compared.golden.answers.end()) {
            recorded.push_back(test);
            verdicts.push_back(judge(test, found->second, nullptr));
        }
    }
    EXPECT_TRUE(report(recorded, verdicts, 3, gpu)) << gpu.str();

    print_table(compared.cases, compared.by_gpu, table);
    page << std::ifstream(WARPSMITH_SOURCE_DIR "/docs/emulator.md").rdbuf();
    EXPECT_NE(page.str().find("\n" + table.str()), std::string::npos)
        << "put what `conformance --table --golden tests/conformance/golden` prints into docs/emulator.md:\n"
        << table.str();
}

TEST(Conformance, EveryCaseHasANameOfItsOwnAndInputsForItsRows) {
    std::set<std::string> names;
    for (const Case& test : all_cases()) {
        EXPECT_TRUE(names.insert(test.name).second) << test.name;
        EXPECT_GE(test.grid * test.block, result_rows(test)) << test.name;
        ASSERT_EQ(test.inputs.size(), test.operands.size()) << test.name;
        for (const Values& values : test.inputs) {
            EXPECT_EQ(values.size(), test.rows) << test.name;
        }
    }
}

// "add.s32" on 32 rows of 5 + 7, and results that are `value` in the last row.
Case sums() {
    Case test = simple("integer", "add.s32", "s32", {"s32", "s32"});
    test.inputs = {Values(32, 5), Values(32, 7)};
    test.rows = 32;
    test.expected = [](const Row& row) { return Row{row[0] + row[1]}; };
    return test;
}
Answer answer_of(const Case& test, std::uint32_t value, std::uint32_t last) {
    Answer answer{.bytes = std::vector<std::byte>(output_size(test))};
    for (std::size_t row = 0; row < 32; ++row) {
        std::memcpy(answer.bytes.data() + 4 * row, row == 31 ? &last : &value, 4);
    }
    return answer;
}

TEST(Conformance, OneWrongRowIsADifference) {
    const Case test = sums();
    EXPECT_EQ(judge(test, answer_of(test, 12, 12), nullptr).judgement, Judgement::equal);
    const Verdict verdict = judge(test, answer_of(test, 12, 13), nullptr);
    ASSERT_EQ(verdict.differences.size(), 1U);
    EXPECT_EQ(verdict.differences[0].row, 31U);
    EXPECT_EQ(verdict.differences[0].expected, 12U);
    EXPECT_EQ(verdict.differences[0].got, 13U);
}

TEST(Conformance, WhatAGpuRecordedComesBeforeTheDocument) {
    const Case test = sums();
    const Answer recorded = answer_of(test, 99, 99);
    EXPECT_EQ(judge(test, answer_of(test, 99, 99), &recorded).judgement, Judgement::equal);
    EXPECT_EQ(judge(test, answer_of(test, 12, 12), &recorded).judgement, Judgement::different);
}

TEST(Conformance, AnApproximationMayHaveOtherBitsButNotAnError) {
    Case test = simple("approximate", "ex2.approx.f32", "f32", {"f32"});
    test.inputs = {Values(32, 0x3F800000)};  // 2^1
    test.rows = 32;
    test.match = Match::approximate;
    test.truth = [](const Row&) { return Approximation{.value = 2, .tolerance = 0x1p-20}; };
    EXPECT_EQ(judge(test, answer_of(test, 0x40000000, 0x40000002), nullptr).judgement, Judgement::within);
    EXPECT_EQ(judge(test, answer_of(test, 0x40000000, 0x40000020), nullptr).judgement, Judgement::different);
    EXPECT_EQ(judge(test, answer_of(test, 0x40000000, 0x7FFFFFFF), nullptr).judgement, Judgement::different);
}

TEST(Conformance, RecordedResultsAreReadBackUnlessTheCaseHasChanged) {
    const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "conformance_golden";
    std::filesystem::remove_all(folder);
    Case test = sums();
    Case refused = test;
    refused.name = "add.sat.s32";
    const Answer answer = answer_of(test, 12, 12), error{.bytes = {}, .error = "no\nsuch instruction"};
    write_golden(folder, "# gpu: a GPU\n", {test, refused}, {answer, error});
    Golden golden = read_golden(folder, {test, refused});
    EXPECT_EQ(golden.about, "# gpu: a GPU\n");
    EXPECT_EQ(golden.answers.at("add.s32").bytes, answer.bytes);
    EXPECT_EQ(golden.answers.at("add.sat.s32").error, "no such instruction");
    test.inputs[0][3] = 6;
    EXPECT_EQ(read_golden(folder, {test, refused}).answers.count("add.s32"), 0U);
    std::filesystem::remove_all(folder);
}

TEST(Conformance, ADamagedLineOfRecordedResultsIsAnErrorThatNamesTheFile) {
    const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "conformance_damaged";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "integer.txt") << "add.s32 without tabs\n";
    try {
        read_golden(folder, {sums()});
        ADD_FAILURE() << "no error";
    } catch (const std::exception& error) {
        EXPECT_NE(std::string(error.what()).find("integer.txt"), std::string::npos) << error.what();
    }
    std::filesystem::remove_all(folder);
}

// Five cases whose one input is their number; the fake GPU copies inputs to results.
class ConformanceProcesses : public testing::Test {
  protected:
    ConformanceProcesses() {
        fake = FakeDriver{};
        for (std::uint64_t number = 0; number < 5; ++number) {
            cases.push_back({.name = std::to_string(number),
                             .results = {"u32"},
                             .operands = {"u32"},
                             .inputs = {Values(32, number)},
                             .rows = 32});
        }
    }

    // What the GPU does at one case, in place of a copy.
    void misbehave_at(std::uint32_t number, const std::function<void()>& action) {
        fake.kernel = [number, action](void** parameters) {
            const std::uint32_t* input = *static_cast<std::uint32_t**>(parameters[0]);
            if (*input == number) {
                action();
            }
            std::memcpy(*static_cast<void**>(parameters[1]), input, 128);
        };
    }

    // The first value of each case's results, or the error.
    std::vector<std::string> told(unsigned processes) const {
        std::vector<std::string> texts;
        for (const Answer& answer :
             run_on_gpu(cases, {.processes = processes, .case_seconds = 1, .driver = WARPSMITH_FAKE_DRIVER})) {
            texts.push_back(answer.error.empty() ? std::to_string(std::to_integer<int>(answer.bytes.at(0)))
                                                 : answer.error);
        }
        return texts;
    }

    const SharedLibrary library{WARPSMITH_FAKE_DRIVER};
    FakeDriver* (*const state)() = library[kFakeDriverState];
    FakeDriver& fake = *state();
    std::vector<Case> cases;
};

using Told = std::vector<std::string>;

TEST_F(ConformanceProcesses, EveryCaseIsAnswered) {
    misbehave_at(99, [] {});
    EXPECT_EQ(told(1), (Told{"0", "1", "2", "3", "4"}));
    EXPECT_EQ(told(3), (Told{"0", "1", "2", "3", "4"}));
}

TEST_F(ConformanceProcesses, AKernelThatFaultsFailsAloneAlthoughTheDriverAnswersNothingAfterIt) {
    misbehave_at(2, [this] { fake.fault = CUDA_ERROR_ILLEGAL_ADDRESS; });
    EXPECT_EQ(told(1),
              (Told{"0", "1", "CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered", "3", "4"}));
}

TEST_F(ConformanceProcesses, AProcessThatDiesFailsOneCase) {
    misbehave_at(1, [] { ::_exit(1); });
    EXPECT_EQ(told(1), (Told{"0", "the process ended without an answer", "2", "3", "4"}));
}

TEST_F(ConformanceProcesses, AKernelThatNeverEndsFailsAlone) {
    misbehave_at(3, [] { ::pause(); });
    EXPECT_EQ(told(1), (Told{"0", "1", "2", "no answer in time", "4"}));
}

TEST_F(ConformanceProcesses, AModuleThatTheDriverRefusesFailsWithTheDriversWords) {
    fake.results["cuModuleLoadData"] = CUDA_ERROR_INVALID_PTX;
    EXPECT_EQ(told(2)[4], "loading a cubin (was it built for this GPU?): CUDA_ERROR_SOME: some error");
}

}  // namespace
}  // namespace warpsmith::conformance
