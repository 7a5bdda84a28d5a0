// Which recorded trial answers for a workload.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "cache/sqlite.hpp"
#include "cache/trial.hpp"

namespace warpsmith {

// How an answer is known.
enum class Basis : std::uint8_t {
    exact,    // this very workload was tuned for this target
    nearest,  // another workload of the same fixed dimensions was
};

// The answer to "which configuration": the trial it rests on, and how near that is to what was asked.
struct Choice {
    Trial trial;
    Basis basis = Basis::exact;
    double distance = 0;  // Euclidean, over the logarithms (base 2) of the runtime dimensions; 0 when exact
};

struct Asked {
    const Workload& workload;
    std::string_view target;
    std::span<const Family> families;
};

// Whether a trial may answer for the workload that is asked.
using Accepted = std::function<bool(const Trial&)>;

// The fastest verified trial for the workload on the target: measured ones before modelled ones, ties by the
// configuration's text. A trial counts while it is the newest of its configuration on its device, whatever its source,
// and is accepted. Nearest looks among workloads of the same family, dtype, options and fixed dimensions; one whose
// fastest is not accepted makes way for the next, as in LookupIndex. Throws DamagedDatabase where a row that is looked
// at has not its checksum.
std::optional<Choice> best_trial(SqliteConnection& connection, const Asked& asked, const Accepted& accepted);

}  // namespace warpsmith
