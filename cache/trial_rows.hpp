// Trials as rows of the tuning database, and back.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cache/sqlite.hpp"
#include "cache/trial.hpp"

namespace warpsmith {

// "mask=causal pass=forward": how the column `options` holds a workload's options.
std::string options_text(const Workload& workload);

// Adds trials; to be used within one transaction.
class TrialWriter {
  public:
    explicit TrialWriter(SqliteConnection& connection);
    void write(const Trial& trial);

  private:
    std::int64_t workload_id(const Workload& workload);
    std::int64_t environment_id(const Provenance& provenance);
    std::int64_t next_id();
    void write_samples(std::int64_t trial_id, std::string_view timing, const std::vector<double>& samples_us);

    SqliteConnection& connection_;
    SqliteStatement insert_workload_, find_workload_, insert_dimension_;
    SqliteStatement insert_environment_, find_environment_;
    SqliteStatement last_trial_, insert_trial_, insert_sample_;
};

// Gives every trial that has none its checksum; to be used within one transaction.
void seal_trials(SqliteConnection& connection);

// A trial with its row's number and the checksum that the row carries.
struct TrialRow {
    std::int64_t id = 0;
    Trial trial;
    std::string checksum;
};

// What is thrown where a row has not its checksum.
DamagedDatabase damaged_trial(const SqliteConnection& connection, std::int64_t id);

// Reads trials and workloads. Throws Error where a row holds what this version does not know.
class TrialReader {
  public:
    explicit TrialReader(SqliteConnection& connection);

    // All rows of a query that was bound: one over newest_trial or trial_record that selects kColumns first. Throws
    // Error, too, where a row does not have its checksum.
    std::vector<Trial> read_all(SqliteStatement& query);
    // The first of them that is accepted.
    std::optional<Trial> read_first(SqliteStatement& query, const std::function<bool(const Trial&)>& accepted);
    // The row that such a query stands at, whatever its checksum.
    TrialRow read(const SqliteStatement& row);
    const Workload& workload(std::int64_t id);

    static const std::string kColumns;

  private:
    Trial read_whole(const SqliteStatement& row);
    std::vector<double> read_samples(std::int64_t trial_id, std::string_view timing);

    SqliteConnection& connection_;
    SqliteStatement workload_, dimensions_, samples_;
    std::map<std::int64_t, Workload> workloads_;
};

}  // namespace warpsmith
