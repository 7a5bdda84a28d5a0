// What tuning a workload came to, as text and as JSON.
#pragma once

#include <string>

#include "tuner/tune.hpp"

namespace warpsmith {

// The winner with its time, resources and error, why it wins, what became of the other candidates, and where the wall
// time went. The candidates are read from the database, which has those of earlier runs too; those
// that the space does not have any more are left out.
std::string text(const TuneReport& report, const Family& family, const Target& target, const TuningDb& db);

// The same as one JSON object and a line end.
std::string json_line(const TuneReport& report, const Family& family, const Target& target, const TuningDb& db);

}  // namespace warpsmith
