// What a tuning database says of one target, read into indices that answer without it.
#pragma once

#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "cache/loaded_kernels.hpp"
#include "cache/lookup_index.hpp"
#include "cache/sqlite.hpp"
#include "cache/winners.hpp"
#include "templates/target.hpp"

namespace warpsmith {

// One state of the database.
struct Indices {
    LookupIndex verified;
    LookupIndex modelled;  // workloads of which nothing is verified; empty where they are not wanted
};

// What the indices point to, kept as long as this lives: what was found once may be found again after the next
// reading, and an answer that somebody still holds stays readable. It grows by what is new in the database alone.
class Catalogue {
  public:
    // Keeps a view of the families.
    Catalogue(Target target, bool modelled, std::span<const Family> families);

    // Reads the database's present state. Workloads and configurations that this version does not know are left out.
    // Throws Error where the file cannot be read.
    std::unique_ptr<const Indices> read(SqliteConnection& connection);

    const WorkloadCoder& coder() const { return coder_; }
    const Target& target() const { return target_; }

  private:
    // A configuration of a kernel, and the kernel as its fixed dimensions.
    struct Known {
        WorkloadCode fixed;
        std::string_view config;
        FittedConfig fitted;
    };
    class Kernels;

    AnsweredRow& keep(const Winner& winner);
    AnsweredRow& add(const Winner& kept);  // whose text stays
    KernelSlot& slot_of(const Winner& winner);
    const FittedConfig& fitted(const WorkloadCode& code, const Winner& winner, Kernels& kernels);

    Target target_;
    bool modelled_;
    WorkloadCoder coder_;
    Strings strings_;
    TextBlocks workloads_;  // of answered_
    std::deque<AnsweredRow> answered_;
    SlotTable by_trial_;  // of answered_
    std::deque<Known> configs_;
    SlotTable by_config_;  // of configs_
    std::deque<KernelSlot> kernels_;
    SlotTable by_digest_;  // of kernels_
};

}  // namespace warpsmith
