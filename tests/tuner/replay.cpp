#include "tuner/replay.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "solver/error.hpp"
#include "tests/cache/scratch_folder.hpp"

namespace warpsmith {
namespace {

// a times b of 1 ... 8 and 1 ... 8; time is 10 + |a - 6| + |b - 3|, but nothing works where both are 8.
RecordingFile grid() {
    RecordingFile file{.parameters = {"a", "b"}, .results = {}};
    for (std::int64_t a = 1; a <= 8; ++a) {
        for (std::int64_t b = 1; b <= 8; ++b) {
            const double time = 10 + static_cast<double>(std::abs(a - 6) + std::abs(b - 3));
            const bool works = a < 8 || b < 8;
            file.results.push_back({{a, b}, works ? std::optional(time) : std::nullopt, 2});
        }
    }
    return file;
}

Replay replayed(const Recording& recording, std::string_view strategy, std::uint64_t seed,
                const SearchLimits& limits = {}) {
    const std::unique_ptr<Strategy> made =
        find_strategy(strategy).make({.set = recording.set(), .modelled = {}, .seed = seed});
    return replay(recording, *made, limits);
}

TEST(Replay, EveryStrategyTriesEveryConfigurationOnceWhenNothingStopsIt) {
    const Recording recording(grid());
    for (const StrategyEntry& entry : strategies()) {
        const Replay found = replayed(recording, entry.name, 1, {.trials = 1000});
        EXPECT_EQ(found.trials, 64U) << entry.name;
        EXPECT_EQ(found.failed, 1U) << entry.name;
        EXPECT_EQ(found.best, 10) << entry.name;
        EXPECT_EQ(found.best_config, "a=6 b=3") << entry.name;
        EXPECT_EQ(found.seconds, 128) << entry.name;
    }
}

TEST(Replay, WithoutLimitsItEndsWhenTheBestIsFound) {
    const Recording recording(grid());
    const Replay found = replayed(recording, "exhaustive", 1);
    EXPECT_EQ(found.trials, 5U * 8 + 3);
    EXPECT_EQ(found.trials_to_2_percent, 43U);
}

TEST(Replay, WhatIsNotReachedIsNotReported) {
    const Recording recording(grid());
    const Replay found = replayed(recording, "exhaustive", 1, {.trials = 8});
    EXPECT_EQ(found.best, 15);
    EXPECT_FALSE(found.trials_to_2_percent || found.trials_to_5_percent);
}

TEST(Replay, ASearchStopsAtItsSecondsAndWhenTrialsInARowGainTooLittle) {
    const Recording recording(grid());
    EXPECT_EQ(replayed(recording, "exhaustive", 1, {.seconds = 7}).trials, 4U);
    EXPECT_EQ(replayed(recording, "exhaustive", 1, {.patience = 3, .gain_percent = 1}).trials, 6U);
}

TEST(Replay, TheSameSeedGivesTheSameTrials) {
    const Recording recording(grid());
    for (const StrategyEntry& entry : strategies()) {
        EXPECT_EQ(replayed(recording, entry.name, 5).trials, replayed(recording, entry.name, 5).trials) << entry.name;
    }
}

TEST(Replay, ABatchHasDifferentConfigurations) {
    const Recording recording(grid());
    for (const StrategyEntry& entry : strategies()) {
        const auto strategy = entry.make({.set = recording.set(), .modelled = {}, .seed = 1});
        std::set<Choices> seen;
        for (int round = 0; round < 4; ++round) {
            const std::vector<Proposal> batch = strategy->propose(7);
            EXPECT_EQ(batch.size(), 7U) << entry.name;
            for (const Proposal& proposal : batch) {
                EXPECT_TRUE(seen.insert(proposal.choices).second) << entry.name;
                strategy->tell(proposal.choices, recording.of(proposal.choices).time);
            }
        }
    }
}

TEST(Replay, AStrategyThatDoesNotExistIsRefusedWithTheNamesOfAll) {
    try {
        find_strategy("luck");
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "choosing a strategy: there is no 'luck'; there are bayesian, evolutionary, local, model, random, "
                     "exhaustive");
    }
}

struct RecordingText : testing::Test {
    RecordingFile read(const std::string& text) {
        std::ofstream(folder.file("recording.json")) << text;
        return read_recording(folder.file("recording.json"));
    }
    ScratchFolder folder;
};

TEST_F(RecordingText, T4ResultsAreReadAndThoseThatAreNotCorrectFailed) {
    const RecordingFile file = read(
        R"({"metadata": {"timeunit": "miliseconds"}, "results": [
            {"configuration": {"x": 1, "how": "row"}, "times": {"compilation": 500, "runtimes": [1, 2]},
             "invalidity": "correct", "measurements": [{"name": "time", "value": 1.5}], "objectives": ["time"]},
            {"configuration": {"x": 2, "how": "row"}, "times": {}, "invalidity": "runtime", "measurements": []}]})");
    EXPECT_EQ(file.parameters, (std::vector<std::string>{"x", "how"}));
    ASSERT_EQ(file.results.size(), 2U);
    EXPECT_EQ(file.results[0].time, 1.5);
    EXPECT_DOUBLE_EQ(file.results[0].seconds, 0.503);
    EXPECT_FALSE(file.results[1].time);
}

TEST_F(RecordingText, ACacheOfKernelTunerMayLackItsLastBrackets) {
    const RecordingFile file = read(
        R"({"tune_params_keys": ["x"], "cache": {"1": {"x": 1, "time": 2.5, "compile_time": 1000},
            "2": {"x": 2, "time": "CompilationFailedConfig"},)");
    ASSERT_EQ(file.results.size(), 2U);
    EXPECT_EQ(file.results[0].time, 2.5);
    EXPECT_DOUBLE_EQ(file.results[0].seconds, 1);
    EXPECT_FALSE(file.results[1].time);
}

TEST_F(RecordingText, WhatIsNoRecordingIsRefused) {
    for (const char* text : {"", "[", "{}", R"({"results": [{"configuration": 3}]})", R"({"cache": {"1": {"x": 1}}})",
                             R"({"results": [{"configuration": {"x": [1]}}]})"}) {
        EXPECT_THROW(read(text), Error) << text;
    }
    EXPECT_THROW(read(std::string(100'000, '[')), Error);
}

}  // namespace
}  // namespace warpsmith
