// One interface to the two places where a kernel runs: a GPU through the CUDA driver, and the emulator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "device/emulator/counts.hpp"
#include "device/gpu_monitor.hpp"
#include "device/gpu_state.hpp"
#include "device/tensor_tile.hpp"
#include "generator/compile.hpp"
#include "templates/target.hpp"

namespace warpsmith {

struct LaunchShape {
    std::array<unsigned, 3> grid = {1, 1, 1};
    std::array<unsigned, 3> block = {1, 1, 1};
    unsigned cluster = 1;
    std::size_t smem_bytes = 0;  // dynamic
    bool cooperative = false;    // refused where not all blocks are resident together
};

// Device memory owned by the Device that allocated it; freed with it or by release().
struct Buffer {
    std::uint64_t address = 0;
    std::size_t bytes = 0;
};

// A parameter that is passed by value: a scalar of any width, a struct, a tensor map.
struct ByValue {
    std::vector<std::byte> bytes;

    template <class T>
    static ByValue of(const T& value) {
        ByValue argument{std::vector<std::byte>(sizeof value)};
        std::memcpy(argument.bytes.data(), &value, sizeof value);
        return argument;
    }
};

// One kernel parameter, in order: a device address, or what is passed by value.
using KernelArgument = std::variant<Buffer, std::int32_t, float, ByValue>;

// Where the bytes of a parameter begin, as the driver wants to know it.
inline std::span<const std::byte> bytes_of(const KernelArgument& argument) {
    if (const Buffer* const buffer = std::get_if<Buffer>(&argument)) {
        return std::as_bytes(std::span(&buffer->address, 1));
    }
    if (const ByValue* const by_value = std::get_if<ByValue>(&argument)) {
        return by_value->bytes;
    }
    const std::int32_t* const integer = std::get_if<std::int32_t>(&argument);
    return integer != nullptr ? std::as_bytes(std::span(integer, 1))
                              : std::as_bytes(std::span(&std::get<float>(argument), 1));
}

// A defect that a checking device saw; file and line are of the kernel's source where they are known.
struct Finding {
    std::string kind;  // out_of_bounds misaligned uninitialised_read race divergent_barrier ... as design says
    std::string file;
    int line = 0;
    std::array<unsigned, 3> block = {0, 0, 0};
    std::array<unsigned, 3> thread = {0, 0, 0};
    std::string message;
};

// What a launch did. A kernel that faults is a value: `error` in the device's own words, empty when it finished.
struct LaunchOutcome {
    std::string error;
    std::vector<Finding> findings;
    std::string output = {};                      // what the kernel printed, where the device hands it back
    std::optional<emulator::Counts> counts = {};  // what was executed, where the device counts
    bool ok() const { return error.empty() && findings.empty(); }
};

// A loaded kernel.
class Kernel {
  public:
    virtual ~Kernel() = default;
    virtual LaunchOutcome launch(const LaunchShape& shape, std::span<const KernelArgument> arguments) = 0;

    // The memory of a __constant__ or __device__ variable beside the kernel, by its name in the machine code; nothing
    // where there is none.
    virtual std::optional<Buffer> variable(const std::string& /*name*/) { return std::nullopt; }
};

// How launches are timed on a device that has a clock of its own.
enum class Timing : std::uint8_t {
    cold,   // L2 flushed before every launch: one sample per launch
    batch,  // launches back to back: one sample is the mean of a batch
};

class Device {
  public:
    virtual ~Device() = default;

    virtual std::string name() const = 0;    // "NVIDIA H200" or "emulator"
    virtual bool measures() const = 0;       // whether its times are real
    virtual std::string driver() const = 0;  // driver version, empty on the emulator

    // At this moment; nothing where nobody tells.
    virtual std::optional<GpuState> state() const { return std::nullopt; }

    virtual Buffer allocate(std::size_t bytes) = 0;  // contents undefined; throws Error when memory runs out
    virtual void release(Buffer buffer) = 0;
    virtual void write(Buffer buffer, std::span<const std::byte> bytes) = 0;
    virtual void read(Buffer buffer, std::span<std::byte> bytes) = 0;

    // A tensor map of the tile, to be passed to kernels as a `const __grid_constant__ CUtensorMap`. Throws Error when
    // the tile breaks a rule of tensor maps, or the driver refuses it.
    virtual ByValue encode_tensor_map(const TensorTile& tile) = 0;

    virtual std::unique_ptr<Kernel> load(const Compiled& compiled) = 0;

    // Microseconds of `samples` launches. Throws Error on a device that does not measure.
    virtual std::vector<double> time(Kernel& kernel, const LaunchShape& shape,
                                     std::span<const KernelArgument> arguments, Timing timing, int samples) = 0;
};

// Memory and race checks of the emulator; slower when on.
enum class Checks : std::uint8_t { none, all };

struct EmulatorOptions {
    Checks checks = Checks::none;
    std::uint64_t seed = 0;                    // changes the interleaving of warps and blocks
    unsigned threads = 1;                      // host threads
    std::uint64_t max_steps = 20'000'000'000;  // warp-instructions, after which a launch is given up
    bool profile = false;                      // count memory traffic and source lines too
    Target target = find_target("h200");       // whose SMs a cooperative grid must fit in
};

std::unique_ptr<Device> make_emulator(const EmulatorOptions& options);

// Whether there is a driver with a GPU, and what they are, in one sentence when not.
struct GpuStatus {
    bool usable = false;
    std::string message;             // "libcuda.so.1 was not found: no NVIDIA driver on this machine"
    std::vector<std::string> names;  // of the GPUs
    std::string driver;              // "580.65"
};
inline constexpr const char* kDriverLibrary = "libcuda.so.1";
GpuStatus gpu_status(const std::string& driver_library = kDriverLibrary);

// The first GPU. Throws Error with gpu_status().message when there is none.
std::unique_ptr<Device> make_gpu(const std::string& driver_library = kDriverLibrary,
                                 const std::string& monitor_library = kMonitorLibrary);

// The target that the local GPU is, asked from the driver; rates that the driver does not tell come from the table's
// target of that product, or of that architecture. Throws Error when there is no GPU.
Target local_target(const std::string& driver_library = kDriverLibrary);

}  // namespace warpsmith
