// warpsmith db export: results in a form that other tuners read.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cache/tuning_db.hpp"
#include "solver/error.hpp"
#include "tools/arguments.hpp"
#include "tools/db_commands.hpp"
#include "tuner/interchange/formats.hpp"
#include "tuner/interchange/own_results.hpp"

namespace warpsmith {
namespace {

struct ExportArguments {
    std::string output;
    std::string format;
    std::string kernel;
    std::string device;
    std::string problem;
    std::string from;
    std::string database = "tuning.db";
    bool json = false;
};

bool chosen(const std::string& wanted, const std::string& given) {
    return wanted.empty() || wanted == given;
}

// Trials that were measured, and what was imported, as far as it is asked for.
std::vector<ImportedFile> chosen_files(const ExportArguments& arguments) {
    const TuningDb db(arguments.database, TuningDb::Mode::read_only);
    std::vector<ImportedFile> files = own_results(db.list());
    for (ImportedFile& file : db.imported()) {
        files.push_back(std::move(file));
    }
    std::erase_if(files, [&](const ImportedFile& file) {
        return !chosen(arguments.kernel, file.kernel) || !chosen(arguments.device, file.device) ||
               !chosen(arguments.problem, file.problem_size) || !chosen(arguments.from, file.name);
    });
    if (files.empty()) {
        throw Error(
            fmt::format("exporting from {}: it has no such results; only what was measured on a GPU or imported is "
                        "exported",
                        arguments.database));
    }
    return files;
}

int export_results(const ExportArguments& arguments) {
    const ResultFormat& format = find_result_format(arguments.format);
    const std::vector<ImportedFile> files = chosen_files(arguments);
    const std::string text = format.write(files);
    std::ofstream out(arguments.output, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
        throw Error(fmt::format("writing {}: it cannot be written; check the folder and the room on its disk",
                                arguments.output));
    }
    std::size_t results = 0;
    for (const ImportedFile& file : files) {
        results += static_cast<std::size_t>(std::ranges::count_if(file.results, [&](const ImportedResult& result) {
            return format.holds_failures || result.outcome == "correct";
        }));
    }
    if (arguments.json) {
        fmt::print("{}\n", nlohmann::ordered_json{{"database", arguments.database},
                                                  {"file", arguments.output},
                                                  {"format", format.name},
                                                  {"results", results}}
                               .dump());
    } else {
        fmt::print("{}: {} results of {}\n", arguments.output, results, files.front().kernel);
    }
    return kDone;
}

}  // namespace

Command db_export_command() {
    auto arguments = std::make_shared<ExportArguments>();
    return {
        .arguments = {format_option(arguments->format),
                      {.name = "-o,--output",
                       .value = &arguments->output,
                       .meaning = "file to write",
                       .shown = "FILE",
                       .required = true},
                      {.name = "--kernel",
                       .value = &arguments->kernel,
                       .meaning = "only this one; of Warpsmith's own, the workload as db list shows it",
                       .shown = "NAME"},
                      {.name = "--device", .value = &arguments->device, .meaning = "only on this GPU", .shown = "NAME"},
                      {.name = "--problem",
                       .value = &arguments->problem,
                       .meaning = "only of this problem size",
                       .shown = "[X,Y]"},
                      {.name = "--from",
                       .value = &arguments->from,
                       .meaning = "only what was imported from a file of this name",
                       .shown = "NAME"},
                      database_option(arguments->database),
                      {.name = "--json", .value = &arguments->json, .meaning = "print one JSON object"}},
        .notes =
            "Exported are trials that were measured on a GPU or failed, and what was imported.\n"
            "Examples:\n"
            "  warpsmith db export --format kernel-tuner -o cache.json --db tuning.db\n"
            "  warpsmith db export --format wisdom -o convolution.wisdom --kernel convolution_kernel",
        .run = [arguments] { return export_results(*arguments); }};
}

}  // namespace warpsmith
