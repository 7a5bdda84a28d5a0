#include "cache/trial_rows.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <sstream>

#include "cache/trial_checksum.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

std::string now_utc() {
    auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

std::map<std::string, std::string> parse_options(const std::string& text) {
    std::map<std::string, std::string> options;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        std::size_t equals = word.find('=');
        options[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    return options;
}

// The value that a column's text stands for.
template <class Parsed>
Parsed known(std::optional<Parsed> parsed, const SqliteConnection& connection, std::string_view column,
             const std::string& text) {
    if (!parsed) {
        throw Error(
            fmt::format("reading the tuning database {}: {} is \"{}\", which this version does not know; use the "
                        "Warpsmith that wrote it, or a newer one",
                        connection.path(), column, text));
    }
    return *parsed;
}

}  // namespace

std::string options_text(const Workload& workload) {
    std::string text;
    for (const auto& [name, value] : workload.options) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
    }
    return text;
}

TrialWriter::TrialWriter(SqliteConnection& connection)
    : connection_(connection),
      insert_workload_(connection, "INSERT INTO workload (key, family, dtype, options) VALUES (?, ?, ?, ?)"),
      find_workload_(connection, "SELECT id FROM workload WHERE key = ?"),
      insert_dimension_(connection, "INSERT INTO dimension (workload_id, name, value) VALUES (?, ?, ?)"),
      insert_environment_(connection,
                          "INSERT INTO environment (target, architecture, device, driver, toolkit, compile_options, "
                          "library_version) VALUES (?, ?, ?, ?, ?, ?, ?)"),
      find_environment_(
          connection,
          "SELECT id FROM environment WHERE target = ? AND architecture = ? AND device = ? AND driver = ? "
          "AND toolkit = ? AND compile_options = ? AND library_version = ?"),
      last_trial_(connection, "SELECT coalesce(max(id), 0) FROM trial"),
      insert_trial_(
          connection,
          "INSERT INTO trial (id, workload_id, environment_id, config, source_digest, outcome, note, registers, "
          "spill_store_bytes, spill_load_bytes, stack_bytes, static_smem_bytes, modelled_us, time_kind, "
          "median_us, batch_us, verified_on, max_error, tolerance, recorded_at, checksum) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      insert_sample_(connection, "INSERT INTO sample (trial_id, timing, position, microseconds) VALUES (?, ?, ?, ?)") {}

void TrialWriter::write(const Trial& given) {
    Trial trial = given;
    if (trial.recorded_at.empty()) {
        trial.recorded_at = now_utc();
    }
    std::int64_t id = next_id();
    std::int64_t workload = workload_id(trial.workload);
    std::int64_t environment = environment_id(trial.provenance);
    const Resources& used = trial.resources;
    insert_trial_.run(id, workload, environment, trial.config, trial.provenance.source_digest, name(trial.outcome),
                      trial.note, used.registers, used.spill_store_bytes, used.spill_load_bytes, used.stack_bytes,
                      used.static_smem_bytes, trial.modelled_us, name(trial.kind), trial.median_us, trial.batch_us,
                      trial.verified_on, trial.max_error, trial.tolerance, trial.recorded_at, checksum(id, trial));
    write_samples(id, "cold", trial.samples_us);
    write_samples(id, "batch", trial.batch_samples_us);
}

void TrialWriter::write_samples(std::int64_t trial_id, std::string_view timing, const std::vector<double>& samples_us) {
    std::int64_t position = 0;
    for (double microseconds : samples_us) {
        insert_sample_.run(trial_id, timing, position++, microseconds);
    }
}

std::int64_t TrialWriter::workload_id(const Workload& workload) {
    std::string key = workload.key();
    if (find_workload_.bind(key).step()) {
        return find_workload_.integer(0);
    }
    insert_workload_.run(key, workload.family, name(workload.dtype), options_text(workload));
    std::int64_t id = connection_.last_row_id();
    for (const auto& [dimension, value] : workload.dims) {
        insert_dimension_.run(id, dimension, value);
    }
    return id;
}

std::int64_t TrialWriter::environment_id(const Provenance& p) {
    find_environment_.bind(p.target, p.architecture, p.device, p.driver, p.toolkit, p.compile_options,
                           p.library_version);
    if (find_environment_.step()) {
        return find_environment_.integer(0);
    }
    insert_environment_.run(p.target, p.architecture, p.device, p.driver, p.toolkit, p.compile_options,
                            p.library_version);
    return connection_.last_row_id();
}

// The number is part of the checksum, so it has to be known before the row is there.
std::int64_t TrialWriter::next_id() {
    last_trial_.bind().step();
    return last_trial_.integer(0) + 1;
}

void seal_trials(SqliteConnection& connection) {
    SqliteStatement query = connection.prepare(
        fmt::format("SELECT {} FROM trial_record WHERE checksum = '' ORDER BY id", TrialReader::kColumns));
    SqliteStatement seal = connection.prepare("UPDATE trial SET checksum = ? WHERE id = ?");
    TrialReader reader(connection);
    std::vector<std::pair<std::int64_t, std::string>> checksums;
    while (query.step()) {
        const TrialRow row = reader.read(query);
        checksums.emplace_back(row.id, checksum(row.id, row.trial));
    }
    for (const auto& [id, sum] : checksums) {
        seal.run(sum, id);
    }
}

DamagedDatabase damaged_trial(const SqliteConnection& connection, std::int64_t id) {
    return DamagedDatabase(
        fmt::format("reading the tuning database {}: trial {} is damaged; {}", connection.path(), id, kSalvageAdvice));
}

const std::string TrialReader::kColumns =
    "id, workload_id, config, target, architecture, device, driver, toolkit, source_digest, compile_options, "
    "library_version, outcome, note, registers, spill_store_bytes, spill_load_bytes, stack_bytes, static_smem_bytes, "
    "modelled_us, time_kind, median_us, batch_us, verified_on, max_error, tolerance, recorded_at, checksum";

TrialReader::TrialReader(SqliteConnection& connection)
    : connection_(connection),
      workload_(connection, "SELECT family, dtype, options FROM workload WHERE id = ?"),
      dimensions_(connection, "SELECT name, value FROM dimension WHERE workload_id = ?"),
      samples_(connection, "SELECT microseconds FROM sample WHERE trial_id = ? AND timing = ? ORDER BY position") {}

std::vector<Trial> TrialReader::read_all(SqliteStatement& query) {
    std::vector<Trial> trials;
    while (query.step()) {
        trials.push_back(read_whole(query));
    }
    return trials;
}

std::optional<Trial> TrialReader::read_first(SqliteStatement& query,
                                             const std::function<bool(const Trial&)>& accepted) {
    while (query.step()) {
        if (Trial trial = read_whole(query); accepted(trial)) {
            return trial;
        }
    }
    return std::nullopt;
}

Trial TrialReader::read_whole(const SqliteStatement& row) {
    TrialRow read_row = read(row);
    if (read_row.checksum != checksum(read_row.id, read_row.trial)) {
        throw damaged_trial(connection_, read_row.id);
    }
    return std::move(read_row.trial);
}

TrialRow TrialReader::read(const SqliteStatement& row) {
    std::int64_t id = row.integer(0);
    Trial trial{.workload = workload(row.integer(1)), .config = row.text(2)};
    trial.provenance = {row.text(3), row.text(4), row.text(5), row.text(6),
                        row.text(7), row.text(8), row.text(9), row.text(10)};
    trial.outcome = known(parse_outcome(row.text(11)), connection_, "an outcome", row.text(11));
    trial.note = row.text(12);
    trial.resources = {row.integer(13), row.integer(14), row.integer(15), row.integer(16), row.integer(17)};
    trial.modelled_us = row.real(18);
    trial.kind = known(parse_time_kind(row.text(19)), connection_, "a kind of time", row.text(19));
    trial.median_us = row.real(20);
    trial.samples_us = read_samples(id, "cold");
    trial.batch_us = row.real(21);
    trial.batch_samples_us = read_samples(id, "batch");
    trial.verified_on = row.text(22);
    trial.max_error = row.real(23);
    trial.tolerance = row.real(24);
    trial.recorded_at = row.text(25);
    return {.id = id, .trial = std::move(trial), .checksum = row.text(26)};
}

std::vector<double> TrialReader::read_samples(std::int64_t trial_id, std::string_view timing) {
    std::vector<double> samples_us;
    samples_.bind(trial_id, timing);
    while (samples_.step()) {
        samples_us.push_back(samples_.real(0));
    }
    return samples_us;
}

const Workload& TrialReader::workload(std::int64_t id) {
    auto found = workloads_.find(id);
    if (found != workloads_.end()) {
        return found->second;
    }
    workload_.bind(id).step();
    Workload workload{.family = workload_.text(0)};
    workload.dtype = known(parse_dtype(workload_.text(1)), connection_, "a dtype", workload_.text(1));
    workload.options = parse_options(workload_.text(2));
    dimensions_.bind(id);
    while (dimensions_.step()) {
        workload.dims[dimensions_.text(0)] = dimensions_.integer(1);
    }
    return workloads_.emplace(id, std::move(workload)).first->second;
}

}  // namespace warpsmith
