#include "tools/tuning_bench.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "generator/compile.hpp"
#include "solver/error.hpp"
#include "tools/own_kernel_argument.hpp"
#include "tools/workload_text.hpp"
#include "tuner/own_kernel/own_bench.hpp"
#include "tuner/worker/serve.hpp"
#include "tuner/worker/worker_bench.hpp"

namespace warpsmith {
namespace {

using nlohmann::json;

std::string text_of(const TuningBench& bench) {
    const Toolkit& toolkit = bench.toolkit;
    json cells = json::array();
    for (const OwnCell& cell : own_cells()) {
        cells.push_back({cell.path, cell.text});
    }
    return json{{"workload", bench.workload.key()},
                {"cells", cells},
                {"target", to_json(bench.target)},
                {"place", static_cast<int>(bench.place)},
                {"toolkit", {toolkit.root, toolkit.nvrtc_library, toolkit.include_directory, toolkit.version}},
                {"kernels", bench.kernels},
                {"seed", bench.seed},
                {"own", {bench.own.t1_file, bench.own.contents, bench.own.reference, bench.own.looks_for_reference}}}
        .dump(-1, ' ', false, json::error_handler_t::replace);
}

TuningBench bench_of(const std::string& text) {
    const json bench = json::parse(text);
    const json& toolkit = bench.at("toolkit");
    const json& own = bench.at("own");
    const bool is_own = !own.at(0).get<std::string>().empty();
    const Toolkit used{.root = toolkit.at(0),
                       .nvrtc_library = toolkit.at(1),
                       .include_directory = toolkit.at(2),
                       .version = toolkit.at(3)};
    std::vector<OwnCell> cells;
    for (const json& cell : bench.at("cells")) {
        cells.push_back({cell.at(0), cell.at(1)});
    }
    use_own_cells(cells, used);
    return {
        .workload = is_own ? Workload{} : parse_workload(bench.at("workload").get<std::string>(), families()),
        .own = {.t1_file = own.at(0), .contents = own.at(1), .reference = own.at(2), .looks_for_reference = own.at(3)},
        .target = parse_target(bench.at("target").get<std::string>()),
        .place = static_cast<Place>(bench.at("place").get<int>()),
        .toolkit = used,
        .kernels = bench.at("kernels"),
        .seed = bench.at("seed")};
}

// The emulator's verifications take seconds, but for the few that need full sizes; a GPU's, milliseconds. Memory has no
// limit on a GPU: the driver reserves address space as it likes.
WorkerLimits limits_of(Place place) {
    if (place == Place::gpu) {
        return {.first_s = 60, .least_s = 5};
    }
    const long pages = ::sysconf(_SC_PHYS_PAGES), page_bytes = ::sysconf(_SC_PAGESIZE);
    return {.first_s = 600, .least_s = 120, .memory_bytes = static_cast<std::uint64_t>(pages * page_bytes) / 4 * 3};
}

// Opened when it is first needed: a worker that only runs kernels has no use for it.
std::function<Compiled(const Source&)> late_compiler(const Toolkit& toolkit) {
    return [toolkit, compiler = std::shared_ptr<Compiler>()](const Source& source) mutable {
        compiler = compiler ? compiler : std::make_shared<Compiler>(toolkit);
        return compiler->compile(source);
    };
}

std::function<std::unique_ptr<Device>(std::uint64_t)> limited_device(Place place, const EmulatorOptions& usual) {
    return [place, usual](std::uint64_t most_steps) {
        EmulatorOptions options = usual;
        options.max_steps = most_steps > 0 ? most_steps : options.max_steps;
        return make_device(place, options);
    };
}

std::unique_ptr<Bench> make_own_bench(const TuningBench& bench, OnStage on_stage) {
    const std::shared_ptr<const OwnKernel> kernel = own_kernel_for(bench.own.t1_file, bench.target);
    if (contents_digest(*kernel) != bench.own.contents) {
        throw Error(
            fmt::format("tuning {}: it or its kernel file was changed meanwhile; start again", bench.own.t1_file));
    }
    OwnBenchParts parts{.kernel = kernel,
                        .target = bench.target,
                        .toolkit = bench.toolkit,
                        .compile = late_compiler(bench.toolkit),
                        .make_device = {},
                        .store = KernelStore(bench.kernels),
                        .reference = bench.own.reference,
                        .looks_for_reference = bench.own.looks_for_reference,
                        .seed = bench.seed,
                        .on_stage = std::move(on_stage)};
    if (bench.place != Place::none) {
        parts.make_device =
            limited_device(bench.place, {.checks = Checks::all, .threads = 1, .profile = true, .target = bench.target});
    }
    return std::make_unique<OwnBench>(std::move(parts));
}

std::unique_ptr<Bench> make_served_bench(const std::string& setup, OnStage on_stage) {
    const TuningBench bench = bench_of(setup);
    if (!bench.own.t1_file.empty()) {
        return make_own_bench(bench, std::move(on_stage));
    }
    LocalBenchParts parts{.family = &find_family(bench.workload.family),
                          .workload = bench.workload,
                          .target = bench.target,
                          .compile = late_compiler(bench.toolkit),
                          .toolkit = bench.toolkit.version,
                          .store = KernelStore(bench.kernels),
                          .seed = bench.seed,
                          .on_stage = std::move(on_stage)};
    if (bench.place != Place::none) {
        parts.make_device = limited_device(bench.place, {.threads = 1, .target = bench.target});
    }
    return std::make_unique<LocalBench>(std::move(parts));
}

}  // namespace

std::unique_ptr<Bench> make_tuning_bench(const TuningBench& bench, const std::atomic<bool>& interrupted) {
    return std::make_unique<WorkerBench>(WorkerBenchParts{.program = {.arguments = {std::string(kWorkerArgument)}},
                                                          .version = WARPSMITH_VERSION,
                                                          .setup = text_of(bench),
                                                          .limits = limits_of(bench.place),
                                                          .interrupted = &interrupted});
}

void serve_tuning_bench() {
    serve(WARPSMITH_VERSION, make_served_bench);
}

}  // namespace warpsmith
