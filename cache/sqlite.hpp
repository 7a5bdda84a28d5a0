// SQLite behind three owning types, with its result codes turned into errors that say what to try.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "solver/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace warpsmith {

class SqliteStatement;

// What to do about a file that is damaged.
inline constexpr std::string_view kSalvageAdvice =
    "restore a copy, or save what is readable with: warpsmith db check --db FILE --salvage NEW";

// The file is no SQLite database any more, or parts of it cannot be.
class DamagedDatabase : public Error {
  public:
    using Error::Error;
};

enum class SqliteAccess : std::uint8_t {
    create,      // read and write; the file is made when it is not there
    query_only,  // read; write permission, where there is some, is used only to undo what a killed writer left half
                 // done. Where nobody here may write and SQLite cannot lock, the file is taken for one that stays as it
                 // is
};

// An open database file. Used by one thread at a time.
class SqliteConnection {
  public:
    // Throws Error when the file cannot be opened or, with create, cannot be written.
    SqliteConnection(const std::string& path, SqliteAccess access);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    // Runs statements, separated by semicolons, that yield no rows.
    void execute(const std::string& sql);
    void roll_back();
    SqliteStatement prepare(std::string_view sql);
    std::int64_t last_row_id() const;

    // Becomes a copy of all that the other holds.
    void copy_from(const SqliteConnection& other);

    // The one integer, or text, that "PRAGMA name" yields.
    std::int64_t pragma(std::string_view name);
    std::string pragma_text(std::string_view name);

    const std::string& path() const { return path_; }

  private:
    friend class SqliteStatement;
    bool readable();
    void reopen_unchanging();
    [[noreturn]] void fail(std::string_view action) const;

    std::string path_;
    sqlite3* raw_ = nullptr;
};

// A prepared statement: bind, then step through its rows. Positions of parameters count from 1, columns from 0. NaN is
// stored as NULL.
class SqliteStatement {
  public:
    SqliteStatement(const SqliteConnection& connection, std::string_view sql);
    ~SqliteStatement();
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    // Makes the statement ready to run again with these values for its parameters, in order.
    template <class... Values>
    SqliteStatement& bind(const Values&... values) {
        reset();
        int position = 0;
        (bind_at(++position, values), ...);
        return *this;
    }

    bool step();  // true while there is a row
    template <class... Values>
    void run(const Values&... values) {  // for statements that yield no rows
        bind(values...);
        while (step()) {
        }
        reset();  // releases the lock that an unfinished statement holds
    }

    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    std::string_view view(int column) const;  // the same, until the next step

  private:
    void reset();
    void bind_at(int position, std::int64_t value);
    void bind_at(int position, double value);
    void bind_at(int position, std::string_view value);

    const SqliteConnection& connection_;
    sqlite3_stmt* raw_ = nullptr;
};

// One state of the file for several reads, or a turn to write that is waited for when it begins. Undone unless
// committed.
class SqliteTransaction {
  public:
    enum class For : std::uint8_t { reading, writing };

    SqliteTransaction(SqliteConnection& connection, For purpose);
    ~SqliteTransaction();
    SqliteTransaction(const SqliteTransaction&) = delete;
    SqliteTransaction& operator=(const SqliteTransaction&) = delete;

    void commit();

  private:
    SqliteConnection& connection_;
    bool open_ = true;
};

}  // namespace warpsmith
