// A GPU to tune for: the limits that constrain a kernel and the rates that bound its speed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace warpsmith {

// Plain data; every number of the built-in table has its source in target.cpp. Sizes in bytes, rates per second.
struct Target {
    std::string name;          // "h200": what --target takes and what the database stores
    std::string product;       // "NVIDIA H200 SXM": how the driver's device name begins, for recognising the local GPU
    std::string architecture;  // "sm_90a": NVRTC's --gpu-architecture
    std::int64_t sms = 0;
    std::int64_t smem_per_block = 0;  // opt-in limit of dynamic plus static shared memory
    std::int64_t smem_per_sm = 0;
    std::int64_t smem_reserved_per_block = 0;  // taken by the system from each resident block
    std::int64_t registers_per_sm = 0;         // 32-bit
    std::int64_t registers_per_thread = 255;
    std::int64_t threads_per_sm = 0;
    std::int64_t threads_per_block = 1024;
    std::int64_t blocks_per_sm = 0;
    std::int64_t l2_bytes = 0;
    double memory_bandwidth = 0;       // device memory, specification
    double clock_hz = 0;               // boost clock of the SMs, specification
    double tensor_flops = 0;           // dense bf16 with f32 accumulation, specification
    std::int64_t fma_per_clock = 128;  // f32 fused multiply-adds per SM and clock

    bool operator==(const Target&) const = default;
};

std::span<const Target> known_targets();

// A name of the table, or the path of a JSON file with the fields above. Throws Error with the nearest name, or with
// the file and the field that is missing or wrong. "local" is resolved by device/, which can ask the driver.
Target find_target(std::string_view name_or_file);

// The fields above as JSON text, two-space indented: what find_target reads back from a file, and parse_target as it
// is.
std::string to_json(const Target& target);
Target parse_target(const std::string& text);  // throws Error with the field that is missing or wrong

}  // namespace warpsmith
