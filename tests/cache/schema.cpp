#include "cache/schema.hpp"

#include <gtest/gtest.h>

#include "cache/database_check.hpp"
#include "cache/runtime_cache.hpp"
#include "cache/tuning_db.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"

namespace warpsmith {
namespace {

// A database of schema 1 as the program that had this schema left it: eight trials of four configurations of a scan.
class SchemaOne : public testing::Test {
  protected:
    SchemaOne() {
        SqliteConnection(path_, SqliteAccess::create)
            .execute(bytes_of(WARPSMITH_SOURCE_DIR "/tests/data/databases/schema1.sql"));
    }

    std::int64_t version() { return SqliteConnection(path_, SqliteAccess::query_only).pragma("user_version"); }

    ScratchFolder folder_;
    std::string path_ = folder_.file("t.db");
    Workload scan_ = scan_workload(64);
};

TEST_F(SchemaOne, OpeningForWritingBringsItUpToDateAndKeepsEveryTrial) {
    TuningDb db(path_);
    EXPECT_EQ(version(), schema_version());
    EXPECT_EQ(db.list().size(), 8U);
    EXPECT_EQ(db.best(scan_, "h200", families()).value().trial.config, "lanes=16 segments=8 steps=8 vector=1");
    db.record(toy_trial("x=1", 1));
    const DatabaseReport report = check_database(path_);
    EXPECT_EQ(report.findings, std::vector<std::string>()) << "it has the tables of a new one, and checksums";
    EXPECT_EQ(report.trials, 9U);
}

TEST_F(SchemaOne, EveryTrialThatItHadIsSealed) {
    TuningDb db(path_);
    SqliteConnection connection(path_, SqliteAccess::create);
    EXPECT_NE(error_of([&] { connection.execute("UPDATE trial SET median_us = 0"); }), "no error");
    connection.execute("DROP TRIGGER trial_is_never_changed; UPDATE trial SET median_us = 0 WHERE id = 5");
    EXPECT_NE(error_of([&] { db.list(); }).find("trial 5 is damaged"), std::string::npos);
}

TEST_F(SchemaOne, ReadingItChangesNothing) {
    const std::string before = bytes_of(path_);
    const TuningDb db(path_, TuningDb::Mode::read_only);
    EXPECT_EQ(db.list().size(), 8U);
    EXPECT_EQ(db.best(scan_, "h200", families()).value().trial.config, "lanes=16 segments=8 steps=8 vector=1");
    EXPECT_EQ(RuntimeCache({.database = path_, .target = find_target("h200"), .families = families()}).size(), 1U);
    EXPECT_EQ(bytes_of(path_), before);
}

TEST_F(SchemaOne, ItIsSoundAsItIs) {
    const DatabaseReport report = check_database(path_);
    EXPECT_EQ(report.findings, std::vector<std::string>());
    EXPECT_EQ(report.schema, 1);
    EXPECT_EQ(report.trials, 8U);
}

TEST_F(SchemaOne, SalvageSaysThatItsRowsHaveNoChecksum) {
    const Salvaged saved = salvage(path_);
    EXPECT_EQ(saved.trials.size(), 8U);
    EXPECT_EQ(saved.unsealed, 8U);
    EXPECT_EQ(saved.trials.at(4).workload, scan_);
    EXPECT_EQ(saved.trials.at(4).note, "h is off by 1.8e-07 at most; 7.8e-07 is allowed");
}

}  // namespace
}  // namespace warpsmith
