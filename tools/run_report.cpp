#include "tools/run_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "tools/table.hpp"

namespace warpsmith {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kValuesShown = 8;  // of a buffer, in the text
constexpr int kLinesAround = 2;          // of a finding's line

Json traffic_json(const emulator::Traffic& traffic) {
    return {{"global_bytes", traffic.global_bytes},
            {"global_sectors", traffic.global_sectors},
            {"shared_bytes", traffic.shared_bytes},
            {"shared_wavefronts", traffic.shared_wavefronts},
            {"shared_bank_conflicts", traffic.shared_bank_conflicts}};
}

template <class C>
Json classes_json(const C& counts) {
    Json classes = Json::object();
    for (std::size_t kind = 0; kind < emulator::kClasses; ++kind) {
        if (counts.by_class[kind].warps != 0) {
            classes[std::string(name_of(static_cast<emulator::Class>(kind)))] = counts.by_class[kind].warps;
        }
    }
    return classes;
}

Json counts_json(const emulator::Counts& counts) {
    Json json = {{"warp_instructions", counts.all.warps},
                 {"thread_instructions", counts.all.threads},
                 {"tensor_macs", counts.tensor_macs},
                 {"by_class", classes_json(counts)}};
    if (!counts.lines.empty()) {  // profiled
        json["traffic"] = traffic_json(counts.traffic);
        json["lines"] = Json::array();
        for (const emulator::LineCounts& line : counts.lines) {
            json["lines"].push_back({{"file", line.file},
                                     {"line", line.line},
                                     {"warp_instructions", line.all.warps},
                                     {"thread_instructions", line.all.threads},
                                     {"traffic", traffic_json(line.traffic)}});
        }
    }
    return json;
}

Json values_json(const RunBuffer& buffer) {
    Json values = Json::array();
    for (std::size_t at = 0; at < buffer.bytes.size(); at += buffer.type->bytes) {
        values.push_back(buffer.type->value(buffer.bytes.data() + at));
    }
    return values;
}

// The lines around one of a file, the one itself marked; empty when the file is not there.
std::string excerpt(const std::string& path, int line) {
    std::ifstream stream(path);
    std::string text;
    int number = 0;
    for (std::string content; std::getline(stream, content) && number < line + kLinesAround;) {
        if (++number >= line - kLinesAround) {
            text += fmt::format("  {} {:>5} | {}\n", number == line ? '>' : ' ', number, content);
        }
    }
    return number >= line ? text : std::string();
}

std::string triple(const std::array<unsigned, 3>& index) {
    return fmt::format("({},{},{})", index[0], index[1], index[2]);
}

std::string finding_text(const Finding& finding) {
    const std::string place = finding.line > 0 ? fmt::format("{}:{}: ", finding.file, finding.line) : std::string();
    return fmt::format("{}{}: block {} thread {}: {}\n{}", place, finding.kind, triple(finding.block),
                       triple(finding.thread), finding.message,
                       finding.line > 0 ? excerpt(finding.file, finding.line) : std::string());
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

// The source lines that executed most.
std::string profile_text(const emulator::Counts& counts) {
    std::vector<emulator::LineCounts> lines = counts.lines;
    std::ranges::stable_sort(lines, std::greater(), [](const emulator::LineCounts& line) { return line.all.warps; });
    std::vector<TableRow> rows = {{"line", "warp instructions", "global sectors", "bank conflicts"}};
    for (const emulator::LineCounts& line : lines) {
        rows.push_back({fmt::format("{}:{}", line.file, line.line), std::to_string(line.all.warps),
                        std::to_string(line.traffic.global_sectors),
                        std::to_string(line.traffic.shared_bank_conflicts)});
    }
    return lines.empty() ? std::string() : table(rows);
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

Json run_json(const LaunchOutcome& outcome, const std::vector<RunBuffer>& buffers) {
    Json json = {{"status", status_of(outcome)}, {"args", Json::array()}, {"findings", Json::array()}};
    for (const RunBuffer& buffer : buffers) {
        json["args"].push_back(
            {{"index", buffer.index}, {"dtype", buffer.type->name}, {"values", values_json(buffer)}});
    }
    for (const Finding& finding : outcome.findings) {
        json["findings"].push_back({{"kind", finding.kind},
                                    {"file", finding.file},
                                    {"line", finding.line},
                                    {"block", finding.block},
                                    {"thread", finding.thread},
                                    {"message", finding.message}});
    }
    json["counts"] = outcome.counts ? counts_json(*outcome.counts) : Json::object();
    if (!outcome.error.empty()) {
        json["error"] = outcome.error;
    }
    if (!outcome.output.empty()) {
        json["output"] = outcome.output;
    }
    return json;
}

std::string run_text(const LaunchOutcome& outcome, const std::vector<RunBuffer>& buffers) {
    std::string text = outcome.output;
    if (!text.empty() && text.back() != '\n') {
        text += '\n';
    }
    for (const RunBuffer& buffer : buffers) {
        text += buffer_text(buffer);
    }
    for (const Finding& finding : outcome.findings) {
        text += finding_text(finding);
    }
    if (outcome.counts) {
        text += profile_text(*outcome.counts);
    }
    return text + verdict(outcome);
}

}  // namespace warpsmith
