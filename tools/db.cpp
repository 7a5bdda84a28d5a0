// warpsmith db: what a tuning database holds.
#include <fmt/format.h>

#include <memory>

#include "cache/tuning_db.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/db_model.hpp"
#include "tools/table.hpp"
#include "tools/trial_json.hpp"

namespace warpsmith {
namespace {

struct ListArguments {
    std::string what;
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

Command db_command() {
    auto arguments = std::make_shared<ListArguments>();
    return {.arguments = {{.name = "WHAT",
                           .value = &arguments->what,
                           .meaning =
                               "list: the newest trial of every configuration, newest first; model: how well the model "
                               "ranks what was measured",
                           .choices = {"list", "model"},
                           .required = true},
                          database_option(arguments->database),
                          {.name = "--family",
                           .value = &arguments->family,
                           .meaning = "only trials of this family",
                           .shown = "NAME"},
                          {.name = "--target",
                           .value = &arguments->target,
                           .meaning = "only trials for this target",
                           .shown = "NAME"},
                          {.name = "--json", .value = &arguments->json, .meaning = "print one JSON object per line"}},
            .notes =
                "Examples:\n"
                "  warpsmith db list --db tuning.db\n"
                "  warpsmith db list --db tuning.db --family lstm --json\n"
                "  warpsmith db model --db tuning.db",
            .run = [arguments] {
                const ListArguments& a = *arguments;
                return a.what == "model" ? print_model_report(a.database, a.family, a.target, a.json) : list_trials(a);
            }};
}

}  // namespace warpsmith
