// The sizes at which a workload's kernels are verified, with the data, and each configuration's launch at them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>

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
// configurations of the space do and the elements of the tensors.
Sizes affordable_sizes(const Family& family, const Workload& workload, const Space& space,
                       std::span<const Solution* const> solutions);

// The case that each configuration is verified in. The compiled kernel is the same at reduced sizes, where a reference
// takes seconds and not hours; a configuration that the space of the reduced sizes lacks runs at full size.
class VerificationCases {
  public:
    VerificationCases(const Family& family, const Workload& workload, const Target& target, std::uint64_t seed)
        : family_(family), workload_(workload), target_(target), seed_(seed) {}

    // Made when it is first asked for; safe on several threads, of which the others wait meanwhile.
    const VerificationCase& case_of(const Config& config, Sizes sizes);

  private:
    const VerificationCase& made_once(std::optional<VerificationCase>& made, const Workload& workload) const;

    const Family& family_;
    const Workload& workload_;
    const Target& target_;
    std::uint64_t seed_;
    std::mutex mutex_;
    std::optional<VerificationCase> reduced_, full_;
};

}  // namespace warpsmith
