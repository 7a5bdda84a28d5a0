#include <gtest/gtest.h>

#include <algorithm>

#include "solver/error.hpp"
#include "tests/tuner/tuning.hpp"

namespace warpsmith {
namespace {

TEST_F(Tuning, OnAGpuEveryCandidateIsTimedAtFullSizeAndTheFastestMeasuredOneWins) {
    world.microseconds["threads=64 items=1"] = 5;
    TuneReport report = tuned(On::gpu);
    const Trial& best = report.best.value();
    EXPECT_EQ(best.config, "threads=64 items=1");
    EXPECT_EQ(best.kind, TimeKind::measured);
    EXPECT_EQ(best.median_us, 5);
    EXPECT_EQ(best.samples_us, std::vector<double>(20, 5));
    EXPECT_EQ(best.batch_us, 4);
    EXPECT_EQ(best.batch_samples_us, std::vector<double>(10, 4));
    EXPECT_EQ(best.verified_on, "gpu");
    EXPECT_EQ(best.provenance.device, "toy GPU");
    EXPECT_EQ(best.provenance.driver, "1.0");
    EXPECT_EQ(report.verified, 6U);
    EXPECT_EQ(std::count(world.launched_T.begin(), world.launched_T.end(), 100), std::ssize(world.launched_T));
    EXPECT_EQ(report.why.find("measured 5 us, bound by latency; 100 % ahead of threads=32 items=1"), 0U) << report.why;
}

TEST_F(Tuning, OnAGpuAWorkloadWhoseReferenceWouldTakeLongIsVerifiedAtReducedSizesAndTimedAtItsOwn) {
    family.space = [](const Workload& at, const Target& on) {
        Space space = toy_family().space(at, on);
        space.work.fma = 2'000'000'000;
        return space;
    };
    world.mischief["threads=64 items=1"] = Mischief::wrong_value;
    world.microseconds["threads=32 items=4"] = 5;  // alone
    const TuneReport report = tuned(On::gpu);
    EXPECT_EQ(report.best.value().note, "at toy D=8 T=3 dtype=bf16: y is off by 0 at most; 0.0016 is allowed");
    EXPECT_EQ(recorded("threads=64 items=1"), (Outcomes{Outcome::modelled, Outcome::wrong_result}));
    EXPECT_EQ(std::count(world.launched_T.begin(), world.launched_T.end(), 3), 6);         // verified
    EXPECT_EQ(std::count(world.launched_T.begin(), world.launched_T.end(), 100), 5 * 5L);  // timed, but the wrong one
}

TEST_F(Tuning, OnAGpuACandidateThatIsManyTimesSlowerIsNotTimedToTheEnd) {
    world.microseconds["threads=32 items=4"] = 5;  // the model's first
    world.microseconds["threads=64 items=1"] = 16;
    world.microseconds["threads=64 items=2"] = 14;
    tuned(On::gpu);
    for (const Trial& trial : db.list()) {
        if (trial.config == "threads=64 items=1" && trial.outcome == Outcome::ok) {
            EXPECT_EQ(trial.samples_us, std::vector<double>(2, 16));
            EXPECT_TRUE(trial.batch_samples_us.empty());
            EXPECT_NE(trial.note.find("; timed 2 times only, 3 times slower than the fastest so far"),
                      std::string::npos);
        }
        if (trial.config == "threads=64 items=2" && trial.outcome == Outcome::ok) {
            EXPECT_EQ(trial.samples_us, std::vector<double>(20, 14));
        }
    }
}

TEST_F(Tuning, OnAGpuAWrongCandidateIsNotTimed) {
    world.microseconds["threads=64 items=1"] = 5;
    world.mischief["threads=64 items=1"] = Mischief::wrong_value;
    TuneReport report = tuned(On::gpu);
    EXPECT_NE(report.best.value().config, "threads=64 items=1");
    EXPECT_EQ(recorded("threads=64 items=1"), (Outcomes{Outcome::modelled, Outcome::wrong_result}));
}

TEST_F(Tuning, OnAGpuAFaultCostsOneCandidate) {
    world.mischief["threads=32 items=4"] = Mischief::faults;
    world.mischief["threads=64 items=2"] = Mischief::refuses_to_load;
    TuneReport report = tuned(On::gpu);
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::launch_error}));
    EXPECT_EQ(recorded("threads=64 items=2"), (Outcomes{Outcome::modelled, Outcome::launch_error}));
    EXPECT_EQ(report.failed, 2U);
    EXPECT_EQ(report.best.value().config, "threads=32 items=1");
    EXPECT_EQ(world.devices, 3);
}

TEST_F(Tuning, OnAGpuAWorkloadThatDoesNotFitIntoItsMemoryIsAnErrorAndNoCandidatesFault) {
    world.memory_bytes = 100;
    EXPECT_THROW(tuned(On::gpu), Error);
    for (const Trial& trial : db.list()) {
        EXPECT_EQ(trial.outcome, Outcome::modelled) << trial.config;
    }
}

}  // namespace
}  // namespace warpsmith
