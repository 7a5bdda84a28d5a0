// What state a GPU is in while it measures, from NVIDIA's management library, opened at run time.
#pragma once

#include <memory>
#include <string>

#include "device/gpu_state.hpp"

namespace warpsmith {

inline constexpr const char* kMonitorLibrary = "libnvidia-ml.so.1";

class GpuMonitor {
  public:
    // Of the GPU with this PCI address ("0000:1B:00.0"). Null where the library is not there or does not know the GPU:
    // times are measured all the same.
    static std::unique_ptr<const GpuMonitor> open(const std::string& pci_address, const std::string& library);

    ~GpuMonitor();
    GpuMonitor(const GpuMonitor&) = delete;
    GpuMonitor& operator=(const GpuMonitor&) = delete;

    // What the library does not tell stays zero or empty.
    GpuState read() const;

  private:
    struct Library;
    GpuMonitor(std::unique_ptr<const Library> library, void* gpu);

    std::unique_ptr<const Library> library_;
    void* gpu_;
};

}  // namespace warpsmith
