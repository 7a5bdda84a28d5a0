// What `verify` tells: errors against the reference, findings, and on request what was executed and the modelled time.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

#include "tuner/model.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {

struct VerifyReport {
    Workload workload;
    Target target;
    std::string device;  // where it ran
    Config config;
    std::string why;  // this configuration
    Verification verification;
    ModelledTime modelled = {};                             // by which candidates are ranked; shown where profiled
    std::optional<ModelledTime> modelled_from_counts = {};  // where profiled
};

// workload, target, device, config, status, outputs, findings, defects; counts, modelled, modelled_from_counts and
// error where there are any.
nlohmann::ordered_json verify_json(const VerifyReport& report);

// The same for a person.
std::string verify_text(const VerifyReport& report);

}  // namespace warpsmith
