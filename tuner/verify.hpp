// Verification: a kernel's outputs against the double-precision reference, under a tolerance that scales with the
// dtype.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "device/device.hpp"
#include "templates/family.hpp"

namespace warpsmith {

// One output compared. tolerance = 2 * (largest error of the reference rounded to the dtype) + floor, where
// floor = 2 * max |(r + 0.3 - 0.3) - r| computed in the dtype over the exact reference r: the rule of FlashAttention's
// tests. In f32 the first term is twice that.
struct OutputError {
    std::string tensor;
    double max_error = 0;  // infinite where the kernel gave a NaN or infinity that the reference has not
    double tolerance = 0;
    bool within() const { return max_error <= tolerance; }
};

struct Verification {
    std::vector<OutputError> outputs;
    LaunchOutcome launch;
    std::vector<std::string> defects;  // writes outside the outputs, elements never written; one line each
    Tensors computed;                  // what the kernel wrote
    bool ok() const;
    const OutputError* worst() const;  // largest max_error / tolerance; null when nothing ran
    std::string summary() const;       // one line
};

// A workload's data and what should come out, shared by all candidates of the workload. Values that are not finite in
// the reference must be the same in the output and set no tolerance; what is NaN may also be left unwritten.
struct Problem {
    Workload workload;
    Tensors inputs;
    Tensors expected;                // exact reference
    std::vector<double> tolerances;  // one per expected tensor
    // Exact, too, with the slopes of the other sides of kinks that rounding may cross. Asked for where an output is not
    // as expected: each of its elements is to be as here or as there. Computed once, from `inputs`.
    std::function<const Tensors&(const Tensors& inputs)> other_side;
};
Problem make_problem(const Family& family, const Workload& workload, std::uint64_t seed);
Problem make_problem(const Family& family, const Workload& workload, Tensors inputs);

// Runs one compiled configuration once, on a GPU with guard zones around every tensor, and compares every output.
// A kernel that the device does not take is a result too.
Verification verify(Device& device, const Family& family, const Problem& problem, const Space& space,
                    const Solution& solution, const Compiled& compiled);

class Staging;

// The same with a problem that is staged already, for many configurations one after another.
Verification verify(Kernel& kernel, const LaunchShape& shape, const Problem& problem, Staging& staging);

}  // namespace warpsmith
