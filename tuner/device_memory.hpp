// Device memory with an owner.
#pragma once

#include <cstddef>
#include <utility>

#include "device/device.hpp"
#include "solver/error.hpp"

namespace warpsmith {

// Allocated on construction, released on destruction. The device must outlive it.
class DeviceMemory {
  public:
    DeviceMemory(Device& device, std::size_t bytes) : device_(&device), buffer_(device.allocate(bytes)) {}
    ~DeviceMemory() {
        try {
            if (device_ != nullptr) {
                device_->release(buffer_);
            }
        } catch (const Error&) {  // a GPU on which a kernel has faulted refuses everything; its memory goes with it
        }
    }
    DeviceMemory(DeviceMemory&& other) noexcept
        : device_(std::exchange(other.device_, nullptr)), buffer_(other.buffer_) {}
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;
    DeviceMemory& operator=(DeviceMemory&&) = delete;

    Buffer buffer() const { return buffer_; }

  private:
    Device* device_;
    Buffer buffer_;
};

}  // namespace warpsmith
