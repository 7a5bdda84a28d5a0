#include "cache/tuning_db.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"

namespace warpsmith {
namespace {

std::string best_config(const TuningDb& db, const Workload& workload = recorded_workload(128)) {
    std::optional<Choice> choice = db.best(workload, "h200", toy_families());
    return choice ? choice->trial.config : "none";
}

std::vector<std::string> configs(const std::vector<Trial>& trials) {
    std::vector<std::string> names;
    names.reserve(trials.size());
    for (const Trial& trial : trials) {
        names.push_back(trial.config);
    }
    return names;
}

TEST(TuningDb, EveryFieldOfATrialComesBackAsItWasRecorded) {
    TuningDb db(":memory:");
    Trial trial = measured(toy_trial("warps=4 batch=16", 41.25));
    trial.note = "a note; with 'quotes' and \"more\"";
    trial.resources = {
        .registers = 96, .spill_store_bytes = 1, .spill_load_bytes = 2, .stack_bytes = 3, .static_smem_bytes = 4};
    trial.modelled_us = 0.1;
    trial.samples_us = {41.5, 41.25, 40.0 / 3.0};
    trial.batch_us = 39.5;
    trial.batch_samples_us = {39.5};
    trial.max_error = 1e-3;
    trial.tolerance = 2e-3;
    trial.recorded_at = "2026-01-02T03:04:05Z";
    db.record(trial);

    Trial read = db.trials(trial.workload, trial.provenance).at(0);
    EXPECT_EQ(read.workload, trial.workload);
    EXPECT_EQ(read.config, trial.config);
    EXPECT_EQ(read.provenance, trial.provenance);
    EXPECT_EQ(read.outcome, trial.outcome);
    EXPECT_EQ(read.note, trial.note);
    EXPECT_EQ(read.resources, trial.resources);
    EXPECT_EQ(read.modelled_us, trial.modelled_us);
    EXPECT_EQ(read.kind, trial.kind);
    EXPECT_EQ(read.median_us, trial.median_us);
    EXPECT_EQ(read.samples_us, trial.samples_us);
    EXPECT_EQ(read.batch_us, trial.batch_us);
    EXPECT_EQ(read.batch_samples_us, trial.batch_samples_us);
    EXPECT_EQ(read.verified_on, trial.verified_on);
    EXPECT_EQ(read.max_error, trial.max_error);
    EXPECT_EQ(read.tolerance, trial.tolerance);
    EXPECT_EQ(read.recorded_at, trial.recorded_at);
}

TEST(TuningDb, EveryOutcomeAndAnInfiniteErrorComeBack) {
    TuningDb db(":memory:");
    for (Outcome outcome :
         {Outcome::ok, Outcome::modelled, Outcome::compile_error, Outcome::spills, Outcome::does_not_fit,
          Outcome::launch_error, Outcome::wrong_result, Outcome::crashed, Outcome::timed_out, Outcome::blocked}) {
        Trial trial = toy_trial(std::string(name(outcome)), 1);
        trial.outcome = outcome;
        trial.max_error = std::numeric_limits<double>::infinity();
        db.record(trial);
    }
    for (const Trial& trial : db.list()) {
        EXPECT_EQ(trial.config, name(trial.outcome));
        EXPECT_TRUE(std::isinf(trial.max_error));
        EXPECT_EQ(trial.recorded_at.size(), std::string("2026-01-02T03:04:05Z").size()) << trial.recorded_at;
    }
    EXPECT_EQ(db.list().size(), 10U);
}

TEST(TuningDb, BestIgnoresFasterButWrongTrials) {
    TuningDb db(":memory:");
    Trial wrong = toy_trial("fast", 1);
    wrong.outcome = Outcome::wrong_result;
    db.record(wrong);
    EXPECT_EQ(best_config(db), "none");
    db.record(toy_trial("right", 5));
    EXPECT_EQ(best_config(db), "right");
}

TEST(TuningDb, BestIgnoresTrialsThatWereOnlyModelled) {
    TuningDb db(":memory:");
    Trial unverified = toy_trial("unverified", 1);
    unverified.outcome = Outcome::modelled;
    db.record(unverified);
    EXPECT_EQ(best_config(db), "none");
}

TEST(TuningDb, AMeasuredTimeBeatsAnyModelledOne) {
    TuningDb db(":memory:");
    db.record(toy_trial("modelled", 1));
    db.record(measured(toy_trial("measured", 100)));
    EXPECT_EQ(best_config(db), "measured");
}

TEST(TuningDb, AModelledTrialDoesNotHideTheMeasuredOneOfTheSameConfiguration) {
    TuningDb db(":memory:");
    db.record(measured(toy_trial("x=1", 100)));
    db.record(toy_trial("x=1", 1));
    EXPECT_EQ(db.best(recorded_workload(128), "h200", toy_families()).value().trial.kind, TimeKind::measured);
}

TEST(TuningDb, EquallyFastTrialsAreOrderedByTheirConfiguration) {
    TuningDb db(":memory:");
    for (const char* config : {"b=2", "a=1", "c=3"}) {
        db.record(toy_trial(config, 5));
    }
    EXPECT_EQ(best_config(db), "a=1");
}

TEST(TuningDb, TheNewestTrialOfAConfigurationCounts) {
    TuningDb db(":memory:");
    db.record(toy_trial("x=1", 5));
    db.record(toy_trial("x=1", 7));
    ASSERT_EQ(db.list().size(), 1U);
    EXPECT_EQ(db.list().at(0).median_us, 7);
    EXPECT_EQ(db.best(recorded_workload(128), "h200", toy_families()).value().trial.median_us, 7);
}

TEST(TuningDb, ALaterFailureWithAnotherSourceEndsAnEarlierSuccess) {
    TuningDb db(":memory:");
    db.record(toy_trial("x=1", 5));
    Trial failure = toy_trial("x=1", 0);
    failure.provenance.source_digest = "of a later source";
    failure.outcome = Outcome::wrong_result;
    db.record(failure);
    EXPECT_EQ(best_config(db), "none");
    EXPECT_EQ(db.list().size(), 2U) << "both sources' trials are kept";
}

TEST(TuningDb, TrialsAreThoseOfTheWorkloadAndProvenanceAskedFor) {
    TuningDb db(":memory:");
    Trial asked = toy_trial("asked", 1);
    Trial other_toolkit = toy_trial("other toolkit", 1);
    other_toolkit.provenance.toolkit = "12.8";
    std::vector<Trial> all = {asked, other_toolkit, measured(toy_trial("on a GPU", 1)),
                              toy_trial("other workload", 1, recorded_workload(256))};
    db.record(all);
    EXPECT_EQ(configs(db.trials(asked.workload, asked.provenance)), std::vector<std::string>{"asked"});
}

TEST(TuningDb, TrialsOfEverySourceAreGivenForTheCallerToCompare) {
    TuningDb db(":memory:");
    Trial before = toy_trial("x=1", 1);
    Trial after = before;
    after.provenance.source_digest = "of an edited source";
    db.record(before);
    db.record(after);
    EXPECT_EQ(db.trials(before.workload, before.provenance).size(), 2U);
}

TEST(TuningDb, ListIsNewestFirstAndFiltersByFamilyAndTarget) {
    TuningDb db(":memory:");
    Trial elsewhere = toy_trial("elsewhere", 1);
    elsewhere.provenance.target = "a100";
    db.record(toy_trial("first", 1));
    db.record(elsewhere);
    EXPECT_EQ(configs(db.list()), (std::vector<std::string>{"elsewhere", "first"}));
    EXPECT_EQ(configs(db.list("toy", "h200")), std::vector<std::string>{"first"});
    EXPECT_TRUE(db.list("lstm").empty());
}

TEST(TuningDb, AnExactWorkloadIsPreferredToAFasterNeighbour) {
    TuningDb db(":memory:");
    db.record(toy_trial("exact", 50, recorded_workload(128)));
    db.record(toy_trial("neighbour", 1, recorded_workload(129)));
    Choice choice = db.best(recorded_workload(128), "h200", toy_families()).value();
    EXPECT_EQ(choice.trial.config, "exact");
    EXPECT_EQ(choice.basis, Basis::exact);
    EXPECT_EQ(choice.distance, 0);
}

TEST(TuningDb, WhatIsNotAcceptedGivesWayToTheNextAndThenToTheNextWorkload) {
    TuningDb db(":memory:");
    db.record(toy_trial("fast", 1, recorded_workload(128)));
    db.record(toy_trial("slow", 2, recorded_workload(128)));
    db.record(toy_trial("far", 3, recorded_workload(256)));
    const auto best_without = [&](const std::string& refused) {
        const auto accepted = [&](const Trial& trial) { return refused.find(trial.config) == std::string::npos; };
        const std::optional<Choice> choice = db.best(recorded_workload(128), "h200", toy_families(), accepted);
        return choice ? choice->trial.config : "none";
    };
    EXPECT_EQ(best_without(""), "fast");
    EXPECT_EQ(best_without("fast"), "slow");
    EXPECT_EQ(best_without("fast slow"), "far");
    EXPECT_EQ(best_without("fast slow far"), "none");
}

TEST(TuningDb, TheNearestWorkloadIsTheOneOfTheSmallestRatio) {
    TuningDb db(":memory:");
    db.record(toy_trial("quarter", 1, recorded_workload(32)));
    db.record(toy_trial("double", 2, recorded_workload(256)));
    Choice choice = db.best(recorded_workload(128), "h200", toy_families()).value();
    EXPECT_EQ(choice.trial.config, "double");
    EXPECT_EQ(choice.basis, Basis::nearest);
    EXPECT_DOUBLE_EQ(choice.distance, 1);
    EXPECT_EQ(choice.trial.workload, recorded_workload(256));
}

TEST(TuningDb, NearestNeverCrossesAFixedDimensionADtypeAnOptionOrATarget) {
    TuningDb db(":memory:");
    Workload other_dtype = recorded_workload(128);
    other_dtype.dtype = DType::f32;
    Workload other_option = recorded_workload(128);
    other_option.options["pass"] = "backward";
    Trial other_target = toy_trial("a100", 1);
    other_target.provenance.target = "a100";
    std::vector<Trial> others = {toy_trial("D", 1, recorded_workload(128, 32)), toy_trial("dtype", 1, other_dtype),
                                 toy_trial("option", 1, other_option), other_target};
    db.record(others);
    EXPECT_EQ(best_config(db), "none");
}

TEST(TuningDb, ANeighbourWithoutAVerifiedTrialIsPassedOver) {
    TuningDb db(":memory:");
    Trial failed = toy_trial("failed", 1, recorded_workload(127));
    failed.outcome = Outcome::launch_error;
    db.record(failed);
    db.record(toy_trial("further", 1, recorded_workload(512)));
    EXPECT_EQ(best_config(db), "further");
}

TEST(TuningDb, BestOfAnUnknownFamilyIsAnError) {
    TuningDb db(":memory:");
    Workload unknown{.family = "lstn"};
    EXPECT_EQ(error_of([&] { db.best(unknown, "h200", toy_families()); }),
              "looking up a tuned configuration: there is no family \"lstn\"; name one of those listed by: warpsmith "
              "families");
}

TEST(TuningDb, WhatWasRecordedIsThereAfterReopening) {
    ScratchFolder folder;
    TuningDb(folder.file("t.db")).record(toy_trial("x=1", 5));
    EXPECT_EQ(best_config(TuningDb(folder.file("t.db"))), "x=1");
    EXPECT_EQ(best_config(TuningDb(folder.file("t.db"), TuningDb::Mode::read_only)), "x=1");
}

TEST(TuningDb, TrialsOfOneCallAreRecordedAllOrNone) {
    TuningDb db(":memory:");
    std::vector<Trial> trials = {toy_trial("good", 1), toy_trial("bad", 1)};
    trials[1].median_us = std::numeric_limits<double>::quiet_NaN();  // which the schema refuses
    EXPECT_NE(error_of([&] { db.record(trials); }), "no error");
    EXPECT_TRUE(db.list().empty());
}

}  // namespace
}  // namespace warpsmith
