#include <gtest/gtest.h>

#include <set>

#include "tests/tuner/tuning.hpp"
#include "tuner/strategies/strategy.hpp"

namespace warpsmith {
namespace {

// Different configurations of which a time was measured.
std::set<std::string> timed(const TuningDb& db) {
    std::set<std::string> configs;
    for (const Trial& trial : db.list()) {
        if (trial.kind == TimeKind::measured) {
            configs.insert(trial.config);
        }
    }
    return configs;
}

TEST_F(Tuning, EveryStrategyFindsTheFastestOfASmallSpaceOnAGpu) {
    for (const StrategyEntry& entry : strategies()) {
        TuningDb fresh(":memory:");
        std::swap(db, fresh);
        world.microseconds["threads=64 items=1"] = 5;
        options.strategy = entry.name;
        const TuneReport report = tuned(On::gpu);
        EXPECT_EQ(report.best.value().config, "threads=64 items=1") << entry.name;
        EXPECT_EQ(timed(db).size(), 6U) << entry.name;
    }
}

TEST_F(Tuning, OnAGpuABudgetOfTrialsIsWhatIsCompiledAndTimed) {
    options.limits.trials = 3;
    const TuneReport report = tuned(On::gpu);
    EXPECT_EQ(report.compiled, 3U);
    EXPECT_EQ(timed(db).size(), 3U);
    EXPECT_EQ(report.candidates, 6U);
}

TEST_F(Tuning, OnAGpuWhatIsRecordedCountsTowardsTheBudgetAndIsNotTimedAgain) {
    options.limits.trials = 3;
    tuned(On::gpu);
    const std::set<std::string> first = timed(db);
    const TuneReport again = tuned(On::gpu);
    EXPECT_EQ(again.compiled, 0U);
    EXPECT_EQ(timed(db), first);
    options.limits.trials = 5;
    EXPECT_EQ(tuned(On::gpu).compiled, 2U);
    EXPECT_EQ(timed(db).size(), 5U);
}

TEST_F(Tuning, OnAGpuASearchEndsWhenPatienceDoes) {
    options.jobs = 1;
    options.strategy = "exhaustive";
    options.limits.patience = 2;
    world.microseconds["threads=32 items=4"] = 5;  // the model's first
    tuned(On::gpu);
    EXPECT_EQ(timed(db).size(), 3U);
    EXPECT_TRUE(timed(db).contains("threads=32 items=4"));
}

TEST_F(Tuning, OnAGpuAFailedCandidateIsToldToTheStrategyAndTheSearchGoesOn) {
    world.mischief["threads=32 items=4"] = Mischief::faults;
    world.mischief["threads=64 items=2"] = Mischief::wrong_value;
    options.strategy = "local";
    const TuneReport report = tuned(On::gpu);
    EXPECT_EQ(timed(db).size(), 4U);
    EXPECT_EQ(report.failed, 2U);
}

TEST_F(Tuning, SuccessiveHalvingTimesTheFasterHalfAgainWithTwiceTheSamples) {
    options.strategy = "model";
    cold_samples = 80;  // 10, 20, 40, 80
    world.microseconds["threads=64 items=1"] = 5;
    world.microseconds["threads=64 items=2"] = 6;
    const TuneReport report = tuned(On::gpu);
    EXPECT_EQ(report.best.value().samples_us, std::vector<double>(80, 5));
    for (const Trial& trial : db.list()) {
        if (trial.config == "threads=32 items=1" && trial.kind == TimeKind::measured) {
            EXPECT_EQ(trial.samples_us.size(), 10U);
        }
    }
}

}  // namespace
}  // namespace warpsmith
