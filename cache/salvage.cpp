#include "cache/salvage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "cache/durable_folder.hpp"
#include "cache/raw_trials.hpp"
#include "cache/trial_checksum.hpp"
#include "cache/trial_rows.hpp"
#include "cache/trial_rules.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

// Different readings of one row: damage and leftovers may make several. The checksum tells which is right.
template <class Reading>
using Readings = std::map<std::int64_t, std::vector<Reading>>;

constexpr std::size_t kMostReadings = 4;  // of one row

template <class Reading>
void add(Readings<Reading>& readings, std::int64_t id, const Reading& reading) {
    std::vector<Reading>& same = readings[id];
    if (same.size() < kMostReadings && std::ranges::find(same, reading) == same.end()) {
        same.push_back(reading);
    }
}

template <class Reading>
const std::vector<Reading>& of(const Readings<Reading>& readings, std::int64_t id) {
    static const std::vector<Reading> none;
    const auto found = readings.find(id);
    return found == readings.end() ? none : found->second;
}

using Environment = std::vector<std::string>;  // target ... library_version, in the order of the table

class Salvage {
  public:
    void take(const RawRow& row) {
        const std::string letters = shape(row.values);
        if (row.rowid && letters == "ntttt") {
            add_workload(*row.rowid, text(row.values[1]));
        } else if (!row.rowid && letters == "ti") {  // the index of the workloads' keys
            add_workload(integer(row.values[1]), text(row.values[0]));
        } else if (row.rowid && letters == "nttttttt") {
            add_environment(*row.rowid, std::span(row.values).subspan(1));
        } else if (!row.rowid && letters == "ttttttti") {  // the index of the environments
            add_environment(integer(row.values.back()), std::span(row.values).first(row.values.size() - 1));
        } else if (!row.rowid && (letters == "itir" || letters == "itii")) {
            samples_[{integer(row.values[0]), text(row.values[1])}][integer(row.values[2])] = real(row.values[3]);
        } else if (row.rowid && letters == "ntttttt") {
            add_imported_file(*row.rowid, row.values);
        } else if (row.rowid && (letters == "nittittttt" || letters == "nittrttttt")) {
            add(results_, *row.rowid, row.values);
        } else if (row.rowid && is_trial(letters)) {
            add_trial(*row.rowid, row.values);
        }
    }

    Salvaged result() {
        Salvaged saved;
        std::int64_t last = 0;
        std::size_t failed = 0;
        const bool sealed = std::ranges::any_of(trials_, [](const auto& readings) {
            return std::ranges::any_of(readings.second, [](const auto& reading) { return !reading.checksum.empty(); });
        });
        for (const auto& [id, readings] : trials_) {
            if (sealed ? take_sealed(id, readings, saved) : take_unsealed(id, readings, saved)) {
                last = id;
            } else {
                ++failed;
            }
        }
        take_imported(saved);
        // Numbers are given out one after another; without a checksum they may be wrong themselves.
        const auto numbered = sealed ? static_cast<std::size_t>(last) : 0;
        const std::size_t gaps = numbered - std::min(numbered, saved.trials.size());
        saved.lost += std::max(gaps, failed);
        return saved;
    }

  private:
    void add_workload(std::int64_t id, const std::string& key) {
        if (const std::optional<Workload> workload = parse_key(key)) {
            add(workloads_, id, *workload);
        }
    }

    void add_environment(std::int64_t id, std::span<const RawValue> columns) {
        Environment environment;
        for (const RawValue& column : columns) {
            environment.push_back(text(column));
        }
        add(environments_, id, environment);
    }

    void add_trial(std::int64_t id, const std::vector<RawValue>& row) {
        std::vector<TrialReading>& same = trials_[id];
        if (const std::optional<TrialReading> reading = trial_reading(row); reading && same.size() < kMostReadings) {
            same.push_back(*reading);
        }
    }

    void add_imported_file(std::int64_t id, const std::vector<RawValue>& row) {
        if (std::vector<ImportedFile>& same = imported_files_[id]; same.size() < kMostReadings) {
            same.push_back({text(row[1]), text(row[2]), text(row[3]), text(row[4]), text(row[5]), text(row[6]), {}});
        }
    }

