// T4 results: an object of schema_version, metadata.timeunit, and results, a list of {configuration, times, invalidity,
// correctness, measurements, objectives, timestamp}. Kernel, device and problem size are not in it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "solver/error.hpp"
#include "tuner/interchange/formats.hpp"
#include "tuner/interchange/result_json.hpp"

namespace warpsmith {
namespace {

using Json = OrderedJson;

constexpr const char* kName = "t4";
constexpr const char* kAction = "importing the T4 results";

struct Unit {
    std::string_view name;
    double microseconds;
};

// Kernel Tuner's writer once spelt it with one l; it is what there is when none is named, too.
constexpr std::array kUnits = {Unit{"milliseconds", 1e3},
                               Unit{"miliseconds", 1e3},
                               Unit{"ms", 1e3},
                               Unit{"seconds", 1e6},
                               Unit{"s", 1e6},
                               Unit{"microseconds", 1},
                               Unit{"us", 1},
                               Unit{"nanoseconds", 1e-3},
                               Unit{"ns", 1e-3}};
constexpr double kDefaultUnit = 1e3;

constexpr std::array<std::string_view, 6> kOutcomes = {"correct",     "compile",     "runtime",
                                                       "correctness", "constraints", "timeout"};

// The schema says compilation_time, Kernel Tuner writes compilation.
constexpr const char* kCompilation = "compilation";
constexpr const char* kCompilationInSchema = "compilation_time";

double unit_of(const Json& metadata) {
    const std::string name = metadata.is_object() ? text_member(metadata, "timeunit") : "";
    const auto* found = std::ranges::find(kUnits, name, &Unit::name);
    return found == kUnits.end() ? kDefaultUnit : found->microseconds;
}

// What of a measurement is a time: the one called so, else the one that is the first objective.
std::optional<double> measured(const Json& row, double unit_us) {
    const Json measurements = row.value("measurements", Json::array());
    const Json objectives = row.value("objectives", Json::array());
    std::optional<double> objective;
    for (const Json& measurement : measurements) {
        if (!measurement.is_object() || !measurement.contains("name") || !measurement.contains("value")) {
            continue;
        }
        const auto* own = std::ranges::find(kUnits, text_member(measurement, "unit"), &Unit::name);
        const double microseconds = own == kUnits.end() ? unit_us : own->microseconds;
        const std::optional<double> value = positive_time(measurement["value"]);
        if (measurement["name"] == "time") {
            return value ? std::optional(*value * microseconds) : std::nullopt;
        }
        if (objectives.is_array() && !objectives.empty() && objectives[0] == measurement["name"] && value) {
            objective = *value * microseconds;
        }
    }
    return objective;
}

class Reader {
  public:
    explicit Reader(const FileOrigin& origin) : origin_(origin), kept_(fmt::format("{} {}", kAction, origin.path)) {}

    std::vector<ImportedFile> run() {
        constexpr std::array<std::string_view, 1> kSections = {"results"};
        const bool whole = read_json_sections(
            kAction, origin_.path,
            {.names = kSections,
             .item = [this](const std::string&, const std::string&, const Json& row) { add(row); },
             .member = [this](const std::string& name, const Json& value) { header_[name] = value; }});
        if (!whole) {
            fail(fmt::format("it ends within result {}, before its closing brackets", file_.results.size() + 1));
        }
        if (file_.results.empty()) {
            fail("it has no results; they are in \"results\"");
        }
        require_unit();
        file_.format = kName;
        file_.name = base_name(origin_.path);
        file_.device = origin_.device;
        file_.kernel = origin_.kernel;
        file_.problem_size = "[]";
        file_.header = dumped(header_);
        return {scaled()};
    }

  private:
    [[noreturn]] void fail(const std::string& what) const {
        throw Error(fmt::format("{} {}: {}", kAction, origin_.path, what));
    }

    void require_unit() const {
        const Json metadata = header_.value("metadata", Json::object());
        const std::string name = metadata.is_object() ? text_member(metadata, "timeunit") : "";
        if (!name.empty() && std::ranges::find(kUnits, name, &Unit::name) == kUnits.end()) {
            fail(
                fmt::format("its timeunit \"{}\" is not known; write seconds, milliseconds, microseconds or "
                            "nanoseconds",
                            name));
        }
    }

