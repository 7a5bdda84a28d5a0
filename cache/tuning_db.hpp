// The tuning database: one SQLite file that records every trial and answers which configuration to use.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/best_trial.hpp"
#include "cache/imported.hpp"
#include "cache/trial.hpp"

namespace warpsmith {

class TuningDb {
  public:
    enum class Mode : std::uint8_t { read_write, read_only };

    // Opens or, in read_write, creates the file; ":memory:" is a database of its own. Throws Error, with nothing
    // changed, when the file is not a tuning database, is of a later schema, is damaged, or cannot be written. Many
    // processes may have it open; one object is used by one thread at a time.
    explicit TuningDb(const std::string& path, Mode mode = Mode::read_write);
    ~TuningDb();
    TuningDb(TuningDb&&) noexcept;
    TuningDb& operator=(TuningDb&&) noexcept;

    // Adds trials in one transaction: all or none, and on the disk for good when it returns. A trial with the workload,
    // configuration and provenance of a recorded one becomes the newest of them; nothing is overwritten. Which of two
    // is the newer is told by recorded_at, where that is equal by their order here.
    void record(std::span<const Trial> trials);
    void record(const Trial& trial) { record(std::span(&trial, 1)); }

    // Adds, as record() does, those of which no equal one is there, by all that a trial has; the same one twice counts
    // once. How many were added.
    std::size_t record_missing(std::span<const Trial> trials);

    // Adds results of other tuners, which stay apart from trials: best() and list() do not know them. Those that are
    // there already, by all that they say, are not added again.
    AddedResults add_imported(std::span<const ImportedFile> files);
    std::vector<ImportedFile> imported() const;

    // Every trial, in the order in which they came into the file.
    std::vector<Trial> all() const;

    // The newest trial of each configuration and source with this workload and provenance, oldest first. Source digest
    // and compile options, which the digest covers, are not asked for: they differ by configuration.
    std::vector<Trial> trials(const Workload& workload, const Provenance& provenance) const;

    // The newest trial of each configuration, workload and provenance, newest first; empty filters take all.
    std::vector<Trial> list(std::string_view family = {}, std::string_view target = {}) const;

    // As best_trial().
    std::optional<Choice> best(
        const Workload& workload, std::string_view target, std::span<const Family> families,
        const Accepted& accepted = [](const Trial&) { return true; }) const;

    const std::string& path() const { return path_; }

  private:
    struct Connection;
    std::string path_;
    std::unique_ptr<Connection> connection_;
};

}  // namespace warpsmith
