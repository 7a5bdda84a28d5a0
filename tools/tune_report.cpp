#include "tools/tune_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "cache/solutions_by_config.hpp"
#include "tools/ranked_configs.hpp"
#include "tools/recorded.hpp"
#include "tools/table.hpp"
#include "tools/trial_json.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kRunnersUp = 4;  // beside the winner: enough to see what the choice is between

struct OutcomeWords {
    Outcome outcome;
    const char* words;  // after a number
};

constexpr std::array kOutcomes = {OutcomeWords{Outcome::ok, "verified"},
                                  OutcomeWords{Outcome::modelled, "ranked by the model only"},
                                  OutcomeWords{Outcome::compile_error, "did not compile"},
                                  OutcomeWords{Outcome::spills, "spill registers"},
                                  OutcomeWords{Outcome::does_not_fit, "do not fit"},
                                  OutcomeWords{Outcome::launch_error, "failed to run"},
                                  OutcomeWords{Outcome::wrong_result, "were wrong"},
                                  OutcomeWords{Outcome::crashed, "ended their process"},
                                  OutcomeWords{Outcome::timed_out, "took too long"},
                                  OutcomeWords{Outcome::blocked, "are blocked (tune --retry tries them again)"}};

// What the table says of a trial's resources, as launched on the target.
struct Residency {
    std::int64_t smem_bytes = 0;
    std::int64_t blocks_per_sm = 0;
};

Residency residency(const Trial& trial, const Family& family, const Target& target) {
    const Space space = family.space(trial.workload, target);
    const RankedConfig candidate = ranked_config_of(parse_config(trial.config), space, target);
    return {.smem_bytes = evaluate(space.launch.smem_bytes, candidate.solution) + trial.resources.static_smem_bytes,
            .blocks_per_sm = modelled_time(space, candidate.solution, trial.resources, target).blocks_per_sm};
}

// A configuration has a trial of its compilation, and where it was run one of each device: the one that tells most.
int weight(const Trial& trial) {
    return trial.kind == TimeKind::measured ? 2 : trial.provenance.device.empty() ? 0 : 1;
}

// One trial per configuration, of its newest source; the verified first, by time.
std::vector<Trial> telling_trials(const TuneReport& report, const Family& family, const Target& target,
                                  const TuningDb& db) {
    const std::map<std::string, Solution> possible = solutions_by_config(family.space(report.workload, target));
    std::map<std::string, Trial> by_config;
    for (Trial& trial : db.list(report.workload.family, target.name)) {  // newest first
        if (trial.workload != report.workload || !possible.contains(trial.config)) {
            continue;
        }
        auto [found, is_new] = by_config.try_emplace(trial.config, trial);
        const bool same_source = found->second.provenance.source_digest == trial.provenance.source_digest;
        if (!is_new && same_source && weight(trial) > weight(found->second)) {
            found->second = std::move(trial);
        }
    }
    std::vector<Trial> trials;
    trials.reserve(by_config.size());
    for (auto& [config, trial] : by_config) {
        trials.push_back(std::move(trial));
    }
    std::ranges::stable_sort(trials, {}, [](const Trial& trial) {
        return std::tuple(trial.outcome != Outcome::ok, trial.kind != TimeKind::measured, trial.median_us);
    });
    return trials;
}

// The first ones of that outcome.
std::vector<TableRow> leading_rows(const std::vector<Trial>& trials, Outcome outcome, const Family& family,
                                   const Target& target) {
    std::vector<TableRow> rows = {
        {"", "config", "us", "time is", "registers", "smem", "blocks/SM", "error", "tolerance"}};
    for (const Trial& trial : trials) {
        if (trial.outcome != outcome || rows.size() > 1 + kRunnersUp) {
            continue;
        }
        const Residency resident = residency(trial, family, target);
        const bool verified = !trial.verified_on.empty();
        rows.push_back({rows.size() == 1 ? "*" : "", trial.config, fmt::format("{:.2f}", trial.median_us),
                        std::string(name(trial.kind)), std::to_string(trial.resources.registers),
                        std::to_string(resident.smem_bytes), std::to_string(resident.blocks_per_sm),
                        verified ? fmt::format("{:.1e}", trial.max_error) : "-",
                        verified ? fmt::format("{:.1e}", trial.tolerance) : "-"});
    }
    return rows;
}

std::string outcome_counts(const std::vector<Trial>& trials) {
    std::string text = fmt::format("{} configurations", trials.size());
    for (const auto& [outcome, words] : kOutcomes) {
        if (auto number = std::ranges::count(trials, outcome, &Trial::outcome); number > 0) {
            text += fmt::format(", {} {}", number, words);
        }
    }
    return text;
}

double wall_s(const TuneReport& report) {
    return report.solve_s + report.compile_s + report.verify_s + report.measure_s + report.record_s;
}

std::string split_of_wall_time(const TuneReport& report) {
    return fmt::format("{:.2f} s: solve {:.2f}, compile {:.2f}, verify {:.2f}, measure {:.2f}, record {:.2f}",
                       wall_s(report), report.solve_s, report.compile_s, report.verify_s, report.measure_s,
                       report.record_s);
}

}  // namespace

std::string text(const TuneReport& report, const Family& family, const Target& target, const TuningDb& db) {
    const std::vector<Trial> trials = telling_trials(report, family, target, db);
    std::string text = fmt::format("{} on {}\n", report.workload.key(), target.name);
    text += table(leading_rows(trials, report.best ? Outcome::ok : Outcome::modelled, family, target));
    text +=
        fmt::format("  why         {}\n", report.best ? report.why : "nothing is verified: ranked by the model only");
    text += fmt::format("  recorded    {}\n", outcome_counts(trials));
    text += fmt::format("  this run    {} candidates, {} compiled, {} verified{}\n", report.candidates, report.compiled,
                        report.verified, report.complete ? "" : "; stopped before the end");
    return text + fmt::format("  wall time   {}\n\n", split_of_wall_time(report));
}

std::string json_line(const TuneReport& report, const Family& family, const Target& target, const TuningDb& db) {
    nlohmann::ordered_json outcomes = nlohmann::ordered_json::object();
    const std::vector<Trial> trials = telling_trials(report, family, target, db);
    for (const auto& [outcome, words] : kOutcomes) {
        outcomes[std::string(name(outcome))] = std::ranges::count(trials, outcome, &Trial::outcome);
    }
    nlohmann::ordered_json object = {{"workload", report.workload.key()},
                                     {"target", target.name},
                                     {"best", nullptr},
                                     {"why", report.why},
                                     {"candidates", report.candidates},
                                     {"compiled", report.compiled},
                                     {"verified", report.verified},
                                     {"failed", report.failed},
                                     {"complete", report.complete},
                                     {"outcomes", outcomes},
                                     {"seconds",
                                      {{"solve", report.solve_s},
                                       {"compile", report.compile_s},
                                       {"verify", report.verify_s},
                                       {"measure", report.measure_s},
                                       {"record", report.record_s}}}};
    if (report.best) {
        object["best"] = to_json(*report.best);
    }
    return object.dump() + "\n";
}

}  // namespace warpsmith
