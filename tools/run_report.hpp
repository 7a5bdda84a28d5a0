// What `run` tells of a launch: as one JSON object, or as text with the source lines of the findings.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/own_kernel/element_type.hpp"
#include "device/device.hpp"
#include "tuner/model.hpp"

namespace warpsmith {

// A buffer after the launch.
struct RunBuffer {
    std::size_t index = 0;  // among the arguments
    const ElementType* type = nullptr;
    std::vector<std::byte> bytes;
};

// "findings" when there are some, else "error" when the launch did not end well, else "ok".
std::string_view status_of(const LaunchOutcome& outcome);

struct RunReport {
    LaunchOutcome outcome;
    std::vector<RunBuffer> buffers;
    Target target = {};
    std::optional<ModelledTime> modelled = {};  // on the target, where the launch was profiled
};

// status, args, findings, counts; modelled, error and output where there are any.
nlohmann::ordered_json run_json(const RunReport& report);

// The same for a person. Source files are read from the disk where they are there.
std::string run_text(const RunReport& report);

}  // namespace warpsmith
