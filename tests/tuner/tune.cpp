#include "tuner/tune.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "solver/error.hpp"
#include "tests/tuner/tuning.hpp"

namespace warpsmith {
namespace {

TEST_F(Tuning, TheWinnerIsTheFastestByTheModelAndVerified) {
    TuneReport report = tuned();
    EXPECT_EQ(report.best.value().config, "threads=32 items=4");
    EXPECT_EQ(report.best->outcome, Outcome::ok);
    EXPECT_EQ(report.best->verified_on, "emulator");
    EXPECT_EQ(report.best->kind, TimeKind::modelled);
    EXPECT_EQ(report.candidates, 6U);
    EXPECT_EQ(report.compiled, 6U);
    EXPECT_EQ(report.verified, 2U);
    EXPECT_EQ(report.failed, 0U);
    EXPECT_TRUE(report.complete);
    EXPECT_EQ(db.best(workload, "h200", std::span(&family, 1)).value().trial.config, "threads=32 items=4");
}

TEST_F(Tuning, EquallyFastCandidatesAreOrderedByTheirConfiguration) {
    EXPECT_EQ(tuned().why, "modelled 15.66 us, bound by latency; level with threads=64 items=4");
}

TEST_F(Tuning, EveryCandidateThatCompilesIsRecordedEvenIfItWasNotVerified) {
    tuned();
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::ok}));
    EXPECT_EQ(recorded("threads=32 items=1"), Outcomes{Outcome::modelled});
}

TEST_F(Tuning, WhatDoesNotCompileSpillsOrDoesNotFitIsRecordedAsThatAndNeverRun) {
    world.errors["threads=32 items=4"] = "ptxas info\nkernel.cuh(3): error: no such thing\nmore";
    world.resources["threads=64 items=4"] = {.registers = 255, .spill_store_bytes = 16, .spill_load_bytes = 24};
    world.resources["threads=32 items=2"] = {.registers = 32, .static_smem_bytes = 300'000};
    TuneReport report = tuned();
    EXPECT_EQ(recorded("threads=32 items=4"), Outcomes{Outcome::compile_error});
    EXPECT_EQ(recorded("threads=64 items=4"), Outcomes{Outcome::spills});
    EXPECT_EQ(recorded("threads=32 items=2"), Outcomes{Outcome::does_not_fit});
    EXPECT_EQ(report.failed, 3U);
    EXPECT_EQ(report.best.value().config, "threads=64 items=2");
    EXPECT_EQ(report.why.substr(report.why.rfind("; ")), "; 1 of 6 do not compile, 1 do not fit, 1 spill");
    std::set<std::string> notes;
    for (const Trial& trial : db.list()) {
        notes.insert(trial.note);
    }
    EXPECT_TRUE(notes.contains("kernel.cuh(3): error: no such thing"));
    EXPECT_TRUE(notes.contains("16 bytes of registers spilled, 24 bytes loaded back"));
    EXPECT_TRUE(notes.contains(
        "too much for h200, by shared memory: 32 threads of 32 registers, 300000 bytes of shared memory"));
}

TEST_F(Tuning, AfterAWrongResultTheNextCandidateIsTakenUntilEnoughAreRight) {
    world.mischief["threads=32 items=4"] = Mischief::wrong_value;
    world.mischief["threads=64 items=4"] = Mischief::writes_input;
    world.mischief["threads=32 items=2"] = Mischief::faults;
    TuneReport report = tuned();
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::wrong_result}));
    EXPECT_EQ(recorded("threads=64 items=4"), (Outcomes{Outcome::modelled, Outcome::wrong_result}));
    EXPECT_EQ(recorded("threads=32 items=2"), (Outcomes{Outcome::modelled, Outcome::launch_error}));
    EXPECT_EQ(recorded("threads=64 items=2"), (Outcomes{Outcome::modelled, Outcome::ok}));
    EXPECT_EQ(recorded("threads=32 items=1"), (Outcomes{Outcome::modelled, Outcome::ok}));
    EXPECT_EQ(report.best.value().config, "threads=64 items=2");
    EXPECT_EQ(report.verified, 5U);
    EXPECT_EQ(report.failed, 3U);
}

