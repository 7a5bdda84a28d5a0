#include "cache/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

// How long a process waits for its turn. A transaction of ours takes milliseconds, seconds on a bad network folder: who
// has to wait longer than this waits for a process that hangs.
constexpr int kBusyMilliseconds = 60'000;

struct Advice {
    int code;  // primary result code
    std::string_view what;
    std::string_view remedy;
};

// https://www.sqlite.org/rescode.html
constexpr std::array kAdvice = {
    Advice{SQLITE_BUSY, "another process has kept it locked for a minute", "end that process or use another file"},
    Advice{SQLITE_PERM, "access is denied", "check the permissions of the file and its folder"},
    Advice{SQLITE_READONLY, "it cannot be written", "check the permissions of the file and its folder"},
    Advice{SQLITE_CANTOPEN, "it or its journal cannot be opened", "check the permissions of the file and its folder"},
    Advice{SQLITE_FULL, "the disk is full", "make room and run again; what was recorded before is safe"},
    Advice{SQLITE_IOERR, "the disk or network folder failed", "look at the disk, or use a file on a local one"},
    Advice{SQLITE_NOTADB, "it is not a SQLite database", "name another file; this one was left as it was"},
    Advice{SQLITE_CORRUPT, "it is damaged", kSalvageAdvice},
};

std::string describe(int code, const char* words) {
    const auto* known = std::find_if(kAdvice.begin(), kAdvice.end(), [&](const Advice& a) { return a.code == code; });
    if (known == kAdvice.end()) {
        return fmt::format("SQLite says \"{}\" (code {})", words, code);
    }
    return fmt::format("{}; {}", known->what, known->remedy);
}

void require_openable(const std::string& path, SqliteAccess access) {
    std::filesystem::path file(path);
    std::error_code ignored;  // what cannot be looked at is reported when it is opened
    if (std::filesystem::is_directory(file, ignored)) {
        throw Error(fmt::format("opening the tuning database {}: it is a folder; name a file", path));
    }
    if (file.has_parent_path() && !std::filesystem::is_directory(file.parent_path(), ignored)) {
        throw Error(
            fmt::format("opening the tuning database {}: the folder {} does not exist; create it or name another", path,
                        file.parent_path().string()));
    }
    if (access == SqliteAccess::query_only && !std::filesystem::exists(file, ignored)) {
        throw Error(fmt::format(
            "opening the tuning database {}: there is no such file; check its name, or tune into it first", path));
    }
}

// Whether no process of this user can be writing the file: neither it nor a journal beside it.
bool stays_as_it_is(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    std::error_code missing;
    const auto is_used = [&](const char* ending) {
        const std::uintmax_t bytes = std::filesystem::file_size(path + ending, missing);
        return !missing && bytes > 0;
    };
    return ::access(path.c_str(), W_OK) != 0 && ::access(folder.c_str(), W_OK) != 0 && !is_used("-journal") &&
           !is_used("-wal");
}

// https://www.sqlite.org/uri.html
std::string unchanging_uri(const std::string& path) {
    std::string uri = "file:";
    for (char c : path) {
        uri += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02x}", static_cast<unsigned char>(c))
                                                : std::string(1, c);
    }
    return uri + "?immutable=1";
}

}  // namespace

SqliteConnection::SqliteConnection(const std::string& path, SqliteAccess access) : path_(path) {
    bool in_memory = path == ":memory:";
    if (!in_memory) {
        require_openable(path, access);
    }
    // No mutex: a connection is used by one thread at a time.
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (access == SqliteAccess::create ? SQLITE_OPEN_CREATE : 0);
    int code = sqlite3_open_v2(path.c_str(), &raw_, flags, nullptr);
    if (code != SQLITE_OK) {
        std::string reason = describe(code & 0xFF, sqlite3_errstr(code));
        sqlite3_close(raw_);
        throw Error(fmt::format("opening the tuning database {}: {}", path, reason));
    }
    sqlite3_busy_timeout(raw_, kBusyMilliseconds);
    if (access == SqliteAccess::create && sqlite3_db_readonly(raw_, "main") == 1) {
        sqlite3_close(raw_);
        throw Error(fmt::format("opening the tuning database {}: {}", path, describe(SQLITE_READONLY, "")));
    }
    if (access == SqliteAccess::query_only && !readable() && stays_as_it_is(path)) {
        reopen_unchanging();
    }
}

// False where locks, or the memory that a write-ahead log needs, are not to be had.
bool SqliteConnection::readable() {
    const int code = sqlite3_exec(raw_, "PRAGMA schema_version", nullptr, nullptr, nullptr) & 0xFF;
    return code != SQLITE_CANTOPEN && code != SQLITE_READONLY && code != SQLITE_IOERR && code != SQLITE_PROTOCOL;
}

