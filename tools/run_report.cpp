#include "tools/run_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/finding_report.hpp"
#include "tools/profile_report.hpp"

namespace warpsmith {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kValuesShown = 8;  // of a buffer, in the text

Json values_json(const RunBuffer& buffer) {
    Json values = Json::array();
    for (std::size_t at = 0; at < buffer.bytes.size(); at += buffer.type->bytes) {
        values.push_back(buffer.type->value(buffer.bytes.data() + at));
    }
    return values;
}

std::string buffer_text(const RunBuffer& buffer) {
    const std::size_t count = buffer.bytes.size() / buffer.type->bytes;
    std::string text = fmt::format("arg {}, {}[{}]:", buffer.index, buffer.type->name, count);
    for (std::size_t i = 0; i < std::min(count, kValuesShown); ++i) {
        const Json value = buffer.type->value(buffer.bytes.data() + i * buffer.type->bytes);
        text += value.is_number_float() ? fmt::format(" {:.6g}", value.get<double>())
                : value.is_string()     ? " " + value.get<std::string>()
                                        : " " + value.dump();
    }
    return text + (count > kValuesShown ? " ...\n" : "\n");
}

std::string verdict(const LaunchOutcome& outcome) {
    if (!outcome.findings.empty()) {
        return fmt::format("{} finding{}\n", outcome.findings.size(), outcome.findings.size() == 1 ? "" : "s");
    }
    if (!outcome.error.empty()) {
        return fmt::format("the launch failed: {}\n", outcome.error);
    }
    return outcome.counts ? fmt::format("ok: {} warp instructions, nothing found\n", outcome.counts->all.warps)
                          : std::string("ok\n");
}

}  // namespace

std::string_view status_of(const LaunchOutcome& outcome) {
    return !outcome.findings.empty() ? "findings" : !outcome.error.empty() ? "error" : "ok";
}

Json run_json(const RunReport& report) {
    const LaunchOutcome& outcome = report.outcome;
    Json json = {{"status", status_of(outcome)}, {"args", Json::array()}, {"findings", Json::array()}};
    for (const RunBuffer& buffer : report.buffers) {
        json["args"].push_back(
            {{"index", buffer.index}, {"dtype", buffer.type->name}, {"values", values_json(buffer)}});
    }
    json["findings"] = findings_json(outcome.findings);
    json["counts"] = outcome.counts ? counts_json(*outcome.counts) : Json::object();
    if (report.modelled) {
        json["modelled"] = modelled_json(*report.modelled, report.target);
    }
    if (!outcome.error.empty()) {
        json["error"] = outcome.error;
    }
    if (!outcome.output.empty()) {
        json["output"] = outcome.output;
    }
    return json;
}

std::string run_text(const RunReport& report) {
    const LaunchOutcome& outcome = report.outcome;
    SourceLines source;
    std::string text = outcome.output;
    if (!text.empty() && text.back() != '\n') {
        text += '\n';
    }
    for (const RunBuffer& buffer : report.buffers) {
        text += buffer_text(buffer);
    }
    text += findings_text(outcome.findings, source);
    if (outcome.counts && !outcome.counts->lines.empty()) {
        text += profile_text(*outcome.counts, source);
    }
    if (report.modelled) {
        text += modelled_text(*report.modelled, report.target, "the counts");
    }
    return text + verdict(outcome);
}

}  // namespace warpsmith
