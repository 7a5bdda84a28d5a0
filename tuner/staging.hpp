// A problem's tensors in device memory, on a GPU each between guard zones, and the kernel's arguments in order.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "device/device.hpp"
#include "tuner/device_memory.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {

// What a kernel left behind.
struct Readback {
    Tensors outputs;
    std::vector<std::string> defects;  // writes to guard zones or inputs, outputs never written; one line each
};

// Owns the device memory that it stages into. The device must outlive it.
class Staging {
  public:
    // Throws Error when an input is missing or of another size than its tensor, or the device has not enough memory.
    Staging(Device& device, const Family& family, const Problem& problem);

    std::span<const KernelArgument> arguments() const { return arguments_; }

    // Puts everything back to what it was when staged, whatever a kernel has done to it.
    void restore();
    // expected: of every output; an element that is NaN there may be left unwritten.
    Readback read_back(const Tensors& expected);

  private:
    struct Placed {
        TensorSpec spec;
        std::vector<std::byte> image;  // what the memory holds before a launch, guard zones included
        DeviceMemory memory;
    };
    KernelArgument argument(const Parameter& parameter, const Workload& workload) const;

    Device& device_;
    std::size_t guard_;  // bytes on each side of a tensor
    std::vector<Placed> placed_;
    std::vector<KernelArgument> arguments_;
};

}  // namespace warpsmith
