// Trials as rows of the tuning database, and back.
#pragma once

#include <map>
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
    void write_samples(std::int64_t trial_id, std::string_view timing, const std::vector<double>& samples_us);

    SqliteConnection& connection_;
    SqliteStatement insert_workload_, find_workload_, insert_dimension_;
    SqliteStatement insert_environment_, find_environment_;
    SqliteStatement insert_trial_, insert_sample_;
};

// Reads trials and workloads. Throws Error where a row holds what this version does not know.
class TrialReader {
  public:
    explicit TrialReader(SqliteConnection& connection);

    // All rows of a query that was bound: one over newest_trial or trial_record that selects kColumns first.
    std::vector<Trial> read_all(SqliteStatement& query);
    const Workload& workload(std::int64_t id);

    static const std::string kColumns;

  private:
    Trial read(const SqliteStatement& row);
    std::vector<double> read_samples(std::int64_t trial_id, std::string_view timing);

    SqliteConnection& connection_;
    SqliteStatement workload_, dimensions_, samples_;
    std::map<std::int64_t, Workload> workloads_;
};

}  // namespace warpsmith
