#include "tuner/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace warpsmith {
namespace {

const std::function<bool()> kNever = [] { return false; };

TEST(Parallel, EveryJobRunsOnceAndItsEndIsToldToTheCallingThread) {
    std::vector<std::atomic<int>> runs(100);
    std::vector<int> ends(100, 0);
    std::thread::id caller = std::this_thread::get_id();
    bool all = run_parallel({.count = 100,
                             .threads = 4,
                             .run = [&](std::size_t job) { ++runs[job]; },
                             .finished =
                                 [&](std::span<const std::size_t> jobs) {
                                     EXPECT_EQ(std::this_thread::get_id(), caller);
                                     for (std::size_t job : jobs) {
                                         ++ends[job];
                                     }
                                 },
                             .stopped = kNever});
    EXPECT_TRUE(all);
    for (std::size_t job = 0; job < 100; ++job) {
        EXPECT_EQ(runs[job], 1);
        EXPECT_EQ(ends[job], 1);
    }
}

TEST(Parallel, NoJobsAreAllDone) {
    EXPECT_TRUE(run_parallel({.count = 0, .run = {}, .finished = {}, .stopped = kNever}));
}

TEST(Parallel, WhenStoppedNoMoreStartButThoseThatRanAreFinished) {
    std::atomic<int> runs = 0;
    std::size_t finished = 0;
    bool all = run_parallel({.count = 100,
                             .threads = 2,
                             .run = [&](std::size_t) { ++runs; },
                             .finished = [&](std::span<const std::size_t> jobs) { finished += jobs.size(); },
                             .stopped = [&] { return runs >= 10; }});
    EXPECT_FALSE(all);
    EXPECT_LE(runs, 12);
    EXPECT_EQ(finished, static_cast<std::size_t>(runs));
}

TEST(Parallel, WhatAJobThrowsIsThrownAfterTheOthersWereFinished) {
    std::size_t finished = 0;
    auto run = [&] {
        run_parallel({.count = 100,
                      .threads = 1,
                      .run =
                          [](std::size_t job) {
                              if (job == 7) {
                                  throw std::runtime_error("job 7");
                              }
                          },
                      .finished = [&](std::span<const std::size_t> jobs) { finished += jobs.size(); },
                      .stopped = kNever});
    };
    EXPECT_THROW(run(), std::runtime_error);
    EXPECT_EQ(finished, 7U);
}

TEST(Parallel, WhatFinishedThrowsEndsTheRun) {
    std::atomic<int> runs = 0;
    auto run = [&] {
        run_parallel({.count = 1'000'000,
                      .threads = 2,
                      .run = [&](std::size_t) { ++runs; },
                      .finished = [](std::span<const std::size_t>) { throw std::runtime_error("full disk"); },
                      .stopped = kNever});
    };
    EXPECT_THROW(run(), std::runtime_error);
    EXPECT_LT(runs, 1'000'000);
}

}  // namespace
}  // namespace warpsmith
