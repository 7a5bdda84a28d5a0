// The tuning loop: solve, compile, look at resources, rank by the model, verify the most promising, time, record.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cache/tuning_db.hpp"
#include "generator/source.hpp"
#include "templates/source_files.hpp"
#include "tuner/bench.hpp"
#include "tuner/model.hpp"
#include "tuner/search_limits.hpp"

namespace warpsmith {

struct TuneOptions {
    int verify_count = 4;    // right candidates wanted where times are modelled: the most promising; a GPU takes all
    SearchLimits limits;     // where nothing is timed, trials are the model's first candidates, and patience counts not
    std::string strategy;    // on a GPU; empty: all, in the model's order, and with limits the default strategy
    unsigned jobs = 0;       // compilations or emulators at a time; 0 is one per core
    std::uint64_t seed = 1;  // of the strategy
    bool retry = false;      // what is blocked too
    std::string library_version;
};

enum class Phase : std::uint8_t { solve, compile, verify, measure };

// Called from the thread that tunes; done counts up to total within a phase.
using Progress = std::function<void(Phase phase, std::size_t done, std::size_t total)>;

// Seconds of each phase, and what was done in it.
struct TuneReport {
    Workload workload;
    std::size_t candidates = 0;
    std::size_t compiled = 0;   // by this run; the rest were known
    std::size_t verified = 0;   // by this run, right or wrong
    std::size_t failed = 0;     // of all candidates: neither ok nor modelled
    bool complete = true;       // false when a limit or an interrupt ended it early
    std::optional<Trial> best;  // the fastest that is verified on this run's device
    std::string why;            // one line: what bounds the winner, how far ahead of the next it is, what failed
    double solve_s = 0, compile_s = 0, verify_s = 0, measure_s = 0, record_s = 0;
};

// What a run works with.
struct TuneContext {
    std::function<std::unique_ptr<Bench>(const Workload&)> make_bench;  // where candidates are compiled and run
    std::string toolkit;                                                // version of its compiler
    TuningDb* db = nullptr;                                             // must be given, as the two above
    const std::atomic<bool>* interrupted = nullptr;                     // set by Ctrl-C
    Progress progress;
    std::span<const SourceFile> sources = source_files();
    std::function<Source(const Config&)> render =
        {};                // of a kernel of the user's own; empty: the family's, of `sources`
    bool counted = false;  // no model knows the kernel: without a GPU, times are modelled from what the emulator counts
};

// Results are recorded as they come, and what is recorded of the same sources, compiler and device is not done again.
// Throws Error when no configuration fits, with the limit that leaves none.
TuneReport tune(const Family& family, const Workload& workload, const Target& target, const TuneOptions& options,
                const TuneContext& context);

}  // namespace warpsmith
