// `warpsmith db model`: how well the model ranks what a database has measured.
#pragma once

#include <string>

namespace warpsmith {

// Prints a row, or with `json` an object, for each workload, target and device. The exit code.
int print_model_report(const std::string& database, const std::string& family, const std::string& target, bool json);

}  // namespace warpsmith
