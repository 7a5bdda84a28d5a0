#include "tuner/worker/worker_bench.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "solver/error.hpp"
#include "tests/tuner/worker_tuning.hpp"

namespace warpsmith {
namespace {

bool is_running(const std::string& process) {
    std::ifstream stat("/proc/" + process + "/stat");
    std::string id, program, state;
    return stat >> id >> program >> state && state != "Z";
}

TEST_F(WorkerTuning, WorkersFindWhatABenchInTheProcessFinds) {
    setup.mischief = world.mischief = {{"threads=32 items=4", Mischief::wrong_value},
                                       {"threads=64 items=4", Mischief::faults},
                                       {"threads=32 items=2", Mischief::writes_behind}};
    setup.errors = world.errors = {{"threads=64 items=2", "kernel.cuh(3): error: no such thing"}};
    setup.microseconds = world.microseconds = {{"threads=32 items=1", 31}};
    for (const On on : {On::none, On::emulator, On::gpu}) {
        db = TuningDb(":memory:");
        tuned(on);
        const std::multiset<std::string> in_workers = rows(db);
        TuningDb own(":memory:");
        std::swap(db, own);
        tune(family, workload, target, options,
             {.make_bench = [&](const Workload&) { return Tuning::bench(on); },
              .toolkit = "13.0",
              .db = &db,
              .sources = sources});
        EXPECT_EQ(in_workers, rows(db)) << setup.place;
        EXPECT_EQ(in_workers.size(), on == On::none ? 6U : on == On::emulator ? 6U + 5 : 6U + 5) << setup.place;
    }
}

TEST_F(WorkerTuning, ACandidateThatEndsItsProcessCostsOnlyItselfAndSaysHow) {
    setup.mischief = {{"threads=32 items=4", Mischief::aborts},
                      {"threads=64 items=4", Mischief::segfaults},
                      {"threads=32 items=2", Mischief::exits}};
    for (const On on : {On::emulator, On::gpu}) {
        db = TuningDb(":memory:");
        const TuneReport report = tuned(on);
        EXPECT_TRUE(report.complete);
        EXPECT_EQ(report.failed, 3U);
        EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::crashed}));
        EXPECT_EQ(recorded("threads=64 items=2"), (Outcomes{Outcome::modelled, Outcome::ok}));
        EXPECT_NE(newest_note("threads=32 items=4").find("its process ended while verifying: signal 6 (Aborted)"),
                  std::string::npos)
            << newest_note("threads=32 items=4");
        EXPECT_NE(newest_note("threads=32 items=4").find("it said: toy: no way to go on"), std::string::npos);
        EXPECT_NE(newest_note("threads=64 items=4").find("signal 11 (Segmentation fault)"), std::string::npos);
        EXPECT_NE(newest_note("threads=32 items=2").find("exit code 3"), std::string::npos);
        EXPECT_EQ(report.best.value().config, on == On::gpu ? "threads=32 items=1" : "threads=64 items=2");
        EXPECT_EQ(report.why.substr(report.why.rfind("; ")), "; 3 of 6 end their process");
    }
}

TEST_F(WorkerTuning, AFaultOnAGpuCostsTheProcessThatItSpoils) {
    options.jobs = 1;
    setup.mischief = {{"threads=32 items=4", Mischief::faults}};
    const TuneReport report = tuned(On::gpu);
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::launch_error}));
    EXPECT_EQ(report.failed, 1U);
    EXPECT_EQ(processes().size(), 2U) << "one compiled and ran the first, one the others";
}

TEST_F(WorkerTuning, AHangIsStopped) {
    limits.first_s = limits.least_s = 0.3;
    setup.mischief = {{"threads=32 items=4", Mischief::hangs}};
    for (const On on : {On::emulator, On::gpu}) {
        db = TuningDb(":memory:");
        const TuneReport report = tuned(on);
        EXPECT_TRUE(report.complete);
        EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::timed_out}));
        EXPECT_EQ(newest_note("threads=32 items=4"), "stopped while verifying: it took longer than 0.3 s");
        EXPECT_EQ(report.failed, 1U);
        EXPECT_TRUE(report.best);
    }
}

