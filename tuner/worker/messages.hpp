// What is said between the tuning process and a worker, as values of the bench's interface.
#pragma once

#include <optional>
#include <string>

#include "tuner/local_bench.hpp"
#include "tuner/worker/channel.hpp"

namespace warpsmith {

// The socket in a worker; 0 to 2 are the standard streams.
constexpr int kWorkerDescriptor = 3;

// First both say hello: the tuning process with all that a worker needs to know, the worker with its version. Then
// each request (`device`, `build`, `run`) is answered by a `stage` at once, any number of others and one of `device`,
// `done`, `error` (an Error's text) or `out_of_memory`.
Message hello_message(const std::string& version, const std::string& setup, std::uint64_t memory_bytes);
Message stage_message(const StageStart& start);

Message to_message(const std::optional<DeviceFacts>& device);
Message to_message(const RunJob& job);
Message to_message(const JobResult& result);

// They throw nlohmann's exceptions when a message lacks what they look for: two builds that differ, which their
// versions had to tell.
std::optional<DeviceFacts> device_from(const Message& message);
RunJob run_job_from(const Message& message);
JobResult result_from(const Message& message);

}  // namespace warpsmith
