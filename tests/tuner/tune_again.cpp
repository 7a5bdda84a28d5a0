#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "solver/error.hpp"
#include "tests/tuner/tuning.hpp"

namespace warpsmith {
namespace {

TEST_F(Tuning, TuningAgainCompilesAndRunsNothingAndFindsTheSame) {
    world.mischief["threads=32 items=4"] = Mischief::wrong_value;
    world.errors["threads=32 items=2"] = "error";
    TuneReport before = tuned();
    int compiled = world.compiled, launches = world.launches;
    TuneReport again = tuned();
    EXPECT_EQ(world.compiled, compiled);
    EXPECT_EQ(world.launches, launches);
    EXPECT_EQ(again.compiled, 0U);
    EXPECT_EQ(again.verified, 0U);
    EXPECT_EQ(again.failed, before.failed);
    EXPECT_EQ(again.best.value().config, before.best.value().config);
    EXPECT_EQ(again.why, before.why);
    EXPECT_TRUE(again.complete);
}

TEST_F(Tuning, AChangedSourceIsTunedAnew) {
    tuned();
    std::string edited = std::string(sources[0].text) + "// edited\n";
    sources[0].text = edited;
    EXPECT_EQ(tuned().compiled, 6U);
}

TEST_F(Tuning, ATargetThatChangedUnderItsNameIsJudgedAnewWithoutCompilingOrRunning) {
    TuneReport before = tuned();
    int compiled = world.compiled, launches = world.launches;
    target.clock_hz /= 2;
    TuneReport slower = tuned();
    EXPECT_GT(slower.best.value().median_us, before.best.value().median_us);
    EXPECT_EQ(db.best(workload, target.name, std::span(&family, 1)).value().trial.median_us,
              slower.best.value().median_us);
    target.registers_per_sm = 128;
    EXPECT_FALSE(tuned().best);
    EXPECT_EQ(world.compiled, compiled);
    EXPECT_EQ(world.launches, launches);
}

TEST_F(Tuning, AnotherDatabaseTakesTheKernelsFromTheStore) {
    ScratchFolder scratch;
    store.emplace(scratch.file("kernels"));
    tuned();
    db = TuningDb(":memory:");
    TuneReport again = tuned();
    EXPECT_EQ(world.compiled, 6);
    EXPECT_EQ(again.compiled, 0U);
    EXPECT_EQ(again.verified, 2U);
}

TEST_F(Tuning, MoreVerificationsGoOnFromThoseThatAreKnown) {
    tuned();
    options.verify_count = 5;
    EXPECT_EQ(tuned().verified, 3U);
}

TEST_F(Tuning, AnInterruptKeepsWhatWasFoundAndTheNextRunDoesTheRest) {
    ScratchFolder scratch;
    store.emplace(scratch.file("kernels"));
    options.jobs = 1;
    world.on_compile = [this] { interrupted = world.compiled == 3; };
    TuneReport first = tuned();
    EXPECT_FALSE(first.complete);
    EXPECT_EQ(first.compiled, 3U);
    EXPECT_EQ(db.list().size(), 3U);
    EXPECT_FALSE(first.best);
    EXPECT_EQ(first.why, "nothing was verified; the model puts threads=32 items=4 first: 15.66 us, bound by latency");

    interrupted = false;
    TuneReport second = tuned();
    EXPECT_TRUE(second.complete);
    EXPECT_EQ(second.compiled, 3U) << "the other three";
    EXPECT_EQ(second.best.value().config, "threads=32 items=4");
}

// Tunes in a child process, with a connection of its own, that is killed after a while.
void tune_until_killed(Tuning& tuning, const std::string& path, std::chrono::microseconds delay) {
    pid_t child = ::fork();
    if (child == 0) {
        tuning.db = TuningDb(path);
        tuning.tuned();
        ::_exit(0);
    }
    std::this_thread::sleep_for(delay);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

TEST_F(Tuning, KillsAtAnyMomentLoseNothingThatWasRecordedAndTheNextRunDoesTheRest) {
    ScratchFolder scratch;
    store.emplace(scratch.file("kernels"));
    world.on_compile = [] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); };
    std::size_t recorded_before = 0;
    for (int round = 0; round < 30; ++round) {
        tune_until_killed(*this, scratch.file("t.db"), std::chrono::microseconds(503 * round));
        std::size_t recorded_now = TuningDb(scratch.file("t.db")).list().size();
        EXPECT_GE(recorded_now, recorded_before);
        recorded_before = recorded_now;
    }
    db = TuningDb(scratch.file("t.db"));
    TuneReport report = tuned();
    EXPECT_TRUE(report.complete);
    EXPECT_EQ(report.best.value().config, "threads=32 items=4");
    EXPECT_EQ(db.list().size(), 6U + 2U) << "six were compiled, two run, each once";
}

TEST_F(Tuning, ARunThatIsOutOfTimeIsIncomplete) {
    options.limits.seconds = 1e-9;
    TuneReport report = tuned();
    EXPECT_FALSE(report.complete);
    EXPECT_EQ(report.compiled, 0U);
}

TEST_F(Tuning, WhatWasCompiledWithoutADeviceIsOnlyRunLater) {
    ScratchFolder scratch;
    store.emplace(scratch.file("kernels"));
    tuned(On::none);
    TuneReport report = tuned(On::emulator);
    EXPECT_EQ(report.compiled, 0U);
    EXPECT_EQ(report.verified, 2U);
    EXPECT_EQ(world.compiled, 6);
}

TEST_F(Tuning, AMeasuredTimeStandsWhenTheSameIsModelledLater) {
    tuned(On::gpu);
    tuned(On::emulator);
    EXPECT_EQ(db.best(workload, "h200", std::span(&family, 1)).value().trial.kind, TimeKind::measured);
}

TEST_F(Tuning, ABrokenCompilerEndsTheRunAndKeepsWhatWasFound) {
    options.jobs = 1;
    world.on_compile = [this] {
        if (world.compiled == 4) {
            throw Error("compiling: the disk is full; make room");
        }
    };
    EXPECT_THROW(tuned(), Error);
    EXPECT_EQ(db.list().size(), 3U);
}

}  // namespace
}  // namespace warpsmith