TEST_F(WorkerTuning, WhatTakesManyTimesLongerThanTheFastestIsStopped) {
    limits.least_s = 0.3;  // until one was right, the limit is far away
    options.jobs = 1;
    setup.mischief = {{"threads=64 items=4", Mischief::hangs}};  // the model's second
    tuned(On::emulator);
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::ok}));
    EXPECT_EQ(recorded("threads=64 items=4"), (Outcomes{Outcome::modelled, Outcome::timed_out}));
    EXPECT_EQ(recorded("threads=32 items=2"), (Outcomes{Outcome::modelled, Outcome::ok}));
}

TEST_F(WorkerTuning, AKernelThatHangsOnlyWhenItIsTimedIsStopped) {
    limits.first_s = limits.least_s = 0.3;
    setup.mischief = {{"threads=32 items=4", Mischief::hangs_when_timed}};
    const TuneReport report = tuned(On::gpu);
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::timed_out}));
    EXPECT_EQ(newest_note("threads=32 items=4"), "stopped while warming up: it took longer than 0.3 s");
    EXPECT_EQ(report.failed, 1U);
}

TEST_F(WorkerTuning, AKernelThatHangsAtItsThirdLaunchIsStoppedAtThatLaunch) {
    limits.least_launch_s = 0.3;  // all other limits are far away
    options.jobs = 1;
    setup.mischief = {{"threads=64 items=4", Mischief::hangs_third_time}};  // the model's second
    tuned(On::gpu);
    EXPECT_EQ(recorded("threads=64 items=4"), (Outcomes{Outcome::modelled, Outcome::timed_out}));
    EXPECT_EQ(newest_note("threads=64 items=4"), "stopped while warming up: it took longer than 0.3 s");
    EXPECT_EQ(times("launch threads=64 items=4"), 3) << "verified, then timed once and once more";
    EXPECT_EQ(recorded("threads=32 items=2"), (Outcomes{Outcome::modelled, Outcome::ok}));
}

TEST_F(WorkerTuning, ALaunchMayTakeTenTimesAsLongAsThatOfTheFastest) {
    limits.least_launch_s = 0;
    options.jobs = 1;
    setup.microseconds = {{"threads=32 items=4", 50'000}};  // 0.5 s is then the limit of a launch
    setup.mischief = {{"threads=64 items=4", Mischief::hangs_third_time}};
    tuned(On::gpu);
    EXPECT_EQ(newest_note("threads=64 items=4"), "stopped while warming up: it took longer than 0.5 s");
}

TEST_F(WorkerTuning, AWorkerThatDiesWhileItHasNothingToDoCostsNothing) {
    setup.place = "emulator";
    const std::unique_ptr<Bench> workers = bench(On::emulator);
    const Config config = parse_config("threads=32 items=4");
    ASSERT_EQ(workers->build(config).value().outcome, Outcome::modelled);
    const pid_t worker = std::stoi(*processes().begin());
    ::kill(worker, SIGKILL);
    while (is_running(std::to_string(worker))) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(workers->run({.config = config}).value().outcome, Outcome::ok);
    EXPECT_EQ(processes().size(), 2U);
}

TEST_F(WorkerTuning, ACompilerThatCrashesOrHangsCostsOneCandidate) {
    limits.compile_s = 0.5;
    setup.compiler = {{"threads=32 items=4", Mischief::aborts}, {"threads=64 items=4", Mischief::hangs}};
    const TuneReport report = tuned(On::emulator);
    EXPECT_EQ(recorded("threads=32 items=4"), Outcomes{Outcome::crashed});
    EXPECT_EQ(recorded("threads=64 items=4"), Outcomes{Outcome::timed_out});
    EXPECT_EQ(newest_note("threads=64 items=4"), "stopped while compiling: it took longer than 0.5 s");
    EXPECT_EQ(report.best.value().config, "threads=32 items=2");
    EXPECT_EQ(report.failed, 2U);
}

TEST_F(WorkerTuning, ACandidateThatFillsTheMemoryCostsOnlyItself) {
    if (kSanitized) {
        GTEST_SKIP() << "a sanitizer's own memory leaves no room for a limit";
    }
    limits.memory_bytes = 512U << 20U;
    setup.mischief = {{"threads=32 items=4", Mischief::fills_memory}};
    setup.compiler = {{"threads=64 items=4", Mischief::fills_memory}};
    const TuneReport report = tuned(On::emulator);
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::crashed}));
    EXPECT_EQ(newest_note("threads=32 items=4"), "ran out of memory while verifying");
    EXPECT_EQ(newest_note("threads=64 items=4"), "ran out of memory while compiling");
    EXPECT_EQ(report.best.value().config, "threads=32 items=2");
}