    // The unit may come after the results.
    ImportedFile scaled() {
        const double unit_us = unit_of(header_.value("metadata", Json()));
        for (ImportedResult& result : file_.results) {
            const Json row = parsed(result.said);
            const std::optional<double> time = measured(row, unit_us);
            if (result.outcome == "correct" && !time) {
                fail(fmt::format("result {} is correct and has no time among its measurements",
                                 &result - file_.results.data() + 1));
            }
            const Json times = row.value("times", Json::object());
            Json phases = Json::object();
            for (const auto& [name, value] : times.items()) {
                if (value.is_number()) {
                    const std::string known = name == kCompilationInSchema ? kCompilation : name;
                    phases[known] = value.get<double>() * unit_us / kMicrosecondsPerMillisecond;
                }
            }
            result.phases_ms = dumped(phases);
            if (result.outcome == "correct") {
                result.time_us = *time;
                result.samples_us = scaled_numbers(times.value("runtimes", Json()), unit_us);
            }
        }
        return std::move(file_);
    }

    void add(const Json& row) {
        const std::size_t number = file_.results.size() + 1;
        if (!row.contains("configuration") || !row["configuration"].is_object() || row["configuration"].empty()) {
            fail(fmt::format("result {} has no configuration", number));
        }
        for (const auto& [name, value] : row["configuration"].items()) {
            if (!value.is_primitive() || value.is_null()) {
                fail(fmt::format("result {} has no number or text as its \"{}\"", number, name));
            }
        }
        const std::string outcome = text_member(row, "invalidity");
        if (std::ranges::find(kOutcomes, outcome) == kOutcomes.end()) {
            fail(fmt::format("result {} has the invalidity \"{}\"; known: {}", number, outcome,
                             "correct, compile, runtime, correctness, constraints, timeout"));
        }
        if (row.contains("times") && !row["times"].is_object()) {
            fail(fmt::format("result {} has times that are no object", number));
        }
        kept_.add(dumped(row));
        file_.results.push_back({.config = dumped(row["configuration"]),
                                 .outcome = outcome,
                                 .recorded_at = text_member(row, "timestamp"),
                                 .said = dumped(row)});
    }

    const FileOrigin& origin_;
    KeptText kept_;
    ImportedFile file_;
    Json header_ = Json::object();
};

Json times_of(const ImportedResult& result) {
    Json times = Json::object();
    for (const Json object = parsed(result.phases_ms); const auto& [name, value] : object.items()) {
        times[name] = value;
    }
    if (result.outcome == "correct") {
        times["runtimes"] = Json::array();
        for (double sample : result.samples_us) {
            times["runtimes"].push_back(unscaled(sample, kMicrosecondsPerMillisecond));
        }
    }
    return times;
}

Json row_of(const ImportedFile& file, const ImportedResult& result) {
    Json row;
    if (file.format == kName) {
        row = parsed(result.said);
    } else {
        const bool correct = result.outcome == "correct";
        row = {{"timestamp", result.recorded_at}, {"configuration", parsed(result.config)},
               {"times", times_of(result)},       {"invalidity", result.outcome},
               {"correctness", correct ? 1 : 0},  {"measurements", Json::array()},
               {"objectives", {"time"}}};
        if (correct) {
            row["measurements"].push_back({{"name", "time"},
                                           {"value", unscaled(result.time_us, kMicrosecondsPerMillisecond)},
                                           {"unit", "milliseconds"}});
        }
    }
    Json& times = row["times"];
    if (times.is_object() && times.contains(kCompilation) && !times.contains(kCompilationInSchema)) {
        const Json compilation = times[kCompilation];
        times[kCompilationInSchema] = compilation;
    } else if (times.is_object() && times.contains(kCompilationInSchema) && !times.contains(kCompilation)) {
        const Json compilation = times[kCompilationInSchema];
        times[kCompilation] = compilation;
    }
    return row;
}

}  // namespace

std::vector<ImportedFile> read_t4(const FileOrigin& origin) {
    return Reader(origin).run();
}

std::string write_t4(std::span<const ImportedFile> files) {
    const ImportedFile& file = require_one(files, "T4 results");
    Json document = {{"schema_version", "1.0.0"}, {"metadata", {{"timeunit", "milliseconds"}}}};
    if (file.format == kName) {
        for (const Json object = parsed(file.header); const auto& [name, value] : object.items()) {
            document[name] = value;
        }
    }
    Json& results = document["results"] = Json::array();
    for (const ImportedResult& result : file.results) {
        results.push_back(row_of(file, result));
    }
    return dumped(document) + "\n";
}

}  // namespace warpsmith