    void take_imported(Salvaged& saved) const {
        std::vector<ImportedRow> rows;
        for (const auto& [id, readings] : results_) {
            for (const std::vector<RawValue>& row : readings) {
                if (std::optional<ImportedRow> whole = imported_row(id, row)) {
                    rows.push_back(std::move(*whole));
                    break;
                }
            }
        }
        const auto last = rows.empty() ? 0 : static_cast<std::size_t>(rows.back().id);
        saved.lost += std::max(last - std::min(last, rows.size()), results_.size() - rows.size());
        saved.imported = grouped(rows);
    }

    // With the reading of its file that its checksum is of.
    std::optional<ImportedRow> imported_row(std::int64_t id, const std::vector<RawValue>& row) const {
        for (const ImportedFile& file : of(imported_files_, integer(row[1]))) {
            ImportedRow whole{.id = id,
                              .file = file,
                              .result = {text(row[2]), text(row[3]), real(row[4]), parse_samples(text(row[5])),
                                         text(row[6]), text(row[7]), text(row[8])},
                              .checksum = text(row[9])};
            if (whole.checksum == checksum(id, whole.file, whole.result)) {
                return whole;
            }
        }
        return std::nullopt;
    }

    std::vector<double> samples(std::int64_t id, const std::string& timing) const {
        std::vector<double> microseconds;
        const auto found = samples_.find({id, timing});
        if (found != samples_.end()) {
            for (const auto& [position, value] : found->second) {
                microseconds.push_back(value);
            }
        }
        return microseconds;
    }

    // What a row comes to with each reading of what it refers to.
    std::vector<Trial> completed(std::int64_t id, const TrialReading& reading) const {
        std::vector<Trial> trials;
        for (const Workload& workload : of(workloads_, reading.workload_id)) {
            for (const Environment& place : of(environments_, reading.environment_id)) {
                Trial& trial = trials.emplace_back(reading.trial);
                trial.workload = workload;
                trial.provenance = {place[0], place[1], place[2], place[3], place[4], trial.provenance.source_digest,
                                    place[5], place[6]};
                trial.samples_us = samples(id, "cold");
                trial.batch_samples_us = samples(id, "batch");
            }
        }
        return trials;
    }

    bool take_sealed(std::int64_t id, const std::vector<TrialReading>& readings, Salvaged& saved) const {
        for (const TrialReading& reading : readings) {
            for (Trial& trial : completed(id, reading)) {
                if (!whole_but_for_samples(reading.checksum, id, trial)) {
                    continue;
                }
                if (reading.checksum != checksum(id, trial)) {
                    trial.samples_us.clear();
                    trial.batch_samples_us.clear();
                }
                const bool whole = reading.checksum == checksum(id, trial);  // it may never have had any
                if (broken_rule(trial).empty()) {
                    saved.without_samples += whole ? 0 : 1;
                    saved.trials.push_back(std::move(trial));
                    return true;
                }
            }
        }
        return false;
    }

    // Without a checksum, two readings that differ are both in doubt.
    bool take_unsealed(std::int64_t id, const std::vector<TrialReading>& readings, Salvaged& saved) const {
        if (readings.size() != 1) {
            return false;
        }
        std::vector<Trial> trials = completed(id, readings.front());
        if (trials.size() != 1 || !broken_rule(trials.front()).empty()) {
            return false;
        }
        saved.trials.push_back(std::move(trials.front()));
        ++saved.unsealed;
        return true;
    }

    Readings<Workload> workloads_;
    Readings<Environment> environments_;
    Readings<TrialReading> trials_;
    Readings<ImportedFile> imported_files_;
    Readings<std::vector<RawValue>> results_;  // imported ones
    std::map<std::pair<std::int64_t, std::string>, std::map<std::int64_t, double>> samples_;
};

}  // namespace

Salvaged salvage(const std::string& path) {
    const std::optional<std::string> file = read_bytes(path);
    if (!file) {
        throw Error(fmt::format("salvaging {}: it cannot be read; check its permissions", path));
    }
    Salvage rows;
    scan_rows(*file, [&](const RawRow& row) { rows.take(row); });
    return rows.result();
}

}  // namespace warpsmith
