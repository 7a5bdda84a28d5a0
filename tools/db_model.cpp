// warpsmith db model: how well the model ranks what a database has measured.
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "cache/tuning_db.hpp"
#include "tools/arguments.hpp"
#include "tools/db_commands.hpp"
#include "tools/table.hpp"
#include "tuner/model_report.hpp"

namespace warpsmith {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json();
}

Json fit_json(const ModelFit& fit) {
    Json json = {
        {"workload", fit.workload.key()}, {"target", fit.target},
        {"device", fit.device},           {"trials", fit.trials},
        {"left_out", fit.left_out},       {"rank_correlation", fit.trials > 0 ? number(fit.rank_correlation) : Json()}};
    if (fit.trials > 0) {
        json["pick"] = {{"config", fit.pick}, {"measured_us", fit.pick_us}};
        json["fastest"] = {{"config", fit.fastest}, {"measured_us", fit.fastest_us}};
        json["pick_loss"] = fit.loss();
        json["best_of_8_loss"] = fit.loss_of_first();
    }
    return json;
}

TableRow row_of(const ModelFit& fit) {
    TableRow row = {fit.workload.key(), fit.target, fit.device, std::to_string(fit.trials),
                    std::to_string(fit.left_out)};
    if (fit.trials == 0) {
        row.insert(row.end(), 5, "-");
        return row;
    }
    for (const std::string& cell :
         {std::isnan(fit.rank_correlation) ? std::string("-") : fmt::format("{:.2f}", fit.rank_correlation),
          fmt::format("{:.2f}", fit.pick_us), fmt::format("{:.2f}", fit.fastest_us), fmt::format("{:.2f}", fit.loss()),
          fmt::format("{:.2f}", fit.loss_of_first())}) {
        row.push_back(cell);
    }
    return row;
}

std::string report_text(const ModelReport& report) {
    static_assert(ModelFit::kFirst == 8, "the heading says so");
    std::vector<TableRow> rows = {{"workload", "target", "device", "measured", "left out", "rank correlation",
                                   "pick us", "fastest us", "pick / fastest", "best of 8 / fastest"}};
    std::size_t left_out = 0;
    for (const ModelFit& fit : report.fits) {
        rows.push_back(row_of(fit));
        left_out += fit.left_out;
    }
    std::string text = table(rows);
    if (left_out > 0) {
        text += fmt::format("left out: {} measured configurations that their spaces do not have any more\n", left_out);
    }
    if (report.unknown > 0) {
        text += fmt::format("not looked at: {} measured trials of unknown families or targets\n", report.unknown);
    }
    return text;
}

struct ModelArguments {
    std::string database = "tuning.db";
    std::string family;
    std::string target;
    bool json = false;
};

// A row, or an object, for each workload, target and device.
int print_model_report(const ModelArguments& arguments) {
    const TuningDb db(arguments.database, TuningDb::Mode::read_only);
    const ModelReport report = model_report(db.list(arguments.family, arguments.target), families(), known_targets());
    if (arguments.json) {
        for (const ModelFit& fit : report.fits) {
            fmt::print("{}\n", fit_json(fit).dump());
        }
    } else {
        fmt::print("{}", report_text(report));
    }
    return report.fits.empty() ? kNothingFound : kDone;
}

}  // namespace

Command db_model_command() {
    auto arguments = std::make_shared<ModelArguments>();
    return {.arguments = {database_option(arguments->database),
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
                "  warpsmith db model --db tuning.db\n"
                "  warpsmith db model --db tuning.db --family lstm --json",
            .run = [arguments] { return print_model_report(*arguments); }};
}

}  // namespace warpsmith
