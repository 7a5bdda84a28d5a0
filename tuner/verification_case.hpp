// The sizes at which a run's kernels are verified, with the data, and each configuration's launch at them.
#pragma once

#include <map>
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

}  // namespace warpsmith
