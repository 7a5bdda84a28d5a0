#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "cache/database_check.hpp"
#include "cache/runtime_cache.hpp"
#include "cache/schema.hpp"
#include "cache/tuning_db.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"

namespace warpsmith {
namespace {

std::string opening(const std::string& path, TuningDb::Mode mode = TuningDb::Mode::read_write) {
    return error_of([&] { TuningDb(path, mode); });
}

// A database of ten trials, as bytes.
std::string ten_trials() {
    ScratchFolder folder;
    TuningDb db(folder.file("t.db"));
    for (int i = 0; i < 10; ++i) {
        db.record(toy_trial("x=" + std::to_string(i), i + 1));
    }
    return bytes_of(folder.file("t.db"));
}

TEST(TuningDbFile, AFolderThatDoesNotExistIsNamed) {
    EXPECT_EQ(
        opening("/nowhere/at/all/t.db"),
        "opening the tuning database /nowhere/at/all/t.db: the folder /nowhere/at/all does not exist; create it or "
        "name another");
}

TEST(TuningDbFile, AFolderInPlaceOfAFileIsAnError) {
    ScratchFolder folder;
    EXPECT_EQ(opening(folder.file(".")),
              "opening the tuning database " + folder.file(".") + ": it is a folder; name a file");
}

TEST(TuningDbFile, AFileThatCannotBeWrittenIsAnError) {
    // /proc takes no new files, not even from root.
    EXPECT_EQ(
        opening("/proc/t.db"),
        "opening the tuning database /proc/t.db: it or its journal cannot be opened; check the permissions of the "
        "file and its folder");
}

TEST(TuningDbFile, ReadingAFileThatIsNotThereIsAnErrorAndMakesNone) {
    ScratchFolder folder;
    EXPECT_EQ(opening(folder.file("t.db"), TuningDb::Mode::read_only),
              "opening the tuning database " + folder.file("t.db") +
                  ": there is no such file; check its name, or tune into it first");
    EXPECT_FALSE(std::filesystem::exists(folder.file("t.db")));
}

TEST(TuningDbFile, ReadingAnEmptyFileIsAnError) {
    ScratchFolder folder;
    write_bytes(folder.file("t.db"), "");
    EXPECT_EQ(opening(folder.file("t.db"), TuningDb::Mode::read_only),
              "opening the tuning database " + folder.file("t.db") + ": it holds nothing yet; tune into it first");
    EXPECT_EQ(opening(folder.file("t.db")), "no error") << "a writer makes the tables";
}

TEST(TuningDbFile, AFileThatIsNotSqliteIsRefusedAndLeftAsItIs) {
    ScratchFolder folder;
    std::string prose(5000, 'x');
    write_bytes(folder.file("t.db"), prose);
    for (TuningDb::Mode mode : {TuningDb::Mode::read_write, TuningDb::Mode::read_only}) {
        EXPECT_NE(opening(folder.file("t.db"), mode).find("it is not a SQLite database"), std::string::npos);
    }
    EXPECT_EQ(bytes_of(folder.file("t.db")), prose);
}

TEST(TuningDbFile, AnotherProgramsDatabaseIsRefusedAndLeftAsItIs) {
    ScratchFolder folder;
    SqliteConnection(folder.file("t.db"), SqliteAccess::create).execute("CREATE TABLE theirs (x)");
    std::string before = bytes_of(folder.file("t.db"));
    EXPECT_EQ(opening(folder.file("t.db")),
              "opening the tuning database " + folder.file("t.db") +
                  ": it is another program's SQLite file; name another file, this one was "
                  "left as it was");
    EXPECT_EQ(bytes_of(folder.file("t.db")), before);
}

TEST(TuningDbFile, ANewerSchemaIsRefusedAndLeftAsItIs) {
    ScratchFolder folder;
    TuningDb(folder.file("t.db")).record(toy_trial("x=1", 1));
    SqliteConnection(folder.file("t.db"), SqliteAccess::create).execute("PRAGMA user_version = 999");
    std::string before = bytes_of(folder.file("t.db"));
    EXPECT_NE(opening(folder.file("t.db")).find("its schema is number 999, this version knows up to"),
              std::string::npos);
    EXPECT_EQ(bytes_of(folder.file("t.db")), before);
}

TEST(TuningDbFile, AFileCutOffAnywhereIsAnError) {
    std::string whole = ten_trials();
    ScratchFolder folder;
    for (std::size_t length = 2; length < whole.size(); length += 509) {
        write_bytes(folder.file("t.db"), whole.substr(0, length));
        EXPECT_NE(opening(folder.file("t.db")), "no error") << "cut off after " << length << " of " << whole.size();
        EXPECT_EQ(bytes_of(folder.file("t.db")).size(), length) << "a damaged file is never changed";
    }
}

TEST(TuningDbFile, AFlippedByteAnywhereNeverEndsInAnythingButAnErrorOrAnAnswer) {
    std::string whole = ten_trials();
    ScratchFolder folder;
    for (std::size_t place = 0; place < whole.size(); place += 97) {
        std::string damaged = whole;
        damaged[place] = static_cast<char>(~damaged[place]);
        write_bytes(folder.file("t.db"), damaged);
        error_of([&] { TuningDb(folder.file("t.db"), TuningDb::Mode::read_only).list(); });
    }
}

TEST(TuningDbFile, AFileThatAnotherProgramSwitchedToAWriteAheadLogIsSwitchedBack) {
    ScratchFolder folder;
    TuningDb(folder.file("t.db")).record(toy_trial("x=1", 1));
    {
        SqliteConnection other(folder.file("t.db"), SqliteAccess::create);
        EXPECT_EQ(other.pragma_text("journal_mode = WAL"), "wal");
        EXPECT_EQ(TuningDb(folder.file("t.db"), TuningDb::Mode::read_only).list().size(), 1U);
    }
    TuningDb(folder.file("t.db")).record(toy_trial("x=2", 1));
    SqliteConnection after(folder.file("t.db"), SqliteAccess::query_only);
    EXPECT_EQ(after.pragma_text("journal_mode"), "delete");
    EXPECT_EQ(TuningDb(folder.file("t.db")).list().size(), 2U);
}

// What a user without any rights makes of a file in a folder that only its owner may write: 0 where `work` returns.
int without_rights(const std::string& folder, const std::function<void()>& work) {
    std::filesystem::permissions(folder, std::filesystem::perms(0555));
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::filesystem::permissions(entry.path(), std::filesystem::perms(0444));
    }
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr uid_t kNobody = 65534;
        const bool powerless = ::geteuid() != 0 || ::setuid(kNobody) == 0;
        const std::string error = error_of(work);
        std::fprintf(stderr, "%s\n", error.c_str());  // told apart where it should not be
        ::_exit(powerless && error == "no error" ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
    return status;
}

TEST(TuningDbFile, AShippedDatabaseIsReadWhereNobodyMayWrite) {
    for (const char* journal : {"DELETE", "WAL"}) {
        ScratchFolder folder;
        const std::string path = folder.file("a%20b?c#d.db");
        TuningDb(path).record(toy_trial("x=1", 1, scan_workload(64)));
        SqliteConnection(path, SqliteAccess::create).pragma_text(std::string("journal_mode = ") + journal);
        const auto find = [&] {
            const TuningDb db(path, TuningDb::Mode::read_only);
            const bool found = db.list().size() == 1 && db.best(scan_workload(64), "h200", families()) &&
                               RuntimeCache({.database = path, .target = {.name = "h200"}}).size() == 1;
            if (!found || !check_database(path).findings.empty()) {
                throw Error("what was recorded is not found");
            }
        };
        EXPECT_EQ(without_rights(folder.file("."), find), 0) << journal;
    }
}

TEST(TuningDbFile, ADatabaseWithAWriteAheadLogBesideItIsNotTakenForOneThatStaysAsItIs) {
    ScratchFolder folder;
    const std::string path = folder.file("t.db");
    TuningDb(path).record(toy_trial("x=1", 1));
    SqliteConnection writer(path, SqliteAccess::create);
    writer.pragma_text("journal_mode = WAL");
    writer.execute("CREATE TABLE pending (x)");
    std::filesystem::copy_file(path + "-wal", folder.file("kept"));
    EXPECT_NE(std::filesystem::file_size(folder.file("kept")), 0U);
    std::filesystem::create_directory(folder.file("shipped"));
    std::filesystem::copy_file(path, folder.file("shipped/t.db"));
    std::filesystem::copy_file(path + "-wal", folder.file("shipped/t.db-wal"));
    EXPECT_NE(without_rights(folder.file("shipped"),
                             [&] { TuningDb(folder.file("shipped/t.db"), TuningDb::Mode::read_only).list(); }),
              0);
}

TEST(TuningDbFile, NothingIsRecordedThroughAReader) {
    ScratchFolder folder;
    TuningDb(folder.file("t.db")).record(toy_trial("x=1", 1));
    TuningDb reader(folder.file("t.db"), TuningDb::Mode::read_only);
    EXPECT_NE(error_of([&] { reader.record(toy_trial("x=2", 1)); }), "no error");
    EXPECT_EQ(reader.list().size(), 1U);
}

TEST(TuningDbFile, TrialsAreNeverChangedOrDeleted) {
    ScratchFolder folder;
    TuningDb(folder.file("t.db")).record(toy_trial("x=1", 1));
    SqliteConnection connection(folder.file("t.db"), SqliteAccess::create);
    for (const char* sql : {"DELETE FROM trial", "UPDATE trial SET median_us = 0"}) {
        EXPECT_NE(error_of([&] { connection.execute(sql); }).find("trials are only ever added"), std::string::npos);
    }
}

TEST(TuningDbFile, AnyProgramCanTellATuningDatabaseAndItsSchema) {
    ScratchFolder folder;
    TuningDb db(folder.file("t.db"));
    SqliteConnection connection(folder.file("t.db"), SqliteAccess::query_only);
    EXPECT_EQ(connection.pragma("application_id"), kApplicationId);
    EXPECT_EQ(connection.pragma("user_version"), schema_version());
}

}  // namespace
}  // namespace warpsmith
