// What the emulator counted of a launch, by class of instruction and by source line, and what time is modelled from it.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

#include "device/emulator/counts.hpp"
#include "templates/target.hpp"
#include "tools/source_lines.hpp"
#include "tuner/model.hpp"

namespace warpsmith {

// Traffic and lines are there when the launch was profiled.
nlohmann::ordered_json counts_json(const emulator::Counts& counts);

// Tables for a person: classes, memory, then the source lines, those that executed most first.
std::string profile_text(const emulator::Counts& counts, SourceLines& source);

nlohmann::ordered_json modelled_json(const ModelledTime& time, const Target& target);
// `from`: what the time was modelled from, "the counts".
std::string modelled_text(const ModelledTime& time, const Target& target, std::string_view from);

}  // namespace warpsmith
