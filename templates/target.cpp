#include "templates/target.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "solver/error.hpp"
#include "solver/suggestion.hpp"

namespace warpsmith {
namespace {

using Json = nlohmann::ordered_json;

// Limits per SM and block: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability"
// (8.0, 8.6, 8.9, 9.0, 10.0, 12.0). SMs, L2, bandwidth, clock and tensor rate: the product's architecture white paper
// or data sheet, named in each row; tensor_flops is dense bf16 with f32 accumulation at the boost clock.
const std::array<Target, 8> kTargets = {{
    // NVIDIA A100 Tensor Core GPU Architecture (white paper) and the A100 80GB SXM data sheet.
    {.name = "a100",
     .product = "NVIDIA A100",
     .architecture = "sm_80",
     .sms = 108,
     .smem_per_block = 166'912,
     .smem_per_sm = 167'936,
     .smem_reserved_per_block = 1024,
     .registers_per_sm = 65'536,
     .threads_per_sm = 2048,
     .blocks_per_sm = 32,
     .l2_bytes = 41'943'040,
     .memory_bandwidth = 2.039e12,
     .clock_hz = 1.410e9,
     .tensor_flops = 312e12,
     .fma_per_clock = 64},
    // NVIDIA Ampere GA102 GPU Architecture (white paper), table of the GeForce RTX 3090.
    {.name = "rtx3090",
     .product = "NVIDIA GeForce RTX 3090",
     .architecture = "sm_86",
     .sms = 82,
     .smem_per_block = 101'376,
     .smem_per_sm = 102'400,
     .smem_reserved_per_block = 1024,
     .registers_per_sm = 65'536,
     .threads_per_sm = 1536,
     .blocks_per_sm = 16,
     .l2_bytes = 6'291'456,
     .memory_bandwidth = 0.936e12,
     .clock_hz = 1.695e9,
     .tensor_flops = 71e12},
    // NVIDIA Ada GPU Architecture (white paper), table of the GeForce RTX 4090.
    {.name = "rtx4090",
     .product = "NVIDIA GeForce RTX 4090",
     .architecture = "sm_89",
     .sms = 128,
     .smem_per_block = 101'376,
     .smem_per_sm = 102'400,
     .smem_reserved_per_block = 1024,
     .registers_per_sm = 65'536,
     .threads_per_sm = 1536,
     .blocks_per_sm = 24,
     .l2_bytes = 75'497'472,
     .memory_bandwidth = 1.008e12,
     .clock_hz = 2.520e9,
     .tensor_flops = 165.2e12},
    // NVIDIA L40S data sheet; AD102 as in the Ada white paper.
    {.name = "l40s",
     .product = "NVIDIA L40S",
     .architecture = "sm_89",
     .sms = 142,
     .smem_per_block = 101'376,
     .smem_per_sm = 102'400,
     .smem_reserved_per_block = 1024,
     .registers_per_sm = 65'536,
     .threads_per_sm = 1536,
     .blocks_per_sm = 24,
     .l2_bytes = 100'663'296,
     .memory_bandwidth = 0.864e12,
     .clock_hz = 2.520e9,
     .tensor_flops = 362e12},
    // NVIDIA H100 Tensor Core GPU Architecture (white paper), SXM5.
    {.name = "h100",
     .product = "NVIDIA H100",
     .architecture = "sm_90a",
     .sms = 132,
     .smem_per_block = 232'448,
     .smem_per_sm = 233'472,
     .smem_reserved_per_block = 1024,
     .registers_per_sm = 65'536,
     .threads_per_sm = 2048,
     .blocks_per_sm = 32,
     .l2_bytes = 52'428'800,
     .memory_bandwidth = 3.35e12,
     .clock_hz = 1.830e9,
     .tensor_flops = 989e12},
    // NVIDIA H200 data sheet; SM count and L2 as the driver reports them on one. The SMs are those of the H100.
    {.name = "h200",
     .product = "NVIDIA H200",
     .architecture = "sm_90a",
     .sms = 132,
     .smem_per_block = 232'448,
     .smem_per_sm = 233'472,
     .smem_reserved_per_block = 1024,
     .registers_per_sm = 65'536,
     .threads_per_sm = 2048,
     .blocks_per_sm = 32,
     .l2_bytes = 62'914'560,
     .memory_bandwidth = 4.8e12,
     .clock_hz = 1.830e9,
     .tensor_flops = 989e12},
    // NVIDIA DGX B200 data sheet, one GPU of it; L2 from the NVIDIA Blackwell Tuning Guide.
    {.name = "b200",
     .product = "NVIDIA B200",
     .architecture = "sm_100a",
     .sms = 148,
     .smem_per_block = 232'448,
     .smem_per_sm = 233'472,
     .smem_reserved_per_block = 1024,
     .registers_per_sm = 65'536,
     .threads_per_sm = 2048,
     .blocks_per_sm = 32,
     .l2_bytes = 132'120'576,
     .memory_bandwidth = 8.0e12,
     .clock_hz = 1.965e9,
     .tensor_flops = 2250e12},
    // NVIDIA RTX Blackwell GPU Architecture (white paper), table of the GeForce RTX 5090.
    {.name = "rtx5090",
     .product = "NVIDIA GeForce RTX 5090",
     .architecture = "sm_120a",
     .sms = 170,
     .smem_per_block = 101'376,
     .smem_per_sm = 102'400,
     .smem_reserved_per_block = 1024,
     .registers_per_sm = 65'536,
     .threads_per_sm = 1536,
     .blocks_per_sm = 24,
     .l2_bytes = 100'663'296,
     .memory_bandwidth = 1.792e12,
     .clock_hz = 2.407e9,
     .tensor_flops = 209.5e12},
}};

// One field of the JSON form; exactly one of the pointers is set.
struct Field {
    const char* name;
    std::string Target::*text;
    std::int64_t Target::*count;
    double Target::*rate;
};

constexpr Field kFields[] = {
    {"name", &Target::name, nullptr, nullptr},
    {"product", &Target::product, nullptr, nullptr},
    {"architecture", &Target::architecture, nullptr, nullptr},
    {"sms", nullptr, &Target::sms, nullptr},
    {"smem_per_block", nullptr, &Target::smem_per_block, nullptr},
    {"smem_per_sm", nullptr, &Target::smem_per_sm, nullptr},
    {"smem_reserved_per_block", nullptr, &Target::smem_reserved_per_block, nullptr},
    {"registers_per_sm", nullptr, &Target::registers_per_sm, nullptr},
    {"registers_per_thread", nullptr, &Target::registers_per_thread, nullptr},
    {"threads_per_sm", nullptr, &Target::threads_per_sm, nullptr},
    {"threads_per_block", nullptr, &Target::threads_per_block, nullptr},
    {"blocks_per_sm", nullptr, &Target::blocks_per_sm, nullptr},
    {"l2_bytes", nullptr, &Target::l2_bytes, nullptr},
    {"memory_bandwidth", nullptr, nullptr, &Target::memory_bandwidth},
    {"clock_hz", nullptr, nullptr, &Target::clock_hz},
    {"tensor_flops", nullptr, nullptr, &Target::tensor_flops},
    {"fma_per_clock", nullptr, &Target::fma_per_clock, nullptr},
};

void read_field(const std::string& where, const Json& json, const Field& field, Target& target) {
    if (!json.contains(field.name)) {
        throw Error(where + "field '" + field.name + "' is missing; docs/targets.md lists the fields");
    }
    const Json& value = json[field.name];
    bool fits = field.text != nullptr ? value.is_string() : value.is_number() && value.get<double>() >= 0;
    if (!fits) {
        throw Error(where + "field '" + field.name + "' should be " +
                    (field.text != nullptr ? "a text" : "a number of at least 0") + ", not " + value.dump());
    }
    if (field.text != nullptr) {
        target.*field.text = value.get<std::string>();
    } else if (field.count != nullptr) {
        target.*field.count = value.get<std::int64_t>();
    } else {
        target.*field.rate = value.get<double>();
    }
}

Target target_of(const Json& json, const std::string& where) {
    if (json.is_discarded() || !json.is_object()) {
        throw Error(where + "it is not a JSON object");
    }
    Target target;
    for (const Field& field : kFields) {
        read_field(where, json, field, target);
    }
    for (const auto& item : json.items()) {
        const std::string& key = item.key();
        bool known = std::any_of(std::begin(kFields), std::end(kFields), [&](const Field& f) { return key == f.name; });
        if (!known) {
            throw Error(where + "there is no field '" + key + "'");
        }
    }
    return target;
}

Target read_target(const std::string& path) {
    std::ifstream file(path);
    return target_of(Json::parse(file, nullptr, false), "reading target " + path + ": ");
}

}  // namespace

std::span<const Target> known_targets() {
    return kTargets;
}

Target find_target(std::string_view name_or_file) {
    std::vector<std::string> known;
    for (const Target& target : kTargets) {
        if (target.name == name_or_file) {
            return target;
        }
        known.push_back(target.name);
    }
    if (std::filesystem::is_regular_file(name_or_file)) {
        return read_target(std::string(name_or_file));
    }
    throw Error("looking up a target: '" + std::string(name_or_file) + "' is neither a known GPU nor a JSON file; " +
                suggestion(name_or_file, known));
}

Target parse_target(const std::string& text) {
    return target_of(Json::parse(text, nullptr, false), "reading a target: ");
}

std::string to_json(const Target& target) {
    Json json;
    for (const Field& field : kFields) {
        if (field.text != nullptr) {
            json[field.name] = target.*field.text;
        } else if (field.count != nullptr) {
            json[field.name] = target.*field.count;
        } else {
            json[field.name] = target.*field.rate;
        }
    }
    return json.dump(2);
}

}  // namespace warpsmith
