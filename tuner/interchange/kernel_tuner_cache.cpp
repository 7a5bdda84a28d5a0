// The cache file of Kernel Tuner: an object of device_name, kernel_name, problem_size, tune_params_keys, tune_params,
// objective, and cache, in which every configuration is a member by its values. Times are in milliseconds. A
// configuration that failed has a text in place of its time, in newer files in __error__; the closing brackets may be
// missing, as a run that goes on leaves it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "solver/error.hpp"
#include "tuner/interchange/formats.hpp"
#include "tuner/interchange/result_json.hpp"

namespace warpsmith {
namespace {

using Json = OrderedJson;

constexpr const char* kName = "kernel-tuner";
constexpr const char* kAction = "importing the Kernel Tuner cache";

struct FailureWord {
    std::string_view word;
    std::string_view outcome;
};

// The first of an outcome is what is written.
constexpr std::array kFailures = {FailureWord{"CompilationFailedConfig", "compile"},
                                  FailureWord{"RuntimeFailedConfig", "runtime"},
                                  FailureWord{"InvalidConfig", "constraints"}};
constexpr std::string_view kOtherFailure = "RuntimeFailedConfig";

struct Phase {
    const char* here;
    const char* in_t4;
};

constexpr std::array kPhases = {Phase{"compile_time", "compilation"}, Phase{"verification_time", "validation"},
                                Phase{"benchmark_time", "benchmark"}, Phase{"strategy_time", "search_algorithm"},
                                Phase{"framework_time", "framework"}};

// "16,1,True", as Python writes them.
std::string key_of(const Json& config) {
    std::string key;
    for (const auto& [name, value] : config.items()) {
        key += key.empty() ? "" : ",";
        if (value.is_boolean()) {
            key += value.get<bool>() ? "True" : "False";
        } else {
            key += value.is_string() ? value.get<std::string>() : value.dump();
        }
    }
    return key;
}

class Reader {
  public:
    explicit Reader(const FileOrigin& origin) : origin_(origin), kept_(fmt::format("{} {}", kAction, origin.path)) {}

    std::vector<ImportedFile> run() {
        constexpr std::array<std::string_view, 1> kSections = {"cache"};
        const bool whole = read_json_sections(
            kAction, origin_.path,
            {.names = kSections,
             .item = [this](const std::string&, const std::string& key, const Json& row) { add(key, row); },
             .member = [this](const std::string& name, const Json& value) { header_[name] = value; }});
        if (file_.results.empty()) {
            fail(whole ? "it has no results; they are in \"cache\"" : "it ends before its first result does");
        }
        file_.format = kName;
        file_.name = base_name(origin_.path);
        file_.device = take_text("device_name", origin_.device);
        file_.kernel = take_text("kernel_name", origin_.kernel);
        file_.problem_size = header_.contains("problem_size") ? dumped(header_["problem_size"]) : "[]";
        header_.erase("problem_size");
        file_.header = dumped(header_);
        return {file_};
    }

  private:
    [[noreturn]] void fail(const std::string& what) const {
        throw Error(fmt::format("{} {}: {}", kAction, origin_.path, what));
    }

    std::string take_text(const std::string& name, const std::string& otherwise) {
        std::string text = text_member(header_, name);
        header_.erase(name);
        return text.empty() ? otherwise : text;
    }

