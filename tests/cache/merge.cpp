#include "cache/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cache/trial_checksum.hpp"
#include "cache/tuning_db.hpp"
#include "cache/winners.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"

namespace warpsmith {
namespace {

Trial at(Trial trial, const std::string& recorded_at) {
    trial.recorded_at = recorded_at;
    return trial;
}

const char* const kMorning = "2026-01-02T08:00:00Z";
const char* const kNoon = "2026-01-02T12:00:00Z";

class Merge : public testing::Test {
  protected:
    std::string make(const std::string& name, const std::vector<Trial>& trials) {
        TuningDb(folder_.file(name)).record(trials);
        return folder_.file(name);
    }

    std::vector<MergedFile> merge(const std::vector<std::string>& from) { return merge_databases(into_, from); }

    // What every trial says, but for its number; sorted.
    static std::vector<std::string> contents(const std::string& path) {
        std::vector<std::string> all;
        for (const Trial& trial : TuningDb(path, TuningDb::Mode::read_only).all()) {
            all.push_back(checksum(0, trial));
        }
        std::sort(all.begin(), all.end());
        return all;
    }

    ScratchFolder folder_;
    std::string into_ = folder_.file("into.db");
};

TEST_F(Merge, EveryTrialComesWithAllThatItSays) {
    Trial rich = at(measured(toy_trial("x=1", 5)), kNoon);
    rich.samples_us = {5, 5.25};
    rich.note = "a note";
    const std::string a = make("a.db", {rich, at(toy_trial("x=2", 7, recorded_workload(256)), kNoon)});
    const std::string b = make("b.db", {at(toy_trial("x=3", 1), kMorning)});
    const std::vector<MergedFile> merged = merge({a, b});
    EXPECT_EQ(merged.at(0).added, 2U);
    EXPECT_EQ(merged.at(1).added, 1U);
    std::vector<std::string> both = contents(a);
    both.push_back(contents(b).front());
    std::sort(both.begin(), both.end());
    EXPECT_EQ(contents(into_), both);
}

TEST_F(Merge, TheSameTrialIsTakenOnceAndMergingTwiceChangesNothing) {
    const Trial both = at(toy_trial("x=1", 5), kNoon);
    const std::string a = make("a.db", {both, both, at(both, kMorning)});
    make("into.db", {both});
    EXPECT_EQ(merge({a}).at(0).added, 1U) << "the one of the morning";
    const std::string once = bytes_of(into_);
    const MergedFile again = merge({a}).at(0);
    EXPECT_EQ(again.added, 0U);
    EXPECT_EQ(again.known, 3U);
    EXPECT_EQ(bytes_of(into_), once);
}

TEST_F(Merge, ADifferenceInASampleMakesAnotherTrial) {
    Trial first = at(measured(toy_trial("x=1", 5)), kNoon), second = first;
    first.samples_us = {5};
    second.samples_us = {5.5};
    make("into.db", {first});
    EXPECT_EQ(merge({make("a.db", {second})}).at(0).added, 1U);
}

TEST_F(Merge, AnOlderSuccessDoesNotOutliveALaterFailure) {
    const Workload scan = scan_workload(64);
    Trial failure = at(toy_trial("x=1", 0, scan), kNoon);
    failure.outcome = Outcome::wrong_result;
    make("into.db", {failure, at(toy_trial("x=2", 9, scan), kNoon)});
    merge({make("a.db", {at(toy_trial("x=1", 5, scan), kMorning)})});
    const TuningDb db(into_);
    EXPECT_EQ(db.all().size(), 3U);
    EXPECT_EQ(db.best(scan, "h200", families()).value().trial.config, "x=2");
    EXPECT_EQ(db.list().size(), 2U);
    Strings strings;
    SqliteConnection connection(into_, SqliteAccess::query_only);
    const Winners winners = read_winners(connection, "h200", false, strings);
    ASSERT_EQ(winners.best.size(), 1U);
    EXPECT_EQ(winners.candidates.at(winners.best.front()).config, "x=2") << "what the run-time library answers";
}

TEST_F(Merge, AFileOfAnEarlierSchemaIsReadAndNotChanged) {
    const std::string old = folder_.file("old.db");
    SqliteConnection(old, SqliteAccess::create)
        .execute(bytes_of(WARPSMITH_SOURCE_DIR "/tests/data/databases/schema1.sql"));
    const std::string before = bytes_of(old);
    EXPECT_EQ(merge({old}).at(0).added, 8U);
    EXPECT_EQ(bytes_of(old), before);
    EXPECT_EQ(merge({old}).at(0).added, 0U);
}

TEST_F(Merge, ADamagedFileIsRefusedAndNothingIsMerged) {
    const std::string good = make("good.db", {toy_trial("x=1", 5)});
    const std::string bad = make("bad.db", {toy_trial("x=2", 5)});
    std::string bytes = bytes_of(bad);
    bytes[bytes.find("emulator")] = 'E';
    write_bytes(bad, bytes);
    const std::string refusal = error_of([&] { merge({good, bad}); });
    EXPECT_NE(refusal.find("merging " + bad + ": it is damaged ("), std::string::npos) << refusal;
    EXPECT_NE(refusal.find("warpsmith db check --db " + bad + " --salvage NEW, and merge that"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(into_)) << "nothing was made";
}

TEST_F(Merge, AFileIsNotMergedIntoItself) {
    make("into.db", {toy_trial("x=1", 5)});
    EXPECT_EQ(error_of([&] { merge({into_}); }), "merging " + into_ + ": it is the file to merge into; name others");
}

}  // namespace
}  // namespace warpsmith
