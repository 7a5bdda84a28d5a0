// What the checks found, with the source lines, as text and as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include <span>
#include <string>

#include "device/device.hpp"
#include "tools/source_lines.hpp"

namespace warpsmith {

std::string findings_text(std::span<const Finding> findings, SourceLines& source);
nlohmann::ordered_json findings_json(std::span<const Finding> findings);

}  // namespace warpsmith
