// Reads what an exhaustive tuning run recorded: T4 results, or the cache file of Kernel Tuner; plain or gzip.
//
// T4 (Kernel Tuner, KTT, BAT): of the object are read
//   metadata.timeunit   of all that is in `times`: seconds, milliseconds (the default), microseconds, nanoseconds
//   results             list of {configuration: {name: value}, invalidity: text, measurements: [{name, value}],
//                       objectives: [text], times: {...}}
// A result whose invalidity is not "correct" failed. Its time is the measurement called "time", else the one that the
// first objective names. What trying it took is the sum of what `times` has, in which a list counts as its sum.
// Cache of Kernel Tuner: tune_params_keys, and cache, an object of {name: value ..., time: number, ..._time: number},
// in which a time that is no number is a failure; the closing brackets may be missing, as a run that goes on leaves it.
// A configuration that is there twice counts as it was the last time. Other keys are ignored.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "solver/expr.hpp"

namespace warpsmith {

struct RecordedResult {
    std::vector<Value> values;   // by parameter
    std::optional<double> time;  // in the unit of the recording; none when it failed
    double seconds = 0;          // that trying it took
};

struct RecordingFile {
    std::vector<std::string> parameters;
    std::vector<RecordedResult> results;
};

// Throws Error when the file cannot be read, is neither of the two, or is more than memory should hold: the results are
// kept, not the text.
RecordingFile read_recording(const std::string& path);

}  // namespace warpsmith
