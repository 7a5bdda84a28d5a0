// The best trial of each workload on a target, read in one pass over the tuning database.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "cache/slot_table.hpp"
#include "cache/sqlite.hpp"
#include "cache/trial.hpp"

namespace warpsmith {

// Text that stays where it is as long as this lives, also when this is moved. A zero follows each.
class TextBlocks {
  public:
    std::string_view add(std::string_view text);

  private:
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t room_ = 0;  // at the end of the last block
    char* next_ = nullptr;
};

// The same, each text once: equal ones have equal addresses.
class Strings {
  public:
    std::string_view keep(std::string_view text) { return texts_[number(text)]; }

    // Counted from 0 in the order in which they came.
    std::uint32_t number(std::string_view text);
    std::string_view text(std::uint32_t number) const { return texts_[number]; }

  private:
    TextBlocks blocks_;
    std::vector<std::string_view> texts_;
    SlotTable table_;  // of texts_
};

// Stands for kept text in hashes.
inline std::uint64_t address(std::string_view kept) {
    return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(kept.data()));
}

struct Winner {
    std::int64_t trial_id = 0;
    std::string_view workload;  // canonical text
    std::string_view config, source_digest, toolkit;
    bool verified = false;  // else compiled, and ranked by the model only
    TimeKind kind = TimeKind::none;
    double median_us = 0;

    bool operator==(const Winner&) const = default;
};

// Text of workloads is of `workloads`, all other text of the Strings that it was read into.
struct Winners {
    std::vector<Winner> candidates;   // the newest of each configuration
    std::vector<std::uint32_t> best;  // of each workload that has one: which of them
    TextBlocks workloads;
};

// Which trial wins is what TuningDb::best says of an exact answer; where none of a workload is verified and `modelled`
// is set, it is the best of those that compiled. Throws Error where the file cannot be read.
Winners read_winners(SqliteConnection& connection, std::string_view target, bool modelled, Strings& strings);

// Reads the winner's row again, whole. Throws DamagedDatabase where it has not its checksum, and Error where it is not
// the row that was read before. Files of schema 1 have no checksums.
void require_row(SqliteConnection& connection, const Winner& winner);

}  // namespace warpsmith
