// --on on the command line: where kernels run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "device/device.hpp"
#include "tools/command.hpp"

namespace warpsmith {

Argument on_option(std::string& on, std::vector<std::string> places);

enum class Place : std::uint8_t { none, emulator, gpu };

// "gpu", "emulator", "none", or "auto": the GPU where it is the target, else the emulator. Throws Error when a GPU is
// asked for and there is none, or it is not the target.
Place chosen_place(const std::string& on, const Target& target);

// Null for none.
std::unique_ptr<Device> make_device(Place place, const EmulatorOptions& options);

// The number of cores, where 0 is given.
unsigned chosen_jobs(std::uint64_t argument);

}  // namespace warpsmith
