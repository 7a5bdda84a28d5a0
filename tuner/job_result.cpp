#include "tuner/job_result.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace warpsmith {
namespace {

// The first line that tells an error, else the first line.
std::string first_error(std::string_view log) {
    std::string_view first = log.substr(0, log.find('\n'));
    for (std::string_view rest = log; !rest.empty();) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        if (line.find("error") != std::string_view::npos) {
            return std::string(line);
        }
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return std::string(first);
}

}  // namespace

DeviceFacts facts_of(const Device& device) {
    return {.name = device.name(), .driver = device.driver(), .measures = device.measures()};
}

JobResult result_of_build(const Compiled& kernel) {
    JobResult result{.resources = kernel.resources};
    if (!kernel.ok) {
        result.outcome = Outcome::compile_error;
        result.note = first_error(kernel.log);
    }
    return result;
}

void give_up(JobResult& result, std::uint64_t most_steps) {
    if (most_steps > 0 && result.outcome == Outcome::launch_error && result.steps > most_steps) {
        result.outcome = Outcome::timed_out;
        result.note += "; right ones took a tenth of that at most";
    }
}

}  // namespace warpsmith