void SqliteConnection::reopen_unchanging() {
    sqlite3_close(raw_);
    raw_ = nullptr;
    const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
    const int code = sqlite3_open_v2(unchanging_uri(path_).c_str(), &raw_, flags, nullptr);
    if (code != SQLITE_OK) {
        std::string reason = describe(code & 0xFF, sqlite3_errstr(code));
        sqlite3_close(raw_);
        throw Error(fmt::format("opening the tuning database {}: {}", path_, reason));
    }
}

SqliteConnection::~SqliteConnection() {
    sqlite3_close(raw_);
}

void SqliteConnection::fail(std::string_view action) const {
    const int code = sqlite3_errcode(raw_) & 0xFF;
    const std::string message =
        fmt::format("{} the tuning database {}: {}", action, path_, describe(code, sqlite3_errmsg(raw_)));
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
        throw DamagedDatabase(message);
    }
    throw Error(message);
}

void SqliteConnection::execute(const std::string& sql) {
    if (sqlite3_exec(raw_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail("writing");
    }
}

void SqliteConnection::roll_back() {
    // Its result says nothing new: it fails where the failure that led here has rolled back by itself.
    sqlite3_exec(raw_, "ROLLBACK", nullptr, nullptr, nullptr);
}

SqliteStatement SqliteConnection::prepare(std::string_view sql) {
    return {*this, sql};
}

std::int64_t SqliteConnection::last_row_id() const {
    return sqlite3_last_insert_rowid(raw_);
}

void SqliteConnection::copy_from(const SqliteConnection& other) {
    sqlite3_backup* backup = sqlite3_backup_init(raw_, "main", other.raw_, "main");
    if (backup == nullptr) {
        fail("copying");
    }
    sqlite3_backup_step(backup, -1);  // finishing repeats its result
    if (sqlite3_backup_finish(backup) != SQLITE_OK) {
        fail("copying");
    }
}

std::int64_t SqliteConnection::pragma(std::string_view name) {
    SqliteStatement query = prepare(fmt::format("PRAGMA {}", name));
    query.step();
    return query.integer(0);
}

std::string SqliteConnection::pragma_text(std::string_view name) {
    SqliteStatement query = prepare(fmt::format("PRAGMA {}", name));
    query.step();
    return query.text(0);
}

SqliteStatement::SqliteStatement(const SqliteConnection& connection, std::string_view sql) : connection_(connection) {
    if (sqlite3_prepare_v2(connection.raw_, sql.data(), static_cast<int>(sql.size()), &raw_, nullptr) != SQLITE_OK) {
        connection.fail("reading");
    }
}

SqliteStatement::~SqliteStatement() {
    sqlite3_finalize(raw_);
}

void SqliteStatement::reset() {
    sqlite3_reset(raw_);
}  // its result repeats that of the last step, which threw

void SqliteStatement::bind_at(int position, std::int64_t value) {
    sqlite3_bind_int64(raw_, position, value);
}

void SqliteStatement::bind_at(int position, double value) {
    sqlite3_bind_double(raw_, position, value);
}

void SqliteStatement::bind_at(int position, std::string_view value) {
    // An empty view may have no address, which SQLite would take for NULL.
    const char* data = value.empty() ? "" : value.data();
    sqlite3_bind_text64(raw_, position, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

bool SqliteStatement::step() {
    int code = sqlite3_step(raw_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        connection_.fail(sqlite3_stmt_readonly(raw_) != 0 ? "reading" : "writing");
    }
    return code == SQLITE_ROW;
}

std::int64_t SqliteStatement::integer(int column) const {
    return sqlite3_column_int64(raw_, column);
}

double SqliteStatement::real(int column) const {
    return sqlite3_column_double(raw_, column);
}

std::string SqliteStatement::text(int column) const {
    return std::string(view(column));
}

// One call for the column and two for its value take less than two for the column: 10,000 trials have 60,000 texts.
std::string_view SqliteStatement::view(int column) const {
    ::sqlite3_value* value = sqlite3_column_value(raw_, column);  // unprotected: of the thread that uses the connection
    const auto* data = static_cast<const char*>(sqlite3_value_blob(value));
    return data == nullptr ? std::string_view()
                           : std::string_view(data, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

SqliteTransaction::SqliteTransaction(SqliteConnection& connection, For purpose) : connection_(connection) {
    connection_.execute(purpose == For::writing ? "BEGIN IMMEDIATE" : "BEGIN");
}

SqliteTransaction::~SqliteTransaction() {
    if (open_) {
        connection_.roll_back();
    }
}

void SqliteTransaction::commit() {
    connection_.execute("COMMIT");
    open_ = false;
}

}  // namespace warpsmith
