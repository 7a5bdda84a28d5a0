#include "tuner/interchange/result_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr double kFailedTime = 1e20;
constexpr std::size_t kMostKept = std::size_t{1} << 30U;  // a hundred times the largest recording that is around
constexpr std::size_t kMostChoices = 20;

}  // namespace

void KeptText::add(const std::string& text) {
    bytes_ += text.size();
    if (bytes_ > kMostKept) {
        throw Error(fmt::format("{}: it has more than memory should hold; split it", where_));
    }
}

std::optional<double> positive_time(const OrderedJson& value) {
    if (!value.is_number()) {
        return std::nullopt;
    }
    const auto time = value.get<double>();
    return std::isfinite(time) && time > 0 && time < kFailedTime ? std::optional(time) : std::nullopt;
}

std::vector<double> scaled_numbers(const OrderedJson& list, double factor) {
    std::vector<double> numbers;
    if (list.is_array()) {
        for (const OrderedJson& number : list) {
            if (positive_time(number)) {
                numbers.push_back(number.get<double>() * factor);
            }
        }
    }
    return numbers;
}

double unscaled(double scaled, double factor) {
    const double nearest = scaled / factor;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    for (double candidate : {nearest, std::nextafter(nearest, 0.0), std::nextafter(nearest, kInfinity)}) {
        if (candidate * factor == scaled) {
            return candidate;
        }
    }
    return nearest;
}

OrderedJson parsed(const std::string& text) {
    OrderedJson value = OrderedJson::parse(text, nullptr, false);
    return value.is_object() ? value : OrderedJson::object();
}

std::string dumped(const OrderedJson& value) {
    return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string base_name(const std::string& path) {
    return std::filesystem::path(path).filename().string();
}

std::string text_member(const OrderedJson& object, const std::string& name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const ImportedFile& require_one(std::span<const ImportedFile> files, std::string_view format) {
    if (files.empty()) {
        throw Error(fmt::format("writing {}: there are no results to write", format));
    }
    if (files.size() > 1) {
        std::string choices;
        for (const ImportedFile& file : files.first(std::min(files.size(), kMostChoices))) {
            choices += fmt::format("\n  --kernel \"{}\" --device \"{}\" --problem \"{}\" --from \"{}\"", file.kernel,
                                   file.device, file.problem_size, file.name);
        }
        throw Error(
            fmt::format("writing {}: a file holds one kernel, problem size and device, and these are several; choose "
                        "one of:{}",
                        format, choices));
    }
    return files.front();
}

OrderedJson value_lists(const ImportedFile& file) {
    OrderedJson lists = OrderedJson::object();
    for (const ImportedResult& result : file.results) {
        for (const OrderedJson object = parsed(result.config); const auto& [name, value] : object.items()) {
            OrderedJson& list = lists[name];
            if (list.is_null() || std::find(list.begin(), list.end(), value) == list.end()) {
                list.push_back(value);
            }
        }
    }
    return lists;
}

}  // namespace warpsmith