TEST_F(WorkerTuning, WhatEndedItsProcessTwiceIsBlockedUntilARetry) {
    setup.mischief = {{"threads=32 items=4", Mischief::aborts}};
    setup.compiler = {{"threads=64 items=4", Mischief::aborts}};
    tuned(On::emulator);
    tuned(On::emulator);
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::blocked}));
    EXPECT_EQ(recorded("threads=64 items=4"), Outcomes{Outcome::blocked});
    EXPECT_EQ(newest_note("threads=64 items=4").find("blocked, because it failed so a second time: its process ended"),
              0U);
    const TuneReport third = tuned(On::emulator);
    EXPECT_EQ(times("launch threads=32 items=4"), 2) << "the third run skips it";
    EXPECT_EQ(times("compile threads=64 items=4"), 2);
    EXPECT_EQ(third.failed, 2U);
    EXPECT_NE(third.why.find("2 of 6 are blocked"), std::string::npos) << third.why;

    options.retry = true;
    tuned(On::emulator);
    EXPECT_EQ(times("launch threads=32 items=4"), 3);
    EXPECT_EQ(recorded("threads=32 items=4").back(), Outcome::blocked);
    setup.mischief.clear();
    setup.compiler.clear();
    EXPECT_EQ(tuned(On::emulator).best.value().config, "threads=32 items=4");
    EXPECT_EQ(recorded("threads=64 items=4"), (Outcomes{Outcome::modelled, Outcome::ok}));
}

TEST_F(WorkerTuning, WhatHungIsTriedAgainForAsLongAsRightOnesTakeThoughTheyAreKnownFromAnEarlierRun) {
    for (const On on : {On::emulator, On::gpu}) {
        db = TuningDb(":memory:");
        options.jobs = 1;
        limits.least_s = 0.3;                                        // until one was right, the limit is far away
        setup.mischief = {{"threads=64 items=4", Mischief::hangs}};  // the model's second
        tuned(on);
        EXPECT_EQ(recorded("threads=64 items=4"), (Outcomes{Outcome::modelled, Outcome::timed_out}));
        const std::size_t recorded_before = db.all().size();
        const TuneReport again = tuned(on);
        EXPECT_EQ(recorded("threads=64 items=4"), (Outcomes{Outcome::modelled, Outcome::blocked}));
        EXPECT_EQ(again.verified, 1U);
        EXPECT_EQ(db.all().size(), recorded_before + 1) << "of the one that showed how long they take, nothing";
    }
}

TEST_F(WorkerTuning, ACrashThatDoesNotHappenAgainIsForgotten) {
    setup.mischief = {{"threads=32 items=4", Mischief::aborts}};
    tuned(On::emulator);
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::crashed}));
    setup.mischief.clear();
    EXPECT_EQ(tuned(On::emulator).best.value().config, "threads=32 items=4");
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::ok}));
}

