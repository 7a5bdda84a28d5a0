// What `run` tells of a launch: as one JSON object, or as text with the source lines of the findings.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "device/device.hpp"
#include "tools/element_type.hpp"

namespace warpsmith {

// A buffer after the launch.
struct RunBuffer {
    std::size_t index = 0;  // among the arguments
    const ElementType* type = nullptr;
    std::vector<std::byte> bytes;
};

// "findings" when there are some, else "error" when the launch did not end well, else "ok".
std::string_view status_of(const LaunchOutcome& outcome);

// status, args, findings, counts; error and output where there are any.
nlohmann::ordered_json run_json(const LaunchOutcome& outcome, const std::vector<RunBuffer>& buffers);

// The same for a person. Source files are read from the disk where they are there.
std::string run_text(const LaunchOutcome& outcome, const std::vector<RunBuffer>& buffers);

}  // namespace warpsmith
