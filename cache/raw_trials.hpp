// What rows from the pages of a damaged tuning database say, read without its tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cache/page_scan.hpp"
#include "cache/trial.hpp"

namespace warpsmith {

// One character for each value: n, i, r or t. It tells the tables from each other.
std::string shape(const std::vector<RawValue>& values);

// The value, which has to be of this kind.
std::string text(const RawValue& value);
std::int64_t integer(const RawValue& value);
double real(const RawValue& value);  // SQLite keeps one that is whole as an integer

// The workload that a key stands for: its dimensions are the words before its dtype, its options those after.
std::optional<Workload> parse_key(const std::string& key);

// A row of the table of trials, without what it refers to.
struct TrialReading {
    std::int64_t workload_id = 0, environment_id = 0;
    Trial trial;
    std::string checksum;  // empty in a row of schema 1
};

bool is_trial(std::string shape);

// Nothing where its outcome or kind of time is none that is known. The row has the shape of a trial.
std::optional<TrialReading> trial_reading(const std::vector<RawValue>& row);

}  // namespace warpsmith
