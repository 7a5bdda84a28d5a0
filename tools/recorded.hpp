// What a tuning database answers, and the words in which it is shown.
#pragma once

#include <optional>
#include <string>

#include "cache/own_kernel/own_kernel.hpp"
#include "cache/tuning_db.hpp"
#include "tuner/layer_stack.hpp"

namespace warpsmith {

// The best that a database has for a workload, of what is in the workload's space now; nothing where the file is not
// there. The file is not changed.
std::optional<Choice> recorded_best(const std::string& database, const Workload& workload, const Target& target);

// Likewise of a kernel of the user's own, of what its source is now.
std::optional<Choice> recorded_best(const std::string& database, const OwnKernel& kernel, const Target& target);

// What was recorded of this very workload, for a stack of so many layers of it.
struct StackChoice {
    Choice choice;
    LayerStack stack;
    std::int64_t chunk_steps = 0;  // the best for it
};

// The one with the least stack_us(), from measured times where there are any. Throws Error for what is no recurrent
// cell.
std::optional<StackChoice> recorded_stack(const std::string& database, const Workload& workload, const Target& target,
                                          std::uint64_t layers);

// "not tuned", with the command that would tune it.
std::string not_tuned(const std::string& workload, const Target& target, const std::string& database);

std::string time_text(const Trial& trial);   // "12.3 us (modelled, not measured)"
std::string error_text(const Trial& trial);  // "error 1.2e-03 of 4.0e-03 allowed, on the emulator"

// Says the message on standard error; returns kNothingFound.
int nothing_found(const std::string& message);

}  // namespace warpsmith
