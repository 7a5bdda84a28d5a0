// Wisdom of Kernel Launcher, one JSON object per line: first {version "1.0", key, objective "time",
// tunable_parameters}, then {config, problem_size, time, environment {device_name, ...}}, times in milliseconds.
// Empty lines and those that begin with # or // are passed over. What failed is not in it.
#include <fmt/format.h>

#include <istream>
#include <map>
#include <streambuf>
#include <utility>

#include "solver/error.hpp"
#include "tuner/gzip_stream.hpp"
#include "tuner/interchange/formats.hpp"
#include "tuner/interchange/result_json.hpp"

namespace warpsmith {
namespace {

using Json = OrderedJson;

constexpr const char* kName = "wisdom";
constexpr const char* kVersion = "1.0";
constexpr std::size_t kLongestLine = 1U << 20U;
constexpr int kMaxDepth = 16;

class Reader {
  public:
    explicit Reader(const FileOrigin& origin)
        : origin_(origin), kept_(fmt::format("importing the wisdom {}", origin.path)) {}

    std::vector<ImportedFile> run() {
        GzipStream file(origin_.path);
        std::istream lines(&file);
        for (std::string line; next_line(lines, line);) {
            kept_.add(line);
            const std::size_t begin = line.find_first_not_of(" \t\r");
            if (begin == std::string::npos || line[begin] == '#' || line.compare(begin, 2, "//") == 0) {
                continue;
            }
            const Json object = parse(line);
            header_.empty() ? take_header(object) : add(object);
        }
        if (files_.empty()) {
            fail(header_.empty() ? "it is empty" : "it has no results after its first line");
        }
        return std::move(files_);
    }

  private:
    [[noreturn]] void fail(const std::string& what) const {
        throw Error(fmt::format("importing the wisdom {}:{}: {}", origin_.path, number_, what));
    }

    bool next_line(std::istream& lines, std::string& line) {
        line.clear();
        ++number_;
        std::streambuf& text = *lines.rdbuf();
        constexpr int kEnd = std::streambuf::traits_type::eof();
        for (int c = text.sbumpc(); c != '\n'; c = text.sbumpc()) {
            if (c == kEnd) {
                return !line.empty();
            }
            if (line.size() == kLongestLine) {
                fail(fmt::format("the line is longer than {} bytes", kLongestLine));
            }
            line += static_cast<char>(c);
        }
        return true;
    }

    Json parse(const std::string& line) const {
        try {
            Json object = Json::parse(line, [this](int depth, Json::parse_event_t, Json&) {
                if (depth > kMaxDepth) {
                    fail(fmt::format("it is nested deeper than {}", kMaxDepth));
                }
                return true;
            });
            if (object.is_object()) {
                return object;
            }
        } catch (const Json::parse_error& error) {
            fail(fmt::format("it is no JSON: {}", error.what()));
        }
        fail("it is no JSON object");
    }

    void take_header(const Json& header) {
        if (text_member(header, "version") != kVersion) {
            fail("the first line has no \"version\":\"1.0\"");
        }
        if (text_member(header, "objective") != "time") {
            fail("the first line has no \"objective\":\"time\"; no other objective is read");
        }
        if (!header.contains("tunable_parameters") || !header["tunable_parameters"].is_array() ||
            header["tunable_parameters"].empty()) {
            fail("the first line has no list of \"tunable_parameters\"");
        }
        header_ = header;
    }

    void add(const Json& row) {
        const Json& names = header_["tunable_parameters"];
        const Json values = row.value("config", Json());
        if (!values.is_array() || values.size() != names.size()) {
            fail(fmt::format("\"config\" is no list of {} values", names.size()));
        }
        Json config = Json::object();
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (!names[i].is_string() || !values[i].is_primitive() || values[i].is_null()) {
                fail(fmt::format("value {} of \"config\" is no number or text", i + 1));
            }
            config[names[i].get<std::string>()] = values[i];
        }
        const std::optional<double> time = positive_time(row.value("time", Json()));
        if (!time) {
            fail("\"time\" is no positive number");
        }
        const Json environment = row.value("environment", Json::object());
        file_of(row, environment)
            .results.push_back({.config = dumped(config),
                                .outcome = "correct",
                                .time_us = *time * kMicrosecondsPerMillisecond,
                                .phases_ms = "{}",
                                .recorded_at = environment.is_object() ? text_member(environment, "date") : "",
                                .said = dumped(row)});
    }

    ImportedFile& file_of(const Json& row, const Json& environment) {
        std::string device = environment.is_object() ? text_member(environment, "device_name") : "";
        device = device.empty() ? origin_.device : device;
        const std::string problem_size = dumped(row.value("problem_size", Json::array()));
        const auto [place, is_new] = places_.try_emplace({device, problem_size}, files_.size());
        if (!is_new) {
            return files_[place->second];
        }
        const std::string kernel = text_member(header_, "key");
        return files_.emplace_back(ImportedFile{.format = kName,
                                                .name = base_name(origin_.path),
                                                .device = device,
                                                .kernel = kernel.empty() ? origin_.kernel : kernel,
                                                .problem_size = problem_size,
                                                .header = dumped(header_)});
    }

    const FileOrigin& origin_;
    KeptText kept_;
    std::size_t number_ = 0;  // of the line
    Json header_ = Json::object();
    std::vector<ImportedFile> files_;
    std::map<std::pair<std::string, std::string>, std::size_t> places_;  // in files_, by device and problem size
};

Json parameters_of(const Json& config) {
    Json names = Json::array();
    for (const auto& [name, value] : config.items()) {
        names.push_back(name);
    }
    return names;
}

Json row_of(const ImportedFile& file, const ImportedResult& result) {
    if (file.format == kName) {
        return parsed(result.said);
    }
    Json values = Json::array();
    for (const Json object = parsed(result.config); const auto& [name, value] : object.items()) {
        values.push_back(value);
    }
    return {{"config", values},
            {"problem_size", Json::parse(file.problem_size, nullptr, false)},
            {"time", unscaled(result.time_us, kMicrosecondsPerMillisecond)},
            {"environment", {{"date", result.recorded_at}, {"device_name", file.device}}}};
}

}  // namespace

std::vector<ImportedFile> read_wisdom(const FileOrigin& origin) {
    return Reader(origin).run();
}

std::string write_wisdom(std::span<const ImportedFile> files) {
    Json header;
    Json parameters;
    std::string lines;
    for (const ImportedFile& file : files) {
        for (const ImportedResult& result : file.results) {
            if (result.outcome != "correct") {
                continue;
            }
            const Json names = parameters_of(parsed(result.config));
            if (header.is_null()) {
                parameters = names;
                header = file.format == kName ? parsed(file.header)
                                              : Json{{"version", kVersion},
                                                     {"objective", "time"},
                                                     {"tunable_parameters", names},
                                                     {"key", file.kernel}};
            }
            if (names != parameters || file.kernel != header["key"]) {
                throw Error(
                    fmt::format("writing wisdom: a file holds one kernel with one list of parameters, and \"{}\" is "
                                "another; choose with --kernel, --device and --problem",
                                file.kernel));
            }
            lines += dumped(row_of(file, result)) + "\n";
        }
    }
    if (lines.empty()) {
        throw Error("writing wisdom: it holds what was measured only, and there is nothing of that");
    }
    return dumped(header) + "\n" + lines;
}

}  // namespace warpsmith
