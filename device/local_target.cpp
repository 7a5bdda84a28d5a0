// The GPU of this machine as a Target.
#include <algorithm>
#include <cctype>

#include "device/device.hpp"
#include "device/driver.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

// From 9.0 on the instructions of one architecture alone are asked for with an "a" (sm_90a).
std::string architecture_of(const GpuDescription& gpu) {
    return "sm_" + std::to_string(gpu.major) + std::to_string(gpu.minor) + (gpu.major >= 9 ? "a" : "");
}

// "NVIDIA RTX A5000" -> "nvidia-rtx-a5000"
std::string name_of(const GpuDescription& gpu) {
    std::string name;
    for (unsigned char c : gpu.name) {
        name += static_cast<char>(std::isalnum(c) != 0 ? std::tolower(c) : '-');
    }
    return name;
}

// The longest product name that the GPU's begins with: "NVIDIA H200" is not "NVIDIA H20".
const Target* same_product(const GpuDescription& gpu) {
    const Target* best = nullptr;
    for (const Target& target : known_targets()) {
        const bool fits = gpu.name.starts_with(target.product) &&
                          (gpu.name.size() == target.product.size() || gpu.name[target.product.size()] == ' ');
        if (fits && (best == nullptr || best->product.size() < target.product.size())) {
            best = &target;
        }
    }
    return best;
}

const Target* same_architecture(const GpuDescription& gpu) {
    const std::string architecture = architecture_of(gpu);
    for (const Target& target : known_targets()) {
        if (target.architecture == architecture) {
            return &target;
        }
    }
    return nullptr;
}

Target target_of(const GpuDescription& gpu) {
    const Target* product = same_product(gpu);
    const Target* model = product != nullptr ? product : same_architecture(gpu);
    if (model == nullptr) {
        throw Error("asking for the local GPU: " + gpu.name + " (" + architecture_of(gpu) +
                    ") is like none of the known targets; describe it in a JSON file and give that as the target");
    }
    Target target = *model;
    if (product == nullptr) {
        target.name = name_of(gpu);
        target.product = gpu.name;
    }
    target.sms = gpu.sms;
    target.smem_per_block = gpu.smem_per_block;
    target.smem_per_sm = gpu.smem_per_sm;
    target.smem_reserved_per_block = gpu.smem_reserved_per_block;
    target.registers_per_sm = gpu.registers_per_sm;
    target.threads_per_sm = gpu.threads_per_sm;
    target.threads_per_block = gpu.threads_per_block;
    target.blocks_per_sm = gpu.blocks_per_sm;
    target.l2_bytes = gpu.l2_bytes;
    target.clock_hz = gpu.clock_hz;
    return target;
}

}  // namespace

Target local_target(const std::string& driver_library) {
    return target_of(Driver(driver_library).gpus().front());
}

}  // namespace warpsmith