    void add(const std::string& key, const Json& row) {
        const auto keys = header_.find("tune_params_keys");
        if (keys == header_.end() || !keys->is_array() || keys->empty()) {
            fail("\"tune_params_keys\" is no list of names before \"cache\"; it tells which values are parameters");
        }
        Json config = Json::object();
        for (const Json& name : *keys) {
            const bool there = name.is_string() && row.contains(name.get<std::string>());
            const Json value = there ? row[name.get<std::string>()] : Json();
            if (!value.is_primitive() || value.is_null()) {
                fail(fmt::format("result {} (\"{}\") has no number or text as its {}", file_.results.size() + 1, key,
                                 dumped(name)));
            }
            config[name.get<std::string>()] = value;
        }
        ImportedResult result = outcome_of(row);
        result.config = dumped(config);
        Json phases = Json::object();
        for (const Phase& phase : kPhases) {
            if (row.contains(phase.here) && row[phase.here].is_number()) {
                phases[phase.in_t4] = row[phase.here];
            }
        }
        result.phases_ms = dumped(phases);
        result.recorded_at = text_member(row, "timestamp");
        result.said = dumped(row);
        kept_.add(result.said);
        file_.results.push_back(std::move(result));
    }

    ImportedResult outcome_of(const Json& row) const {
        const std::string objective = header_.contains("objective") ? text_member(header_, "objective") : "time";
        const Json time = row.value("time", Json());
        const std::optional<double> measured = positive_time(time);
        std::string word = text_member(row, "__error__");
        if (word.empty()) {
            word = time.is_string() ? time.get<std::string>() : text_member(row, objective);
        }
        if (measured && word.empty()) {
            return {.outcome = "correct",
                    .time_us = *measured * kMicrosecondsPerMillisecond,
                    .samples_us = scaled_numbers(row.value("times", Json()), kMicrosecondsPerMillisecond)};
        }
        const auto* known = std::ranges::find(kFailures, word, &FailureWord::word);
        return {.outcome = std::string(known == kFailures.end() ? "runtime" : known->outcome)};
    }

    const FileOrigin& origin_;
    KeptText kept_;
    ImportedFile file_;
    Json header_ = Json::object();
};

Json row_of(const ImportedFile& file, const ImportedResult& result) {
    if (file.format == kName) {
        return parsed(result.said);
    }
    Json row = parsed(result.config);
    if (result.outcome == "correct") {
        row["time"] = unscaled(result.time_us, kMicrosecondsPerMillisecond);
        row["times"] = Json::array();
        for (double sample : result.samples_us) {
            row["times"].push_back(unscaled(sample, kMicrosecondsPerMillisecond));
        }
    } else {
        const auto* known = std::ranges::find(kFailures, result.outcome, &FailureWord::outcome);
        row["time"] = known == kFailures.end() ? kOtherFailure : known->word;
        row["__error__"] = row["time"];
    }
    const Json phases = parsed(result.phases_ms);
    for (const Phase& phase : kPhases) {
        // Kernel Tuner wants all of them; it writes 0 for what it did not do.
        row[phase.here] = phases.value(phase.in_t4, Json(0));
    }
    row["timestamp"] = result.recorded_at;
    return row;
}

}  // namespace

std::vector<ImportedFile> read_kernel_tuner_cache(const FileOrigin& origin) {
    return Reader(origin).run();
}

std::string write_kernel_tuner_cache(std::span<const ImportedFile> files) {
    const ImportedFile& file = require_one(files, "a Kernel Tuner cache");
    const bool imported = file.format == kName;
    const Json header = imported ? parsed(file.header) : Json::object();
    Json lists = value_lists(file);
    Json keys = Json::array();
    for (const auto& [name, values] : lists.items()) {
        keys.push_back(name);
    }
    Json document = {{"device_name", file.device},
                     {"kernel_name", file.kernel},
                     {"problem_size", Json::parse(file.problem_size, nullptr, false)},
                     {"tune_params_keys", header.value("tune_params_keys", keys)},
                     {"tune_params", header.value("tune_params", lists)},
                     {"objective", header.value("objective", Json("time"))}};
    for (const auto& [name, value] : header.items()) {
        document[name] = value;
    }
    Json& cache = document["cache"] = Json::object();
    for (const ImportedResult& result : file.results) {
        cache[key_of(parsed(result.config))] = row_of(file, result);
    }
    return dumped(document) + "\n";
}

}  // namespace warpsmith
