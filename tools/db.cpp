// warpsmith db: what a tuning database holds.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cache/tuning_db.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/table.hpp"
#include "tools/trial_json.hpp"

namespace warpsmith {
namespace {

struct ListArguments {
    std::string database = "tuning.db";
    std::string family;
    std::string target;
    bool json = false;
};

std::string time_cell(const Trial& trial) {
    return trial.kind == TimeKind::none ? "-" : fmt::format("{:.2f}", trial.median_us);
}

int list_trials(const ListArguments& arguments) {
    const TuningDb db(arguments.database, TuningDb::Mode::read_only);
    const std::vector<Trial> trials = db.list(arguments.family, arguments.target);
    std::vector<TableRow> rows = {{"recorded", "target", "workload", "config", "outcome", "us", "time is", "note"}};
    for (const Trial& trial : trials) {
        if (arguments.json) {
            fmt::print("{}\n", to_json(trial).dump());
        } else {
            rows.push_back({trial.recorded_at, trial.provenance.target, trial.workload.key(), trial.config,
                            std::string(name(trial.outcome)), time_cell(trial), std::string(name(trial.kind)),
                            trial.note});
        }
    }
    if (!arguments.json) {
        fmt::print("{}", table(rows));
    }
    return trials.empty() ? kNothingFound : kDone;
}

}  // namespace

Action add_db(CLI::App& command) {
    auto arguments = std::make_shared<ListArguments>();
    command.require_subcommand(1);
    CLI::App* list = command.add_subcommand("list", "the newest trial of every configuration, newest first");
    add_database_option(*list, arguments->database);
    list->add_option("--family", arguments->family, "only trials of this family");
    list->add_option("--target", arguments->target, "only trials for this target");
    list->add_flag("--json", arguments->json, "print one JSON object per line");
    command.footer(
        "Examples:\n"
        "  warpsmith db list --db tuning.db\n"
        "  warpsmith db list --db tuning.db --family lstm --json");
    return [arguments] { return list_trials(*arguments); };
}

}  // namespace warpsmith
