#include "tools/profile_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/table.hpp"

namespace warpsmith {
namespace {

using emulator::Class;
using emulator::Counts;
using emulator::LineCounts;
using emulator::Tally;
using emulator::Traffic;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLinesShown = 20;
constexpr std::size_t kSourceShown = 60;  // characters of a line
constexpr double kSectorBytes = 32, kWarpLanes = 32;

// Counts and LineCounts.
template <class C>
Json classes_json(const C& counts) {
    Json classes = Json::object();
    for (std::size_t kind = 0; kind < emulator::kClasses; ++kind) {
        if (counts.by_class[kind].warps != 0) {
            classes[std::string(name_of(static_cast<Class>(kind)))] = counts.by_class[kind].warps;
        }
    }
    return classes;
}

Json traffic_json(const Traffic& traffic) {
    return {{"global_bytes", traffic.global_bytes},
            {"global_sectors", traffic.global_sectors},
            {"shared_bytes", traffic.shared_bytes},
            {"shared_wavefronts", traffic.shared_wavefronts},
            {"shared_bank_conflicts", traffic.shared_bank_conflicts}};
}

Json line_json(const LineCounts& line) {
    return {{"file", line.file},
            {"line", line.line},
            {"warp_instructions", line.all.warps},
            {"thread_instructions", line.all.threads},
            {"tensor_macs", line.tensor_macs},
            {"by_class", classes_json(line)},
            {"traffic", traffic_json(line.traffic)}};
}

std::string percent(double part, double whole) {
    return whole > 0 ? fmt::format("{:.0f} %", 100 * part / whole) : std::string("-");
}

// Lanes that took part, of those that the warps have.
std::string lanes_used(const Tally& tally) {
    return percent(static_cast<double>(tally.threads), kWarpLanes * static_cast<double>(tally.warps));
}

// Bytes that lanes asked for, of those in the sectors that were moved. More than all when lanes share them.
std::string sectors_used(const Traffic& traffic) {
    return percent(static_cast<double>(traffic.global_bytes),
                   kSectorBytes * static_cast<double>(traffic.global_sectors));
}

std::string class_table(const Counts& counts) {
    std::vector<TableRow> rows = {{"class", "warp instructions", "thread instructions", "lanes used"}};
    for (std::size_t kind = 0; kind < emulator::kClasses; ++kind) {
        const Tally& tally = counts.by_class[kind];
        if (tally.warps != 0) {
            rows.push_back({std::string(name_of(static_cast<Class>(kind))), std::to_string(tally.warps),
                            std::to_string(tally.threads), lanes_used(tally)});
        }
    }
    rows.push_back(
        {"all", std::to_string(counts.all.warps), std::to_string(counts.all.threads), lanes_used(counts.all)});
    return table(rows);
}

std::string memory_text(const Counts& counts) {
    const Traffic& traffic = counts.traffic;
    return fmt::format(
        "global memory  {} bytes in {} sectors of 32 bytes, {} used\n"
        "shared memory  {} bytes in {} passes over the banks, {} of them by conflicts\n"
        "tensor cores   {} multiply-adds\n",
        traffic.global_bytes, traffic.global_sectors, sectors_used(traffic), traffic.shared_bytes,
        traffic.shared_wavefronts, traffic.shared_bank_conflicts, counts.tensor_macs);
}

std::string shown_source(const std::string& line) {
    const std::size_t first = std::min(line.find_first_not_of(" \t"), line.size());
    return line.size() - first <= kSourceShown ? line.substr(first) : line.substr(first, kSourceShown - 3) + "...";
}

std::string cell(std::uint64_t count) {
    return count == 0 ? std::string("-") : std::to_string(count);
}

std::string line_table(const Counts& counts, SourceLines& source) {
    std::vector<LineCounts> lines = counts.lines;
    std::ranges::stable_sort(lines, std::greater(), [](const LineCounts& line) { return line.all.warps; });
    std::vector<TableRow> rows = {{"share", "warp instructions", "global bytes", "sectors", "used", "bank conflicts",
                                   "tensor macs", "barriers", "line", "source"}};
    for (const LineCounts& line : lines) {
        if (rows.size() > kLinesShown) {
            break;
        }
        rows.push_back({percent(static_cast<double>(line.all.warps), static_cast<double>(counts.all.warps)),
                        std::to_string(line.all.warps), cell(line.traffic.global_bytes),
                        cell(line.traffic.global_sectors), sectors_used(line.traffic),
                        cell(line.traffic.shared_bank_conflicts), cell(line.tensor_macs),
                        cell(line.by_class[static_cast<std::size_t>(Class::barrier)].warps),
                        line.line == 0 ? "of no line" : fmt::format("{}:{}", line.file, line.line),
                        shown_source(source.line(line.file, static_cast<int>(line.line)))});
    }
    const std::size_t more = lines.size() + 1 - rows.size();
    return table(rows) + (more > 0 ? fmt::format("and {} more lines, which --json tells\n", more) : std::string());
}

}  // namespace

Json counts_json(const Counts& counts) {
    Json json = {{"warp_instructions", counts.all.warps},
                 {"thread_instructions", counts.all.threads},
                 {"tensor_macs", counts.tensor_macs},
                 {"by_class", classes_json(counts)}};
    if (!counts.lines.empty()) {  // profiled
        json["traffic"] = traffic_json(counts.traffic);
        json["lines"] = Json::array();
        for (const LineCounts& line : counts.lines) {
            json["lines"].push_back(line_json(line));
        }
    }
    return json;
}

std::string profile_text(const Counts& counts, SourceLines& source) {
    return class_table(counts) + memory_text(counts) + line_table(counts, source);
}

Json modelled_json(const ModelledTime& time, const Target& target) {
    return {{"target", target.name},
            {"microseconds", std::isfinite(time.microseconds) ? Json(time.microseconds) : Json()},
            {"bound_by", time.bound_by},
            {"blocks_per_sm", time.blocks_per_sm},
            {"waves", time.waves}};
}

std::string modelled_text(const ModelledTime& time, const Target& target, std::string_view from) {
    if (!std::isfinite(time.microseconds)) {
        return fmt::format("modelled       it does not fit on {}: {}\n", target.name, time.bound_by);
    }
    return fmt::format("modelled       {:.2f} us on {} from {}, bound by {}; blocks per SM: {}, waves: {}\n",
                       time.microseconds, target.name, from, time.bound_by, time.blocks_per_sm, time.waves);
}

}  // namespace warpsmith
