#include "tuner/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>

#include "solver/error.hpp"
#include "tuner/launch_shape.hpp"
#include "tuner/staging.hpp"

namespace warpsmith {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double difference(double expected, double computed) {
    if (expected == computed || (std::isnan(expected) && std::isnan(computed))) {
        return 0;
    }
    double apart = std::abs(computed - expected);
    return std::isfinite(apart) ? apart : kInfinity;
}

// From the one or the other, whichever is closer, element by element.
double largest_difference(std::span<const double> expected, std::span<const double> other,
                          std::span<const double> computed) {
    double largest = expected.size() == computed.size() && other.size() == computed.size() ? 0 : kInfinity;
    for (std::size_t i = 0; i < std::min({expected.size(), other.size(), computed.size()}); ++i) {
        largest = std::max(largest, std::min(difference(expected[i], computed[i]), difference(other[i], computed[i])));
    }
    return largest;
}

double largest_difference(std::span<const double> expected, std::span<const double> computed) {
    return largest_difference(expected, expected, computed);
}

// Computed when it is first asked for, by whichever thread, and kept: a wrong candidate rarely comes alone.
std::function<const Tensors&(const Tensors&)> once(std::function<Tensors(const Tensors&)> compute) {
    struct Kept {
        std::once_flag flag;
        Tensors tensors;
    };
    return [compute = std::move(compute), kept = std::make_shared<Kept>()](const Tensors& inputs) -> const Tensors& {
        std::call_once(kept->flag, [&] { kept->tensors = compute(inputs); });
        return kept->tensors;
    };
}

// What the dtype itself makes of r + 0.3 - 0.3, where r is as large as the outputs are.
double floor_of(double reference, DType dtype) {
    double stored = round_to(dtype, reference);
    double there_and_back = round_to(dtype, round_to(dtype, stored + 0.3) - 0.3);
    return std::abs(there_and_back - stored);
}

// How much larger a kernel's error may be than that of the same computation in the dtype. A kernel computes in f32:
// there its functions (exp, tanh, quotients) are off by up to two units in the last place, the reference's by half of
// one.
double error_factor(DType dtype) {
    return dtype == DType::f32 ? 4 : 2;
}

// https://github.com/Dao-AILab/flash-attention, tests/cute/test_flash_attn.py: twice the error of the same computation
// in the dtype, and twice the floor.
double tolerance_of(const Tensor& exact, const Tensor& rounded, DType dtype) {
    double error = 0, floor = 0;
    for (std::size_t i = 0; i < exact.values.size(); ++i) {
        double apart = std::abs(rounded.values[i] - exact.values[i]);
        double smallest = floor_of(exact.values[i], exact.spec.dtype);
        error = std::isfinite(apart) ? std::max(error, apart) : error;
        floor = std::isfinite(smallest) ? std::max(floor, smallest) : floor;
    }
    return error_factor(dtype) * error + 2 * floor;
}

double share_of_tolerance(const OutputError& error) {
    return error.max_error == 0 ? 0 : error.max_error / error.tolerance;
}

void compare_with_other_side(const Problem& problem, Verification& result) {
    const Tensors& other = problem.other_side(problem.inputs);
    for (std::size_t i = 0; i < problem.expected.size(); ++i) {
        const std::string& name = result.outputs[i].tensor;
        result.outputs[i].max_error = largest_difference(problem.expected[i].values, find(other, name).values,
                                                         find(result.computed, name).values);
    }
}

bool all_within(const std::vector<OutputError>& outputs) {
    return std::all_of(outputs.begin(), outputs.end(), [](const OutputError& error) { return error.within(); });
}

std::string describe(const Finding& finding) {
    std::string place = finding.file.empty() ? "" : fmt::format(" at {}:{}", finding.file, finding.line);
    return fmt::format("{}{}: {}", finding.kind, place, finding.message);
}

}  // namespace

Problem make_problem(const Family& family, const Workload& workload, std::uint64_t seed) {
    return make_problem(family, workload, family.inputs(workload, seed));
}

Problem make_problem(const Family& family, const Workload& workload, Tensors inputs) {
    Problem problem{.workload = workload, .inputs = std::move(inputs)};
    problem.other_side = once([reference = family.reference, workload](const Tensors& given) {
        return reference(workload, given, Precision{.other_side = true});
    });
    problem.expected = family.reference(workload, problem.inputs, Precision{});
    Tensors rounded = family.reference(workload, problem.inputs, Precision{.exact = false, .dtype = workload.dtype});
    for (const Tensor& exact : problem.expected) {
        problem.tolerances.push_back(tolerance_of(exact, find(rounded, exact.spec.name), workload.dtype));
    }
    return problem;
}

bool Verification::ok() const {
    return launch.ok() && defects.empty() && all_within(outputs);
}

const OutputError* Verification::worst() const {
    auto found = std::max_element(outputs.begin(), outputs.end(), [](const OutputError& a, const OutputError& b) {
        return share_of_tolerance(a) < share_of_tolerance(b);
    });
    return found == outputs.end() ? nullptr : &*found;
}

std::string Verification::summary() const {
    if (!launch.error.empty()) {
        return launch.error;
    }
    if (!launch.findings.empty()) {
        return describe(launch.findings.front());
    }
    if (!defects.empty()) {
        return defects.front();
    }
    const OutputError* error = worst();
    if (error == nullptr) {
        return "nothing was computed";
    }
    return fmt::format("{} is off by {:.2g} at most; {:.2g} is allowed", error->tensor, error->max_error,
                       error->tolerance);
}

Verification verify(Device& device, const Family& family, const Problem& problem, const Space& space,
                    const Solution& solution, const Compiled& compiled) {
    Staging staging(device, family, problem);
    LaunchShape shape = launch_shape(space, solution);
    std::unique_ptr<Kernel> kernel;
    try {
        kernel = device.load(compiled);
    } catch (const Error& error) {
        return {.launch = {.error = error.what()}};
    }
    return verify(*kernel, shape, problem, staging);
}

Verification verify(Kernel& kernel, const LaunchShape& shape, const Problem& problem, Staging& staging) {
    Verification result;
    result.launch = kernel.launch(shape, staging.arguments());
    if (!result.launch.error.empty()) {
        return result;  // after a fault there is nothing to read
    }
    Readback after = staging.read_back(problem.expected);
    result.defects = std::move(after.defects);
    result.computed = std::move(after.outputs);
    for (std::size_t i = 0; i < problem.expected.size(); ++i) {
        const Tensor& expected = problem.expected[i];
        const Tensor& computed = find(result.computed, expected.spec.name);
        result.outputs.push_back({.tensor = expected.spec.name,
                                  .max_error = largest_difference(expected.values, computed.values),
                                  .tolerance = problem.tolerances[i]});
    }
    if (problem.other_side && !all_within(result.outputs)) {
        compare_with_other_side(problem, result);
    }
    return result;
}

}  // namespace warpsmith
