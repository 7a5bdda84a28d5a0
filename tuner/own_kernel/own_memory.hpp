// The arguments of a user's kernel on a device, between guard zones where the device itself does not watch them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cache/own_kernel/own_kernel.hpp"
#include "tuner/device_memory.hpp"

namespace warpsmith {

class OwnMemory {
  public:
    // The device and the kernel must outlive it.
    OwnMemory(Device& device, const OwnKernel& kernel, std::uint64_t seed);

    std::span<const KernelArgument> arguments() const { return arguments_; }
    std::size_t buffer_bytes() const;

    // Puts everything back to what it was before any launch.
    void restore();

    // Fills the __constant__ variables beside a kernel that was loaded. Throws Error where there is none of a name, or
    // a larger one.
    void fill_symbols(Kernel& kernel) const;

    // One output. Throws Error as the device does.
    std::vector<std::byte> read(std::size_t argument) const;

    // What a launch wrote where it should not have, in one line; empty when nothing.
    std::string stray_write() const;

  private:
    struct Placed {
        std::size_t argument;
        std::vector<std::byte> image;  // guard zones included; empty where nothing is written before a launch
        DeviceMemory memory;
    };
    std::vector<std::byte> whole(const Placed& placed) const;

    Device& device_;
    const OwnKernel& kernel_;
    std::size_t guard_ = 0;  // bytes on each side of a buffer
    std::vector<Placed> placed_;
    std::vector<std::vector<std::byte>> symbols_;  // what the kernel's are to hold
    std::vector<KernelArgument> arguments_;
};

}  // namespace warpsmith
