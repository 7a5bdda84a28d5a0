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

const Trial* newest(const std::vector<Trial>& trials, const std::string& config) {
    for (const Trial& trial : trials) {
        if (trial.config == config) {
            return &trial;
        }
    }
    return nullptr;
}

TEST_F(Tuning, OnAGpuSamplesAreTakenUntilTheirMedianIsCertain) {
    cold_samples = 10;
    world.cold_samples["threads=32 items=4"] = {8, 9, 10, 11, 12};
    world.microseconds["threads=64 items=4"] = 9.9;
    tuned(On::gpu);
    const std::vector<Trial> trials = db.list();
    EXPECT_EQ(newest(trials, "threads=32 items=1")->samples_us.size(), 10U);  // one like the other
    EXPECT_GE(newest(trials, "threads=32 items=4")->samples_us.size(), 50U);
}

TEST_F(Tuning, OnAGpuTiesAreTimedAgainInTurnsAndOnlyWhileOneIsNew) {
    world.microseconds = {{"threads=64 items=1", 5.001}, {"threads=32 items=2", 5.0}, {"threads=32 items=4", 5.2}};
    const TuneReport report = tuned(On::gpu);
    EXPECT_EQ(report.best.value().config, "threads=32 items=2");
    const std::vector<Trial> trials = db.list();
    EXPECT_EQ(newest(trials, "threads=32 items=2")->samples_us.size(), 20U + 3 * 10U);
    EXPECT_EQ(newest(trials, "threads=64 items=1")->samples_us.size(), 20U + 3 * 10U);
    EXPECT_NE(newest(trials, "threads=64 items=1")->note.find("timed again, taking turns with 1 as fast"),
              std::string::npos);
    EXPECT_EQ(newest(trials, "threads=32 items=4")->samples_us.size(), 20U);
    const int launches = world.launches;
    tuned(On::gpu);
    EXPECT_EQ(world.launches, launches);
}

TEST_F(Tuning, OnAGpuAConfigurationThatFailsInATieIsRecordedSo) {
    world.microseconds = {{"threads=64 items=1", 5.0}, {"threads=32 items=2", 5.0}};
    world.on_deed = [&, timed = 0](const std::string& deed) mutable {
        if (deed == "launch threads=32 items=2" && ++timed == 5) {
            world.mischief["threads=32 items=2"] = Mischief::wrong_value;
        }
    };
    const TuneReport report = tuned(On::gpu);
    EXPECT_EQ(report.best.value().config, "threads=64 items=1");
    EXPECT_EQ(recorded("threads=32 items=2").back(), Outcome::wrong_result);
}

TEST_F(Tuning, OnAGpuTheNoteTellsTheClocksAndSamplesThatOthersHeldUpAreDiscarded) {
    world.gpu_state = GpuState{.sm_mhz = 1980, .memory_mhz = 3201, .celsius = 41, .other_processes = 0};
    world.cold_samples["threads=32 items=4"] = {5, 5, 5, 5, 50};
    tuned(On::gpu);
    EXPECT_EQ(newest(db.list(), "threads=32 items=4")->samples_us.size(), 20U);
    EXPECT_NE(newest(db.list(), "threads=32 items=4")->note.find("; at 1980 MHz, memory 3201 MHz, 41 C"),
              std::string::npos);

    TuningDb fresh(":memory:");
    std::swap(db, fresh);
    world.gpu_state->other_processes = 2;
    world.gpu_state->slowed_by = {"the power limit"};
    tuned(On::gpu);
    const std::vector<Trial> trials = db.list();
    const Trial& trial = *newest(trials, "threads=32 items=4");
    EXPECT_EQ(trial.samples_us, std::vector<double>(16, 5));
    EXPECT_NE(trial.note.find(", slowed by the power limit; 2 other processes on the GPU, 4 samples discarded"),
              std::string::npos)
        << trial.note;
}

}  // namespace
}  // namespace warpsmith
