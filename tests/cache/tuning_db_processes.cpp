#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <set>
#include <thread>

#include "cache/tuning_db.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"

namespace warpsmith {
namespace {

// A child process that exits with 0 when `work` returns, with 1 when it throws.
pid_t start(const std::function<void()>& work) {
    pid_t child = ::fork();
    if (child == 0) {
        try {
            work();
        } catch (...) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    return child;
}

int status_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

Trial numbered(int writer, int number) {
    return toy_trial("writer=" + std::to_string(writer) + " number=" + std::to_string(number), 1);
}

std::set<std::string> recorded(const std::string& path) {
    std::set<std::string> configs;
    for (const Trial& trial : TuningDb(path).list()) {
        configs.insert(trial.config);
    }
    return configs;
}

TEST(TuningDbProcesses, NothingIsLostAndNothingFailsWhenManyWriteAndReadAtOnce) {
    ScratchFolder folder;
    std::string path = folder.file("t.db");
    constexpr int kWriters = 16, kReaders = 16, kTrials = 8;
    std::vector<pid_t> children;
    children.reserve(kWriters + kReaders);
    for (int writer = 0; writer < kWriters; ++writer) {
        children.push_back(start([&] {
            for (int number = 0; number < kTrials; ++number) {
                TuningDb(path).record(numbered(writer, number));  // the first of them make the file, all at once
            }
        }));
    }
    for (int reader = 0; reader < kReaders; ++reader) {
        children.push_back(start([&] {
            TuningDb db(path);
            for (int number = 0; number < kTrials; ++number) {
                db.best(recorded_workload(128), "h200", toy_families());
            }
        }));
    }
    for (pid_t child : children) {
        EXPECT_EQ(status_of(child), 0);
    }
    EXPECT_EQ(recorded(path).size(), static_cast<std::size_t>(kWriters * kTrials));
}

// What a child that records until it is killed had recorded by then: it writes one byte to a pipe for every trial that
// record() returned from.
int killed_after(const std::string& path, int round, std::chrono::microseconds delay) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe(ends), 0);
    pid_t child = start([&] {
        TuningDb db(path);
        for (int number = 0;; ++number) {
            db.record(numbered(round, number));
            EXPECT_EQ(::write(ends[1], "x", 1), 1);
        }
    });
    ::close(ends[1]);
    std::this_thread::sleep_for(delay);
    ::kill(child, SIGKILL);
    status_of(child);
    int acknowledged = 0;
    for (char byte = 0; ::read(ends[0], &byte, 1) == 1;) {
        ++acknowledged;
    }
    ::close(ends[0]);
    return acknowledged;
}

TEST(TuningDbProcesses, WhatRecordReturnedFromSurvivesAKillAtAnyMoment) {
    ScratchFolder folder;
    std::string path = folder.file("t.db");
    for (int round = 0; round < 40; ++round) {
        int acknowledged = killed_after(path, round, std::chrono::microseconds(1013 * round));
        std::set<std::string> survived = recorded(path);
        for (int number = 0; number < acknowledged; ++number) {
            EXPECT_TRUE(survived.contains(numbered(round, number).config)) << "round " << round;
        }
    }
}

TEST(TuningDbProcesses, AReaderCanUndoWhatAKilledWriterLeftHalfDone) {
    ScratchFolder folder;
    std::string path = folder.file("t.db");
    TuningDb(path).record(toy_trial("x=1", 1));
    for (int round = 0; round < 20; ++round) {
        killed_after(path, round, std::chrono::microseconds(997 * round));
        EXPECT_EQ(error_of([&] { TuningDb(path, TuningDb::Mode::read_only).list(); }), "no error");
    }
}

}  // namespace
}  // namespace warpsmith
