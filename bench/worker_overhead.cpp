// What a worker process costs: to start one, and to ask one for something that takes no time, beside the same in the
// process.
#include <benchmark/benchmark.h>

#include <string_view>

#include "solver/search.hpp"
#include "tuner/worker/serve.hpp"
#include "tuner/worker/worker_bench.hpp"

namespace warpsmith {
namespace {

constexpr std::string_view kWork = "--work";

LocalBenchParts parts() {
    static const Family& family = find_family("scan");
    return {.family = &family,
            .workload = parse_workload("scan T=4096 B=8 D=512 dtype=f32", families()),
            .target = find_target("h200"),
            .compile = [](const Source& source) { return Compiled{.ok = true, .digest = source.digest}; },
            .toolkit = "none"};
}

WorkerBenchParts worker_parts() {
    return {.program = {.arguments = {std::string(kWork)}}, .version = "bench"};
}

Config some_config() {
    const LocalBenchParts of = parts();
    const Space space = of.family->space(of.workload, of.target);
    return to_config(first(space.model).value(), space);
}

void start_a_worker(benchmark::State& state) {
    for (auto _ : state) {
        WorkerBench bench(worker_parts());
        benchmark::DoNotOptimize(bench.device());
    }
}

void ask(benchmark::State& state, Bench& bench) {
    const Config config = some_config();
    bench.build(config);  // what is asked for again is known
    for (auto _ : state) {
        benchmark::DoNotOptimize(bench.build(config));
    }
}

void ask_in_the_process(benchmark::State& state) {
    LocalBench bench(parts());
    ask(state, bench);
}

void ask_a_worker(benchmark::State& state) {
    WorkerBench bench(worker_parts());
    ask(state, bench);
}

BENCHMARK(start_a_worker)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(ask_in_the_process)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(ask_a_worker)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace warpsmith

int main(int argc, char** argv) {
    using namespace warpsmith;
    if (argc == 2 && argv[1] == kWork) {
        serve("bench", [](const std::string&, OnStage on_stage) {
            LocalBenchParts served = parts();
            served.on_stage = std::move(on_stage);
            return std::make_unique<LocalBench>(std::move(served));
        });
    }
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
