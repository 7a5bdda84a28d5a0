// A recorded trial as JSON: what --json prints of it.
#pragma once

#include <nlohmann/json.hpp>

#include "cache/trial.hpp"

namespace warpsmith {

nlohmann::ordered_json to_json(const Trial& trial);

// {"warps": 4, "batch": 16} of "warps=4 batch=16".
nlohmann::ordered_json config_json(const std::string& key);

}  // namespace warpsmith
