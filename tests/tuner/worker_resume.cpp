// Tuning runs in worker processes that are killed at any moment, with their workers' deeds on record.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <map>
#include <random>
#include <thread>

#include "tests/tuner/worker_tuning.hpp"

namespace warpsmith {
namespace {

constexpr int kKills = kSanitized ? 30 : 200;  // a sanitized worker takes long to start

struct Resume : WorkerTuning {
    std::string path = scratch.file("t.db");

    // Tunes in a child process, with a connection of its own, that is killed after a while; true if before its end.
    bool killed_after(std::chrono::microseconds delay) {
        const pid_t child = ::fork();
        if (child == 0) {
            db = TuningDb(path);
            tuned(On::emulator);
            ::_exit(0);
        }
        std::this_thread::sleep_for(delay);
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFSIGNALED(status);
    }

    // How often each compilation and launch has been done of what is recorded as done.
    std::map<std::string, std::int64_t> recorded_deeds() const {
        std::map<std::string, std::int64_t> done;
        for (const Trial& trial : TuningDb(path).list()) {
            const std::string deed = (trial.provenance.device.empty() ? "compile " : "launch ") + trial.config;
            done[deed] = times(deed);
        }
        return done;
    }
};

TEST_F(Resume, KillsAtHundredsOfMomentsLoseNothingAndRepeatNothing) {
    options.verify_count = 4;
    setup.mischief = {{"threads=64 items=4", Mischief::wrong_value}};
    db = TuningDb(scratch.file("undisturbed.db"));
    tuned(On::emulator);
    const std::multiset<std::string> undisturbed = rows(db);
    EXPECT_EQ(undisturbed.size(), 6U + 5);

    std::mt19937 moments(20);
    std::uniform_real_distribution<double> share(0, 1);
    int kills = 0, ended = 0;
    while (kills < kKills) {
        path = scratch.file(std::to_string(ended) + ".db");
        setup.kernels = path + ".kernels";
        setup.log = path + ".log";
        std::map<std::string, std::int64_t> done;
        bool killed = true;
        // Ever later, so that every run ends some time, however busy the machine is.
        for (double longest_us = 20'000; killed; longest_us *= 1.1) {
            killed = killed_after(std::chrono::microseconds(std::lround(longest_us * share(moments))));
            kills += killed ? 1 : 0;
            const std::map<std::string, std::int64_t> now = recorded_deeds();
            for (const auto& [deed, number] : done) {
                ASSERT_TRUE(now.contains(deed)) << deed << " is lost by kill " << kills;
                ASSERT_EQ(now.at(deed), number) << deed << " is repeated after kill " << kills;
            }
            done = now;
        }
        ++ended;
        EXPECT_EQ(rows(TuningDb(path)), undisturbed);
    }
    RecordProperty("tuning_runs", ended);
}

}  // namespace
}  // namespace warpsmith
