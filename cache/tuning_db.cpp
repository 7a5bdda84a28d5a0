#include "cache/tuning_db.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "cache/database_check.hpp"
#include "cache/nearest_workload.hpp"
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

// The fastest verified trial of a workload. A trial counts only while it is its configuration's newest on that device,
// so that a result of an earlier source or driver does not outlive a failure with a later one.
std::optional<Trial> fastest(SqliteConnection& connection, TrialReader& reader, std::int64_t workload_id,
                             std::string_view target, const TuningDb::Accepted& accepted) {
    SqliteStatement query = connection.prepare(fmt::format(
        "SELECT {} FROM trial_record AS record WHERE workload_id = ?1 AND target = ?2 AND outcome = 'ok' AND id = "
        "(SELECT later.id FROM trial AS later JOIN environment AS place ON place.id = later.environment_id "
        "WHERE later.workload_id = ?1 AND later.config = record.config AND place.target = ?2 "
        "AND place.device = record.device ORDER BY later.recorded_at DESC, later.id DESC LIMIT 1) "
        "ORDER BY time_kind = 'measured' DESC, median_us, config",
        TrialReader::kColumns));
    query.bind(workload_id, target);
    return reader.read_first(query, accepted);
}

const Family& family_of(const Workload& workload, std::span<const Family> families) {
    const auto found = std::find_if(families.begin(), families.end(),
                                    [&](const Family& family) { return family.name == workload.family; });
    if (found == families.end()) {
        throw Error(
            fmt::format("looking up a tuned configuration: there is no family \"{}\"; name one of those listed by: "
                        "warpsmith families",
                        workload.family));
    }
    return *found;
}

struct Neighbour {
    double squared_distance = 0;
    std::string key;
    std::int64_t workload_id = 0;
};

// Those of the same family, dtype, options and fixed dimensions, nearest first; equally near ones by their key.
std::vector<Neighbour> neighbours(SqliteConnection& connection, TrialReader& reader, const Workload& workload,
                                  const Family& family) {
    SqliteStatement query =
        connection.prepare("SELECT id, key FROM workload WHERE family = ? AND dtype = ? AND options = ?");
    query.bind(workload.family, name(workload.dtype), options_text(workload));
    std::vector<Neighbour> found;
    while (query.step()) {
        if (auto apart = squared_distance(workload, reader.workload(query.integer(0)), family)) {
            found.push_back({*apart, query.text(1), query.integer(0)});
        }
    }
    std::sort(found.begin(), found.end(), [](const Neighbour& a, const Neighbour& b) {
        return std::tie(a.squared_distance, a.key) < std::tie(b.squared_distance, b.key);
    });
    return found;
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
    SqliteConnection& sqlite = connection_->sqlite();
    TrialReader reader(sqlite);
    for (const Neighbour& neighbour : neighbours(sqlite, reader, workload, family_of(workload, families))) {
        if (auto trial = fastest(sqlite, reader, neighbour.workload_id, target, accepted)) {
            Basis basis = neighbour.key == workload.key() ? Basis::exact : Basis::nearest;
            return Choice{
                .trial = std::move(*trial), .basis = basis, .distance = std::sqrt(neighbour.squared_distance)};
        }
    }
    return std::nullopt;
}

}  // namespace warpsmith
