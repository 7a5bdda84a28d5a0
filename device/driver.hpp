// The CUDA driver, opened at run time, as far as this project uses it: nothing of cuda.h is seen outside driver.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/device.hpp"

namespace warpsmith {

struct DriverFunctions;

// What the driver tells of a GPU; sizes in bytes.
struct GpuDescription {
    std::string name;  // "NVIDIA H200"
    int major = 0;     // compute capability
    int minor = 0;
    std::int64_t sms = 0;
    std::int64_t smem_per_block = 0;  // opt-in limit
    std::int64_t smem_per_sm = 0;
    std::int64_t smem_reserved_per_block = 0;
    std::int64_t registers_per_sm = 0;
    std::int64_t threads_per_sm = 0;
    std::int64_t threads_per_block = 0;
    std::int64_t blocks_per_sm = 0;
    std::int64_t l2_bytes = 0;
    double clock_hz = 0;      // highest of the SMs
    std::string pci_address;  // "0000:1B:00.0"
};

// An open, initialised driver.
class Driver {
  public:
    // Throws Error, "libcuda.so.1 was not found: no NVIDIA driver on this machine", or with what the driver says.
    explicit Driver(const std::string& library);

    // One at least. Throws Error when there is none.
    std::vector<GpuDescription> gpus() const;

    // The number, never given twice in a process, of the context that the calling thread works in; nothing where it has
    // none.
    std::optional<std::uint64_t> context_of_this_thread() const;

    const std::shared_ptr<const DriverFunctions>& functions() const { return functions_; }

  private:
    std::shared_ptr<const DriverFunctions> functions_;
};

// The context of one GPU and what is done in it. All but launch and wait throw Error with the driver's words. After a
// kernel has faulted the driver answers everything with that fault, until the process ends.
class GpuContext {
  public:
    GpuContext(const Driver& driver, std::size_t gpu);

    // The context that the calling thread works in, which belongs to the application; where it has none, the first
    // GPU's, which becomes the thread's.
    static std::shared_ptr<const GpuContext> of_this_thread(const Driver& driver);

    ~GpuContext();
    GpuContext(const GpuContext&) = delete;
    GpuContext& operator=(const GpuContext&) = delete;

    std::uint64_t allocate(std::size_t bytes) const;
    void release(std::uint64_t address) const;
    void write(std::uint64_t address, std::span<const std::byte> bytes) const;
    void read(std::uint64_t address, std::span<std::byte> bytes) const;
    void clear(std::uint64_t address, std::size_t bytes) const;  // to zero; does not wait

    void* load_module(const std::string& cubin) const;
    void unload_module(void* module) const;
    void* find_function(void* module, const std::string& name) const;
    std::optional<Buffer> find_variable(void* module, const std::string& name) const;  // nothing: there is none

    // Both give the driver's words, empty where all went well. A launch does not wait for its end.
    std::string launch(void* function, const LaunchShape& shape, std::span<void*> parameters,
                       void* stream = nullptr) const;
    std::string wait() const;

    ByValue encode_tensor_map(const TensorTile& tile) const;

    void* create_event() const;
    void destroy_event(void* event) const;
    void record_event(void* event) const;
    double elapsed_us(void* start, void* stop) const;  // waits for both

  private:
    GpuContext(const Driver& driver, void* context);
    void make_current() const;

    std::shared_ptr<const DriverFunctions> cuda_;
    int gpu_ = 0;
    bool retained_ = false;
    void* context_ = nullptr;
};

}  // namespace warpsmith
