#include "generator/user_source.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

struct StandardHeader {
    const char* name;
    const char* text;
};

constexpr const char* kNothing = "#pragma once\n";

constexpr const char* kIntegers = R"(#pragma once
typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
typedef long long intptr_t;
typedef unsigned long long uintptr_t;
namespace std {
using ::int8_t; using ::uint8_t; using ::int16_t; using ::uint16_t; using ::int32_t; using ::uint32_t;
using ::int64_t; using ::uint64_t; using ::intptr_t; using ::uintptr_t;
}
)";

constexpr const char* kLimits = R"(#pragma once
#define CHAR_BIT 8
#define INT_MAX 2147483647
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX 4294967295u
#define LLONG_MAX 9223372036854775807ll
#define LLONG_MIN (-LLONG_MAX - 1)
#define ULLONG_MAX 18446744073709551615ull
#define FLT_MAX 3.402823466e+38F
#define FLT_MIN 1.175494351e-38F
#define FLT_EPSILON 1.192092896e-07F
#define DBL_MAX 1.7976931348623158e+308
#define DBL_MIN 2.2250738585072014e-308
#define DBL_EPSILON 2.2204460492503131e-16
)";

// NVRTC knows printf, assert and the mathematics without any header.
constexpr StandardHeader kStandardHeaders[] = {
    {"cstdio", kNothing},   {"stdio.h", kNothing},   {"cstdlib", kNothing}, {"stdlib.h", kNothing},
    {"cassert", kNothing},  {"assert.h", kNothing},  {"cmath", kNothing},   {"math.h", kNothing},
    {"cstddef", kNothing},  {"stddef.h", kNothing},  {"cstring", kNothing}, {"string.h", kNothing},
    {"cstdint", kIntegers}, {"stdint.h", kIntegers}, {"climits", kLimits},  {"limits.h", kLimits},
    {"cfloat", kLimits},    {"float.h", kLimits},
};

std::string read_text(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    std::error_code unreadable;
    if (!stream || !std::filesystem::is_regular_file(path, unreadable)) {
        throw Error(fmt::format("reading {}: there is no such file, or it cannot be read", path));
    }
    return text.str();
}

}  // namespace

UserFile read_user_file(const std::string& path) {
    return {.path = path, .text = read_text(path)};
}

Source user_source(const std::string& path, const std::string& kernel, const std::string& architecture,
                   const std::string& toolkit_include) {
    return user_source(read_user_file(path), kernel, architecture, toolkit_include);
}

Source user_source(const UserFile& file, const std::string& kernel, const std::string& architecture,
                   const std::string& toolkit_include) {
    const std::filesystem::path folder = std::filesystem::path(file.path).parent_path();
    Source source{
        .text = "#include \"" + file.path + "\"\n",
        .name_expression = kernel,
        // -lineinfo: findings name source lines. -v: registers and spills are read from the log.
        .options = {"--gpu-architecture=" + architecture, "--std=c++20", "-lineinfo", "--ptxas-options=-v",
                    "--include-path=" + (folder.empty() ? std::string(".") : folder.string())},
        .headers = {{file.path, file.text}},
        .digest = {},
    };
    if (std::filesystem::exists(toolkit_include + "/cccl")) {  // where CUDA 13 keeps cuda/std and cub
        source.options.push_back("--include-path=" + toolkit_include + "/cccl");
    }
    for (const StandardHeader& header : kStandardHeaders) {
        source.headers.emplace_back(header.name, header.text);
    }
    source.digest = digest_of(source);
    return source;
}

}  // namespace warpsmith
