// warpsmith db import: results of other tuners into a tuning database.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cache/tuning_db.hpp"
#include "tools/arguments.hpp"
#include "tools/db_commands.hpp"
#include "tuner/interchange/formats.hpp"

namespace warpsmith {
namespace {

struct ImportArguments {
    std::string file;
    std::string format;
    std::string device;
    std::string kernel;
    std::string database = "tuning.db";
    bool json = false;
};

int import_results(const ImportArguments& arguments) {
    const ResultFormat& format = find_result_format(arguments.format);
    const std::vector<ImportedFile> files =
        format.read({.path = arguments.file, .device = arguments.device, .kernel = arguments.kernel});
    std::size_t failed = 0;
    for (const ImportedFile& file : files) {
        for (const ImportedResult& result : file.results) {
            failed += result.outcome == "correct" ? 0 : 1;
        }
    }
    const AddedResults count = TuningDb(arguments.database).add_imported(files);
    if (arguments.json) {
        fmt::print("{}\n", nlohmann::ordered_json{{"database", arguments.database},
                                                  {"file", arguments.file},
                                                  {"format", format.name},
                                                  {"kernel", files.front().kernel},
                                                  {"device", files.front().device},
                                                  {"added", count.added},
                                                  {"known", count.known},
                                                  {"failed", failed}}
                               .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
        fmt::print("{}: {} results added, {} known before; {} of them failed\n", arguments.file, count.added,
                   count.known, failed);
        fmt::print("  kernel \"{}\" on \"{}\"; not verified by Warpsmith\n", files.front().kernel,
                   files.front().device);
    }
    return kDone;
}

}  // namespace

Argument format_option(std::string& format) {
    std::vector<std::string> names;
    for (const ResultFormat& known : result_formats()) {
        names.emplace_back(known.name);
    }
    return {.name = "--format",
            .value = &format,
            .meaning = "of Kernel Tuner's cache, T4 results, or Kernel Launcher's wisdom",
            .choices = names,
            .required = true};
}

Command db_import_command() {
    auto arguments = std::make_shared<ImportArguments>();
    return {.arguments = {{.name = "FILE",
                           .value = &arguments->file,
                           .meaning = "what another tuner wrote, plain or gzip",
                           .required = true},
                          format_option(arguments->format),
                          {.name = "--kernel",
                           .value = &arguments->kernel,
                           .meaning = "the kernel's name, where the file does not say it (T4)",
                           .shown = "NAME"},
                          {.name = "--device",
                           .value = &arguments->device,
                           .meaning = "the GPU's name, where the file does not say it (T4)",
                           .shown = "NAME"},
                          database_option(arguments->database),
                          {.name = "--json", .value = &arguments->json, .meaning = "print one JSON object"}},
            .notes =
                "Imported results are kept apart: best and list, which are of trials that Warpsmith verified, never "
                "answer with them.\n"
                "Examples:\n"
                "  warpsmith db import convolution_A6000_cache.json.gz --format kernel-tuner --db tuning.db\n"
                "  warpsmith db import results.json --format t4 --kernel convolution --device \"NVIDIA A100\"",
            .run = [arguments] { return import_results(*arguments); }};
}

}  // namespace warpsmith
