// One configuration tried: what was tried, where, with what, and what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "generator/compile.hpp"
#include "templates/family.hpp"

namespace warpsmith {

// How far a candidate came; every one that was tried ends as one of these.
enum class Outcome : std::uint8_t {
    ok,             // compiled, fits, verified, timed
    modelled,       // compiled and fits; ranked by the model only
    compile_error,  // the compiler refused it
    spills,         // compiled, but registers spill to local memory
    does_not_fit,   // needs more registers or shared memory than a block may have
    launch_error,   // the device refused or the kernel faulted
    wrong_result,   // ran, but differs from the reference by more than the tolerance
    crashed,        // ended the process that compiled or ran it, which may have run out of memory
    timed_out,      // hung, or took far longer than others
    blocked,        // did one of these two a second time: it is not tried again unless asked for
};
std::string_view name(Outcome outcome);
std::optional<Outcome> parse_outcome(std::string_view text);

// Whether a time came from a clock or from the model. One never stands in for the other.
enum class TimeKind : std::uint8_t { none, modelled, measured };
std::string_view name(TimeKind kind);
std::optional<TimeKind> parse_time_kind(std::string_view text);

// Everything that a trial's validity depends on besides the workload and the configuration.
struct Provenance {
    std::string target;           // "h200"
    std::string architecture;     // "sm_90a"
    std::string device;           // "NVIDIA H200" where it ran on a GPU, "emulator" where it ran on that, else empty
    std::string driver;           // driver version, empty without a GPU
    std::string toolkit;          // "13.0"
    std::string source_digest;    // of the rendered source, its headers and the compile options
    std::string compile_options;  // joined by spaces
    std::string library_version;  // of Warpsmith
    bool operator==(const Provenance&) const = default;
};

struct Trial {
    Workload workload;
    std::string config;  // Config::key()
    Provenance provenance;
    Outcome outcome = Outcome::modelled;
    std::string note;  // why, in one line: the compiler's words, the largest error, the limit that is exceeded
    Resources resources;
    double modelled_us = 0;                // 0 where the model was not asked
    TimeKind kind = TimeKind::none;        // of median_us
    double median_us = 0;                  // measured with a cold L2 where kind says so, else equal to modelled_us
    std::vector<double> samples_us;        // raw, one per launch with a cold L2
    double batch_us = 0;                   // median of the next; 0 where nothing was measured
    std::vector<double> batch_samples_us;  // raw, each the mean of launches back to back
    std::string verified_on;               // "", "emulator", "gpu"
    double max_error = 0;                  // largest absolute difference from the double-precision reference
    double tolerance = 0;                  // what it was allowed to be, for the output that came nearest to it
    std::string recorded_at;               // UTC, ISO 8601; filled in by TuningDb::record where empty
};

}  // namespace warpsmith
