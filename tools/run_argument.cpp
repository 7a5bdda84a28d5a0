#include "tools/run_argument.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "solver/error.hpp"
#include "solver/suggestion.hpp"

namespace warpsmith {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 34;  // of a buffer: more than a kernel can be checked on

// Next number of a splitmix64 sequence (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
std::uint64_t next_random(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

constexpr std::string_view kTensorMapPrefix = "tensormap:";

using Fill = void (*)(RunArgument& argument, std::uint64_t seed);

template <class StoreElement>
void fill(RunArgument& argument, const StoreElement& store) {
    argument.bytes.resize(argument.count * argument.type->bytes);
    for (std::uint64_t i = 0; i < argument.count; ++i) {
        store(i, argument.bytes.data() + i * argument.type->bytes);
    }
}

struct FillRow {
    const char* name;
    Fill fill;
};

constexpr FillRow kFills[] = {
    {"iota", [](RunArgument& argument, std::uint64_t) { fill(argument, argument.type->store_index); }},
    {"zeros",
     [](RunArgument& argument, std::uint64_t) { argument.bytes.assign(argument.count * argument.type->bytes, {}); }},
    {"ones",
     [](RunArgument& argument, std::uint64_t) {
         fill(argument, [&](std::uint64_t, std::byte* to) { argument.type->store_index(1, to); });
     }},
    {"random",
     [](RunArgument& argument, std::uint64_t seed) {
         fill(argument, [&](std::uint64_t, std::byte* to) { argument.type->store_random(next_random(seed), to); });
     }},
    {"uninit", [](RunArgument&, std::uint64_t) {}},
};

void read_file(RunArgument& argument, const std::string& path) {
    const std::uint64_t wanted = argument.count * argument.type->bytes;
    std::error_code failure;
    const std::uint64_t size = std::filesystem::file_size(path, failure);
    if (failure) {
        throw Error(fmt::format("reading {}: {}", path, failure.message()));
    }
    if (size != wanted) {
        throw Error(fmt::format("reading {}: it has {} bytes; {}[{}] takes {}", path, size, argument.type->name,
                                argument.count, wanted));
    }
    argument.bytes.resize(wanted);
    std::ifstream stream(path, std::ios::binary);
    if (!stream.read(reinterpret_cast<char*>(argument.bytes.data()), static_cast<std::streamsize>(wanted))) {
        throw Error(fmt::format("reading {}: it cannot be read; may you read it?", path));
    }
}

std::uint64_t parse_count(std::string_view text, const ElementType& type) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count == 0) {
        throw Error(fmt::format("'{}' is no number of elements; write {}[1024]=...", text, type.name));
    }
    if (count > kMostBytes / type.bytes) {
        throw Error(fmt::format("{} elements are more than 16 GiB; use a smaller buffer", count));
    }
    return count;
}

void fill_buffer(RunArgument& argument, const std::string& content, std::uint64_t seed) {
    if (content.starts_with('@')) {
        read_file(argument, content.substr(1));
        return;
    }
    std::vector<std::string> names;
    for (const FillRow& row : kFills) {
        if (content == row.name) {
            row.fill(argument, seed);
            return;
        }
        names.emplace_back(row.name);
    }
    throw Error(fmt::format("a buffer cannot be '{}'; {} (or @file.bin)", content, suggestion(content, names)));
}

RunArgument parse(const std::string& spec, std::uint64_t seed);

std::size_t parse_buffer_number(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw Error(fmt::format("'{}' is neither a buffer nor the number of an argument", text));
    }
    return number;
}

// "f32[800]=iota,dims=40x20,box=32x8", or with the number of another argument in place of the buffer.
RunArgument parse_mapped(const std::string& spec, std::uint64_t seed) {
    const std::size_t comma = std::min(spec.find(','), spec.size());
    const std::string buffer = spec.substr(0, comma);
    const bool has_own = buffer.find('=') != std::string::npos;
    RunArgument argument = has_own ? parse(buffer, seed) : RunArgument{};
    if (has_own && !argument.is_buffer) {
        throw Error("a tensor map is of a buffer, as in tensormap:f32[800]=iota,dims=40x20,box=32x8");
    }
    argument.tensor_map = parse_tensor_map(std::string_view(spec).substr(comma));
    if (!has_own) {
        argument.tensor_map->buffer = parse_buffer_number(buffer);
    }
    return argument;
}

RunArgument parse(const std::string& spec, std::uint64_t seed) {
    if (spec.starts_with(kTensorMapPrefix)) {
        return parse_mapped(spec.substr(kTensorMapPrefix.size()), seed);
    }
    const std::size_t equals = spec.find('=');
    if (equals == std::string::npos) {
        throw Error("expected TYPE=VALUE or TYPE[COUNT]=CONTENT, as i32=5 or f32[1024]=iota");
    }
    const std::string left = spec.substr(0, equals), right = spec.substr(equals + 1);
    const std::size_t bracket = left.find('[');
    RunArgument argument{.type = &find_element_type(left.substr(0, bracket))};
    if (bracket == std::string::npos) {
        argument.bytes.resize(argument.type->bytes);
        argument.type->parse(right, argument.bytes.data());
        return argument;
    }
    if (!left.ends_with(']')) {
        throw Error("expected ']' before '=', as in f32[1024]=iota");
    }
    argument.is_buffer = true;
    argument.count = parse_count(left.substr(bracket + 1, left.size() - bracket - 2), *argument.type);
    fill_buffer(argument, right, seed);
    return argument;
}

}  // namespace

RunArgument parse_run_argument(const std::string& spec, std::uint64_t seed) {
    try {
        return parse(spec, seed);
    } catch (const Error& error) {
        throw Error(fmt::format("reading --arg {}: {}", spec, error.what()));
    }
}

}  // namespace warpsmith