TEST_F(Tuning, AWrongResultIsRecordedWithItsNumbersAndTheSizesItWasSeenAt) {
    world.mischief["threads=32 items=4"] = Mischief::wrong_value;
    tuned();
    std::vector<Trial> all = db.list();
    auto wrong =
        std::find_if(all.begin(), all.end(), [](const Trial& t) { return t.outcome == Outcome::wrong_result; });
    ASSERT_NE(wrong, all.end());
    EXPECT_EQ(wrong->max_error, 1);
    EXPECT_GT(wrong->tolerance, 0);
    EXPECT_EQ(wrong->note.find("at toy D=8 T=3 dtype=bf16: y is off by 1 at most"), 0U) << wrong->note;
}

TEST_F(Tuning, NothingWinsWhenNothingIsRight) {
    for (const char* threads : {"threads=32", "threads=64"}) {
        for (const char* items : {" items=1", " items=2", " items=4"}) {
            world.mischief[std::string(threads) + items] = Mischief::not_a_number;
        }
    }
    TuneReport report = tuned();
    EXPECT_FALSE(report.best);
    EXPECT_EQ(report.verified, 6U);
    EXPECT_EQ(report.why, "none of 6 candidates is left; 6 of 6 compute wrong results");
    EXPECT_FALSE(db.best(workload, "h200", std::span(&family, 1)));
}

TEST_F(Tuning, OnlyTheMostPromisingAreCompiledWhenTheirNumberIsLimited) {
    options.limits.trials = 2;
    TuneReport report = tuned();
    EXPECT_EQ(report.candidates, 2U);
    EXPECT_EQ(report.compiled, 2U);
    EXPECT_EQ(report.best.value().config, "threads=32 items=4");
}

TEST_F(Tuning, WithoutADeviceNothingWins) {
    TuneReport report = tuned(On::none);
    EXPECT_FALSE(report.best);
    EXPECT_TRUE(report.complete);
    EXPECT_EQ(report.compiled, 6U);
    EXPECT_EQ(report.why, "nothing was verified; the model puts threads=32 items=4 first: 15.66 us, bound by latency");
}

TEST_F(Tuning, TheEmulatorRunsReducedSizes) {
    tuned();
    EXPECT_EQ(world.launched_T, (std::vector<std::int64_t>{3, 3}));
}

TEST_F(Tuning, AConfigurationThatTheReducedSizesDoNotHaveRunsAtFullSize) {
    auto space_of = family.space;
    family.space = [space_of](const Workload& asked, const Target& gpu) {
        Space space = space_of(asked, gpu);
        if (asked.dim("T") == 3) {
            space.model.require(space.model.find("items").value() < 4, "small sizes take few items");
        }
        return space;
    };
    tuned();
    EXPECT_EQ(world.launched_T, (std::vector<std::int64_t>{100, 100}));
}

TEST_F(Tuning, ASizeThatNoConfigurationFitsIsAnErrorThatNamesTheLimit) {
    workload = toy_workload(100, 4096);
    try {
        tuned();
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("a block's rows fit into its shared memory"), std::string::npos)
            << error.what();
        EXPECT_EQ(std::string(error.what()).find("solving toy D=4096 T=100 dtype=bf16 for h200: no configuration fits"),
                  0U)
            << error.what();
    }
    EXPECT_TRUE(db.list().empty());
}

TEST_F(Tuning, ProgressCountsUpToTheTotalOfEachPhase) {
    std::map<Phase, std::pair<std::size_t, std::size_t>> last;
    tuned(On::emulator, [&](Phase phase, std::size_t done, std::size_t total) { last[phase] = {done, total}; });
    EXPECT_EQ(last[Phase::compile], std::pair(std::size_t{6}, std::size_t{6}));
    EXPECT_EQ(last[Phase::verify], std::pair(std::size_t{2}, std::size_t{2}));
}

}  // namespace
}  // namespace warpsmith
