#include "tuner/recording_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "solver/error.hpp"
#include "tuner/json_sections.hpp"

namespace warpsmith {
namespace {

using Json = OrderedJson;

constexpr std::size_t kMaxValues = 1U << 26U;  // of all configurations together: some gigabytes
constexpr double kFailedTime = 1e20;           // which old caches have in place of a time

struct Unit {
    std::string_view name;
    double seconds;
};

// Kernel Tuner's writer once spelt it with one l.
constexpr std::array kUnits = {
    Unit{"milliseconds", 1e-3}, Unit{"miliseconds", 1e-3}, Unit{"ms", 1e-3},          Unit{"seconds", 1}, Unit{"s", 1},
    Unit{"microseconds", 1e-6}, Unit{"us", 1e-6},          Unit{"nanoseconds", 1e-9}, Unit{"ns", 1e-9}};

std::optional<Value> value_of(const Json& json) {
    if (json.is_boolean()) {
        return Value(std::int64_t{json.get<bool>() ? 1 : 0});
    }
    if (json.is_number_integer() && (!json.is_number_unsigned() || json.get<std::uint64_t>() >> 63U == 0)) {
        return Value(json.get<std::int64_t>());
    }
    if (json.is_number()) {
        return Value(json.get<double>());
    }
    return json.is_string() ? std::optional(Value(json.get<std::string>())) : std::nullopt;
}

std::optional<double> time_of(const Json& row, const std::string& name) {
    auto found = row.find(name);
    if (found == row.end() || !found->is_number()) {
        return std::nullopt;
    }
    const auto time = found->get<double>();
    return std::isfinite(time) && time > 0 && time < kFailedTime ? std::optional(time) : std::nullopt;
}

double sum_of(const Json& json) {
    double sum = json.is_number() ? json.get<double>() : 0;
    if (json.is_array()) {
        for (const Json& part : json) {
            sum += part.is_number() ? part.get<double>() : 0;
        }
    }
    return sum;
}

class Reader {
  public:
    explicit Reader(const std::string& path) : path_(path) {}

    RecordingFile run() {
        constexpr std::array<std::string_view, 2> kSections = {"results", "cache"};
        const bool whole = read_json_sections(
            "reading the recording", path_,
            {.names = kSections,
             .item = [this](const std::string& section, const std::string&, const Json& row) { add(section, row); },
             .member = [this](const std::string& name, const Json& value) { take(name, value); }});
        if (!whole && !(is_cache_ && !file_.results.empty())) {
            fail("it is no JSON: it ends before its closing brackets");
        }
        if (file_.results.empty()) {
            fail("it has no results; a T4 file has them in \"results\", a cache file of Kernel Tuner in \"cache\"");
        }
        for (RecordedResult& result : file_.results) {
            result.seconds *= unit_s_;
        }
        return std::move(file_);
    }

  private:
    [[noreturn]] void fail(const std::string& what) const {
        throw Error(fmt::format("reading the recording {}: {}", path_, what));
    }

    void add(const std::string& section, const Json& row) {
        is_cache_ = section == "cache";
        is_cache_ ? add_cached(row) : add_result(row);
    }

    void take(const std::string& name, const Json& value) {
        if (name == "tune_params_keys") {
            add_parameters(value);
        } else if (name == "metadata" && value.is_object() && value.contains("timeunit") &&
                   value["timeunit"].is_string()) {
            take_unit(value["timeunit"].get<std::string>());
        }
    }

    void take_unit(const std::string& name) {
        const auto* found = std::ranges::find(kUnits, name, &Unit::name);
        if (found == kUnits.end()) {
            fail(
                fmt::format("its timeunit \"{}\" is not known; write seconds, milliseconds, microseconds or "
                            "nanoseconds",
                            name));
        }
        unit_s_ = found->seconds;
    }

    void add_parameters(const Json& names) {
        for (const Json& name : names) {
            if (!name.is_string()) {
                fail("\"tune_params_keys\" is not a list of names");
            }
            file_.parameters.push_back(name.get<std::string>());
        }
    }

    std::vector<Value> values_of(const Json& configuration) {
        std::vector<Value> values;
        for (const std::string& parameter : file_.parameters) {
            auto found = configuration.find(parameter);
            std::optional<Value> value = found == configuration.end() ? std::nullopt : value_of(*found);
            if (!value) {
                fail(fmt::format("result {} has no number or text as its \"{}\"", file_.results.size() + 1, parameter));
            }
            values.push_back(std::move(*value));
        }
        kept_ += values.size();
        if (values.empty() || kept_ > kMaxValues) {
            fail(values.empty() ? "its configurations have no parameters"
                                : "it has more results than memory should hold");
        }
        return values;
    }

    void add_cached(const Json& row) {
        double taken = 0;
        for (const auto& [name, value] : row.items()) {
            taken += name.ends_with("_time") ? sum_of(value) : 0;
        }
        file_.results.push_back({values_of(row), time_of(row, "time"), taken});
    }

    void add_result(const Json& row) {
        const Json configuration = row.value("configuration", Json::object());
        if (file_.results.empty() && configuration.is_object()) {
            for (const auto& [name, value] : configuration.items()) {
                file_.parameters.push_back(name);
            }
        }
        if (!configuration.is_object() || configuration.size() != file_.parameters.size()) {
            fail(fmt::format("result {} has not the parameters of the first", file_.results.size() + 1));
        }
        double taken = 0;
        const Json times = row.value("times", Json::object());
        for (const auto& [name, value] : times.items()) {
            taken += sum_of(value);
        }
        const bool correct = row.contains("invalidity") && row["invalidity"] == "correct";
        file_.results.push_back({values_of(configuration), correct ? measured(row) : std::nullopt, taken});
    }

    static std::optional<double> measured(const Json& row) {
        const Json measurements = row.value("measurements", Json::array());
        const Json objectives = row.value("objectives", Json::array());
        std::optional<double> objective;
        for (const Json& measurement : measurements) {
            if (!measurement.is_object() || !measurement.contains("name")) {
                continue;
            }
            if (measurement["name"] == "time") {
                return time_of(measurement, "value");
            }
            if (objectives.is_array() && !objectives.empty() && objectives[0] == measurement["name"]) {
                objective = time_of(measurement, "value");
            }
        }
        return objective;
    }

    const std::string& path_;
    RecordingFile file_;
    bool is_cache_ = false;
    std::size_t kept_ = 0;
    double unit_s_ = 1e-3;
};

}  // namespace

RecordingFile read_recording(const std::string& path) {
    return Reader(path).run();
}

}  // namespace warpsmith
