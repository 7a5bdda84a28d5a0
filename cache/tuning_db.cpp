#include "cache/tuning_db.hpp"

#include <fmt/format.h>

#include <unordered_set>
#include <utility>

#include "cache/database_check.hpp"
#include "cache/schema.hpp"
#include "cache/trial_checksum.hpp"
#include "cache/trial_rows.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

// Nothing is added to a file that is damaged: SQLite itself would notice only once it reads a damaged page.
void require_intact(SqliteConnection& connection) {
    const std::vector<std::string> damage = page_damage(connection, Thoroughness::quick, 1);
    if (!damage.empty()) {
        throw DamagedDatabase(fmt::format("opening the tuning database {}: it is damaged ({}); {}", connection.path(),
                                          damage.front(), kSalvageAdvice));
    }
}

}  // namespace

struct TuningDb::Connection {
    SqliteConnection file;
    std::unique_ptr<SqliteConnection> migrated;  // a copy of a file of an earlier schema that is only read

    Connection(const std::string& path, Mode mode)
        : file(path, mode == Mode::read_write ? SqliteAccess::create : SqliteAccess::query_only) {}

    SqliteConnection& sqlite() { return migrated ? *migrated : file; }
};

TuningDb::TuningDb(const std::string& path, Mode mode)
    : path_(path), connection_(std::make_unique<Connection>(path, mode)) {
    SqliteConnection& sqlite = connection_->file;
    SqliteTransaction snapshot(sqlite, SqliteTransaction::For::reading);
    require_tuning_database(sqlite);
    if (mode == Mode::read_only) {
        require_tables(sqlite);
        snapshot.commit();
        connection_->migrated = migrated_copy(sqlite);
        sqlite.execute("PRAGMA query_only = ON");
        return;
    }
    require_intact(sqlite);
    snapshot.commit();
    // A file in which another program has switched WAL on is switched back.
    if (sqlite.pragma_text("journal_mode") == "wal") {
        sqlite.execute("PRAGMA journal_mode = DELETE");
    }
    // EXTRA also synchronises the folder when the journal is deleted: what was committed survives a power failure. The
    // journal stays SQLite's default, not WAL, which needs shared memory and so breaks on network folders.
    sqlite.execute("PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON");
    migrate(sqlite);
}

TuningDb::~TuningDb() = default;
TuningDb::TuningDb(TuningDb&&) noexcept = default;
TuningDb& TuningDb::operator=(TuningDb&&) noexcept = default;

void TuningDb::record(std::span<const Trial> trials) {
    if (trials.empty()) {
        return;
    }
    SqliteTransaction transaction(connection_->sqlite(), SqliteTransaction::For::writing);
    TrialWriter writer(connection_->sqlite());
    for (const Trial& trial : trials) {
        writer.write(trial);
    }
    transaction.commit();
}

std::size_t TuningDb::record_missing(std::span<const Trial> trials) {
    SqliteConnection& sqlite = connection_->sqlite();
    SqliteTransaction transaction(sqlite, SqliteTransaction::For::writing);
    std::unordered_set<std::string> present;
    for (const Trial& trial : all()) {
        present.insert(checksum(0, trial));
    }
    TrialWriter writer(sqlite);
    std::size_t added = 0;
    for (const Trial& trial : trials) {
        if (present.insert(checksum(0, trial)).second) {
            writer.write(trial);
            ++added;
        }
    }
    if (added > 0) {
        transaction.commit();
    }
    return added;
}

AddedResults TuningDb::add_imported(std::span<const ImportedFile> files) {
    SqliteTransaction transaction(connection_->sqlite(), SqliteTransaction::For::writing);
    const AddedResults count = warpsmith::add_imported(connection_->sqlite(), files);
    if (count.added > 0) {
        transaction.commit();
    }
    return count;
}

std::vector<ImportedFile> TuningDb::imported() const {
    return imported_files(connection_->sqlite());
}

std::vector<Trial> TuningDb::all() const {
    SqliteStatement query =
        connection_->sqlite().prepare(fmt::format("SELECT {} FROM trial_record ORDER BY id", TrialReader::kColumns));
    return TrialReader(connection_->sqlite()).read_all(query);
}

std::vector<Trial> TuningDb::trials(const Workload& workload, const Provenance& provenance) const {
    SqliteStatement query = connection_->sqlite().prepare(
        fmt::format("SELECT {} FROM newest_trial WHERE workload = ? AND target = ? AND architecture = ? AND device = ? "
                    "AND driver = ? AND toolkit = ? AND library_version = ? ORDER BY recorded_at, id",
                    TrialReader::kColumns));
    query.bind(workload.key(), provenance.target, provenance.architecture, provenance.device, provenance.driver,
               provenance.toolkit, provenance.library_version);
    return TrialReader(connection_->sqlite()).read_all(query);
}

std::vector<Trial> TuningDb::list(std::string_view family, std::string_view target) const {
    SqliteStatement query = connection_->sqlite().prepare(
        fmt::format("SELECT {} FROM newest_trial WHERE (?1 = '' OR family = ?1) AND (?2 = '' OR target = ?2) "
                    "ORDER BY recorded_at DESC, id DESC",
                    TrialReader::kColumns));
    query.bind(family, target);
    return TrialReader(connection_->sqlite()).read_all(query);
}

std::optional<Choice> TuningDb::best(const Workload& workload, std::string_view target,
                                     std::span<const Family> families, const Accepted& accepted) const {
    return best_trial(connection_->sqlite(), {workload, target, families}, accepted);
}

}  // namespace warpsmith
