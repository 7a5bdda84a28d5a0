// The worker's side: does what it is asked on a bench of its own, until the other end of the channel is closed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tuner/local_bench.hpp"
#include "tuner/worker/messages.hpp"

namespace warpsmith {

// Makes the bench that `setup` describes, which tells its stages to `on_stage`. May throw Error.
using MakeServedBench = std::function<std::unique_ptr<Bench>(const std::string& setup, OnStage on_stage)>;

// The process ends at once, whatever it is doing, when the other end is closed: so it never outlives the process that
// it works for. It leaves no core file, and is the first to go when the machine runs out of memory. Throws Error where
// there is no other end.
[[noreturn]] void serve(const std::string& version, const MakeServedBench& make_bench,
                        int descriptor = kWorkerDescriptor);

}  // namespace warpsmith
