// The sizes at which a run's kernels are verified, with the data, and each configuration's launch at them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tuner/tune_run.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {

struct VerificationCase {
    Problem problem;
    Space space;
    std::map<std::string, Solution> solutions;  // by the configuration's text
};

VerificationCase make_verification_case(const Family& family, const Workload& workload, const Target& target,
                                        std::uint64_t seed);

enum class Sizes : std::uint8_t { full, reduced };

// Full where the double-precision reference and comparing with it take seconds at most, by the arithmetic that the
// candidates do and the elements of the tensors.
Sizes affordable_sizes(const TuneRun& run);

// The case that each candidate of a run is verified in. The compiled kernel is the same at reduced sizes, where a
// reference takes seconds and not hours; a configuration that the space of the reduced sizes lacks runs at full size.
class VerificationCases {
  public:
    VerificationCases(const TuneRun& run, Sizes sizes);

    // Prepares the case of a candidate; case_of() then only looks, so that threads may share it.
    void prepare(const Candidate& candidate);
    const VerificationCase& case_of(const Candidate& candidate) const;

  private:
    bool is_reduced(const Candidate& candidate) const;
    VerificationCase made(const Workload& workload) const;

    const TuneRun& run_;
    std::optional<VerificationCase> reduced_, full_;
};

}  // namespace warpsmith
