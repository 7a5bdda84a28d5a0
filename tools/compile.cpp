// warpsmith compile: what the compiler makes of each configuration of a workload.
#include "generator/compile.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "templates/occupancy.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/device_argument.hpp"
#include "tools/interrupt.hpp"
#include "tools/progress_line.hpp"
#include "tools/ranked_configs.hpp"
#include "tools/recorded.hpp"
#include "tools/table.hpp"
#include "tools/trial_json.hpp"
#include "tools/workload_text.hpp"
#include "tuner/parallel.hpp"

namespace warpsmith {
namespace {

struct CompileArguments {
    std::string workload;
    std::string config;
    std::string target;
    std::string toolkit;
    std::uint64_t jobs = 0;
    bool json = false;
};

// One configuration and what became of it.
struct Row {
    std::string config;
    bool finished = false;  // false where Ctrl-C came first
    Compiled compiled;
    std::int64_t smem_bytes = 0;  // dynamic plus static, of a block
    Occupancy occupancy;
    std::optional<std::int64_t> modelled_registers;  // where the space counts them
    std::int64_t modelled_smem_bytes = 0;
};

struct Question {
    Workload workload;
    const Family* family = nullptr;
    Target target;
    Space space;
};

Row compile_one(const Compiler& compiler, const Question& question, const RankedConfig& candidate) {
    const LaunchGeometry& launch = question.space.launch;
    Row row{.config = candidate.config.key(),
            .finished = true,
            .compiled = {},
            .smem_bytes = 0,
            .occupancy = {},
            .modelled_registers = {},
            .modelled_smem_bytes = evaluate(launch.smem_bytes, candidate.solution)};
    if (const std::optional<Expr> registers = question.space.model.find("registers")) {
        row.modelled_registers = evaluate(*registers, candidate.solution);
    }
    row.compiled = compiler.compile(render(*question.family, question.workload, candidate.config, question.target));
    const Resources& resources = row.compiled.resources;
    row.smem_bytes = row.modelled_smem_bytes + resources.static_smem_bytes;
    row.occupancy =
        occupancy(question.target, evaluate(launch.threads, candidate.solution), resources.registers, row.smem_bytes);
    return row;
}

std::vector<Row> compile_all(const Compiler& compiler, const Question& question,
                             const std::vector<RankedConfig>& candidates, unsigned jobs) {
    const std::atomic<bool>& interrupted = watch_for_interrupt();
    ProgressLine progress;
    std::size_t done = 0;
    std::vector<Row> rows(candidates.size());
    run_parallel({.count = candidates.size(),
                  .threads = jobs,
                  .run = [&](std::size_t i) { rows[i] = compile_one(compiler, question, candidates[i]); },
                  .finished =
                      [&](std::span<const std::size_t> ended) {
                          done += ended.size();
                          progress.show("compile", done, candidates.size());
                      },
                  .stopped = [&] { return interrupted.load(); }});
    std::erase_if(rows, [](const Row& row) { return !row.finished; });
    return rows;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

void print_json(const Row& row) {
    const Resources& resources = row.compiled.resources;
    nlohmann::ordered_json object = {{"config", config_json(row.config)},
                                     {"ok", row.compiled.ok},
                                     {"registers", resources.registers},
                                     {"spill_store_bytes", resources.spill_store_bytes},
                                     {"spill_load_bytes", resources.spill_load_bytes},
                                     {"stack_bytes", resources.stack_bytes},
                                     {"smem_bytes", row.smem_bytes},
                                     {"blocks_per_sm", row.occupancy.blocks_per_sm},
                                     {"limited_by", row.occupancy.limited_by},
                                     {"compile_ms", row.compiled.compile_ms},
                                     {"log", row.compiled.log}};
    object["modelled"]["registers"] =
        row.modelled_registers ? nlohmann::ordered_json(*row.modelled_registers) : nullptr;
    object["modelled"]["smem_bytes"] = row.modelled_smem_bytes;
    fmt::print("{}\n", object.dump());
}

TableRow cells(const Row& row) {
    if (!row.compiled.ok) {
        return {row.config, "-", "-", "-", "-", first_line(row.compiled.log)};
    }
    const Resources& resources = row.compiled.resources;
    return {row.config,
            std::to_string(resources.registers),
            std::to_string(resources.spill_store_bytes + resources.spill_load_bytes),
            std::to_string(row.smem_bytes),
            std::to_string(row.occupancy.blocks_per_sm),
            row.occupancy.limited_by};
}

int compile_workload(const CompileArguments& arguments) {
    Question question{.workload = read_workload(arguments.workload)};
    question.family = &find_family(question.workload.family);
    question.target = chosen_target(arguments.target);
    question.space = question.family->space(question.workload, question.target);
    const std::vector<RankedConfig> candidates =
        arguments.config.empty()
            ? ranked_configs(question.space, question.target)
            : std::vector{ranked_config_of(parse_config(arguments.config), question.space, question.target)};
    if (candidates.empty()) {
        return nothing_found(nothing_fits(question.workload, question.target, question.space.model));
    }
    const Compiler compiler(chosen_toolkit(arguments.toolkit));
    const std::vector<Row> rows = compile_all(compiler, question, candidates, chosen_jobs(arguments.jobs));
    std::vector<TableRow> lines = {{"config", "registers", "spill bytes", "smem bytes", "blocks/SM", "limited by"}};
    for (const Row& row : rows) {
        if (arguments.json) {
            print_json(row);
        } else {
            lines.push_back(cells(row));
        }
    }
    if (!arguments.json) {
        fmt::print("{}", table(lines));
    }
    const bool all_compiled = std::ranges::all_of(rows, [](const Row& row) { return row.compiled.ok; });
    return all_compiled && rows.size() == candidates.size() ? kDone : kNothingFound;
}

}  // namespace

Command compile_command() {
    auto arguments = std::make_shared<CompileArguments>();
    return {
        .arguments = {workload_argument(arguments->workload),
                      {.name = "--config",
                       .value = &arguments->config,
                       .meaning = "only this configuration; without it, all",
                       .shown = "\"NAME=VALUE ...\""},
                      target_option(arguments->target),
                      jobs_option(arguments->jobs),
                      toolkit_option(arguments->toolkit),
                      {.name = "--json", .value = &arguments->json, .meaning = "print one JSON object per line"}},
        .notes =
            "The most promising by the model first. Exit code 1 when one does not compile.\n"
            "Examples:\n"
            "  warpsmith compile \"gru T=64 B=8 N=2 D=32 dtype=f16\" --target h200\n"
            "  warpsmith compile \"scan T=4096 B=8 D=512 dtype=f32\" --config \"lanes=32 segments=8 steps=4 vector=2\"",
        .run = [arguments] { return compile_workload(*arguments); }};
}

}  // namespace warpsmith
