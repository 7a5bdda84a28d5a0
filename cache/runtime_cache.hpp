// The run-time library behind its C interface: a tuning database opened once, asked by many threads.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "cache/catalogue.hpp"
#include "cache/loaded_kernels.hpp"
#include "cache/own_kernel/own_answers.hpp"
#include "cache/published.hpp"

namespace warpsmith {

struct RuntimeOptions {
    std::string database;
    Target target;
    bool accept_modelled = false;
    KernelPlaces kernels;
    std::span<const Family> families = warpsmith::families();
};

struct Answer {
    Match match;
    bool modelled = false;  // never verified
};

class RuntimeCache {
  public:
    // Throws Error when there is no such file, it is no tuning database, holds nothing, is of another schema or
    // damaged.
    explicit RuntimeCache(RuntimeOptions options);

    // Takes no lock and allocates nothing.
    Answer find(const WorkloadCode& asked) const;

    // The code to ask for a kernel of the user's own with: see OwnAnswers.
    WorkloadCode add_own_kernel(const std::string& t1_file);

    // Takes in what the database has now. False when nothing has changed. Throws Error, with answers as they were.
    bool refresh();

    // The kernel of an answer: see LoadedKernels. At its first use the row that names it is read whole. Throws
    // DamagedDatabase where it has not its checksum, Error where the file was replaced by one that has another there.
    const Compiled* fetch(AnsweredRow& row);
    const LoadedKernel* load(AnsweredRow& row);

    std::size_t size() const;
    const WorkloadCoder& coder() const { return catalogue_.coder(); }
    const RuntimeOptions& options() const { return options_; }

  private:
    // Which file it is: one may be renamed into its place.
    struct FileIdentity {
        std::uint64_t device = 0, number = 0;
        bool operator==(const FileIdentity&) const = default;
    };
    struct Source {
        FileIdentity identity;
        SqliteConnection connection;
        std::int64_t data_version = 0;

        explicit Source(const std::string& path);
    };

    static FileIdentity identity_of(const std::string& path);
    void require_sound(AnsweredRow& row);

    RuntimeOptions options_;
    Catalogue catalogue_;
    std::mutex refreshing_;  // over changes of the four around it
    std::unique_ptr<Source> source_;
    OwnAnswers own_;
    Published<Indices> indices_;
    LoadedKernels kernels_;
};

}  // namespace warpsmith
