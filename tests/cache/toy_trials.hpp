// A family of two dimensions and trials of it, for tests that need no kernel.
#pragma once

#include <array>
#include <string>

#include "cache/trial.hpp"
#include "solver/error.hpp"

namespace warpsmith {

// "toy": D is compiled in, T is not.
inline const std::array<Family, 1>& toy_families() {
    static const std::array<Family, 1> families = {
        Family{.name = "toy", .dimensions = {{"D", Binding::fixed, "units"}, {"T", Binding::runtime, "steps"}}}};
    return families;
}

inline Workload recorded_workload(std::int64_t steps, std::int64_t units = 64) {
    return {
        .family = "toy", .dims = {{"D", units}, {"T", steps}}, .dtype = DType::bf16, .options = {{"pass", "forward"}}};
}

// Of a family that there is.
inline Workload scan_workload(std::int64_t steps) {
    return {.family = "scan",
            .dims = {{"B", 2}, {"D", 32}, {"T", steps}},
            .dtype = DType::f32,
            .options = {{"direction", "forward"}}};
}

// On the emulator, verified, with a modelled time.
inline Trial toy_trial(const std::string& config, double median_us, const Workload& workload = recorded_workload(128)) {
    return {.workload = workload,
            .config = config,
            .provenance = {.target = "h200",
                           .architecture = "sm_90a",
                           .device = "emulator",
                           .toolkit = "13.0",
                           .source_digest = "digest of " + config,
                           .compile_options = "-std=c++20",
                           .library_version = "0.1"},
            .outcome = Outcome::ok,
            .modelled_us = median_us,
            .kind = TimeKind::modelled,
            .median_us = median_us,
            .verified_on = "emulator"};
}

inline Trial measured(Trial trial) {
    trial.kind = TimeKind::measured;
    trial.provenance.device = "NVIDIA H200";
    trial.provenance.driver = "580.65";
    trial.verified_on = "gpu";
    return trial;
}

// What EXPECT_THROW cannot say: the message of the Error, or "no error".
template <class Action>
std::string error_of(const Action& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace warpsmith
