#include "tuner/interchange/formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "solver/error.hpp"
#include "solver/suggestion.hpp"

namespace warpsmith {
namespace {

constexpr std::array kFormats = {
    ResultFormat{"kernel-tuner", true, read_kernel_tuner_cache, write_kernel_tuner_cache},
    ResultFormat{"t4", true, read_t4, write_t4},
    ResultFormat{"wisdom", false, read_wisdom, write_wisdom},
};

}  // namespace

std::span<const ResultFormat> result_formats() {
    return kFormats;
}

const ResultFormat& find_result_format(const std::string& name) {
    const auto* found = std::ranges::find(kFormats, name, [](const ResultFormat& format) { return format.name; });
    if (found == kFormats.end()) {
        std::vector<std::string> names;
        for (const ResultFormat& format : kFormats) {
            names.emplace_back(format.name);
        }
        throw Error(fmt::format("choosing a format: there is no '{}'; {}", name, suggestion(name, names)));
    }
    return *found;
}

}  // namespace warpsmith