TEST_F(WorkerTuning, AnInterruptStopsAHangingWorkerAndKeepsWhatWasFound) {
    options.jobs = 1;
    setup.mischief = {{"threads=64 items=4", Mischief::hangs}};  // the model's second
    std::jthread interrupter([this] {
        while (times("launch threads=64 items=4") == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        interrupted = true;
    });
    const TuneReport report = tuned(On::emulator);
    EXPECT_FALSE(report.complete);
    EXPECT_EQ(report.best.value().config, "threads=32 items=4");
    EXPECT_EQ(recorded("threads=64 items=4"), Outcomes{Outcome::modelled}) << "it is not to blame";
}

TEST_F(WorkerTuning, AWorkerEndsWithTheProcessItWorksForWhateverItIsDoing) {
    options.jobs = 1;
    setup.mischief = {{"threads=32 items=4", Mischief::hangs}};
    const pid_t parent = ::fork();
    if (parent == 0) {
        tuned(On::emulator);
        ::_exit(0);
    }
    while (times("launch threads=32 items=4") == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::string worker = *processes().begin();
    EXPECT_TRUE(is_running(worker));
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    for (int waited = 0; waited < 1000 && is_running(worker); ++waited) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_FALSE(is_running(worker));
}

TEST_F(WorkerTuning, AKernelThatMisbehavesOnTheEmulatorCostsOnlyItself) {
    setup.place = "real";
    limits.first_s = limits.least_s = 2;
    sources = real_toy_sources();
    options.verify_count = 6;
    const TuneReport report = tuned(On::emulator);
    EXPECT_EQ(recorded("threads=32 items=1"), (Outcomes{Outcome::modelled, Outcome::ok}));
    EXPECT_EQ(recorded("threads=32 items=2"), (Outcomes{Outcome::modelled, Outcome::ok}));
    EXPECT_EQ(recorded("threads=32 items=4"), (Outcomes{Outcome::modelled, Outcome::timed_out}));
    EXPECT_EQ(recorded("threads=64 items=1"), (Outcomes{Outcome::modelled, Outcome::launch_error}));
    EXPECT_NE(newest_note("threads=64 items=1").find("out_of_bounds"), std::string::npos)
        << newest_note("threads=64 items=1");
    EXPECT_EQ(recorded("threads=64 items=2"), (Outcomes{Outcome::modelled, Outcome::wrong_result}));
    EXPECT_EQ(recorded("threads=64 items=4"), (Outcomes{Outcome::modelled, Outcome::launch_error}));
    EXPECT_EQ(report.best.value().config, "threads=32 items=2");
    EXPECT_TRUE(report.complete);
}

std::string error_of_tuning(WorkerTuning& tuning) {
    try {
        tuning.tuned(On::emulator);
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

TEST_F(WorkerTuning, AWorkerThatCannotWorkIsAnErrorAndNoCandidatesFault) {
    program = {.path = scratch.file("nothing there")};
    EXPECT_NE(error_of_tuning(*this).find("starting a worker process: " + program.path), std::string::npos);
    program = {.path = WARPSMITH_TOY_WORKER, .arguments = {"silent"}};
    EXPECT_EQ(error_of_tuning(*this), "starting a worker process: it ended with exit code 7");
    program = {.path = WARPSMITH_TOY_WORKER, .arguments = {"garbled"}};
    EXPECT_NE(error_of_tuning(*this).find("starting a worker process: it ended with signal 9"), std::string::npos);
    program = {.path = WARPSMITH_TOY_WORKER};
    version = "toy 2";
    EXPECT_EQ(error_of_tuning(*this), "starting a worker: it is of version toy 1, and was started by another");
    EXPECT_TRUE(db.list().empty());
}

TEST_F(WorkerTuning, AStoreThatCannotBeWrittenIsAnErrorAndNoCandidatesFault) {
    setup.kernels = "/proc/no/such/folder";
    EXPECT_NE(error_of_tuning(*this).find("opening the kernel store /proc/no/such/folder"), std::string::npos);
    EXPECT_TRUE(db.list().empty());
}

}  // namespace
}  // namespace warpsmith
