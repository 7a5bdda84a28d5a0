// How fast the emulator runs kernels of Warpsmith: with checks off, with all checks, and profiled. Each is the first
// configuration by the model for an H200.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "generator/source.hpp"
#include "generator/toolkit.hpp"
#include "solver/search.hpp"
#include "tuner/launch_shape.hpp"
#include "tuner/model.hpp"
#include "tuner/staging.hpp"
#include "tuner/verify.hpp"

namespace {

using namespace warpsmith;

Solution first_by_model(const Space& space, const Target& target) {
    const std::vector<Solution> all = solve(space.model);
    return *std::ranges::min_element(
        all, {}, [&](const Solution& solution) { return modelled_time(space, solution, {}, target).microseconds; });
}

enum Mode : std::int64_t { kNoChecks, kAllChecks, kProfiled };

void run(benchmark::State& state, const std::string& text) {
    const Workload workload = parse_workload(text, families());
    const Family& family = find_family(workload.family);
    const Target target = find_target("h200");
    const Space space = family.space(workload, target);
    const Solution solution = first_by_model(space, target);
    const Compiler compiler(find_toolkit(built_in_search()));
    const Compiled compiled = compiler.compile(render(family, workload, to_config(solution, space), target));
    const std::unique_ptr<Device> device = make_emulator(
        {.checks = state.range(0) == kAllChecks ? Checks::all : Checks::none, .profile = state.range(0) == kProfiled});
    const Problem problem = make_problem(family, workload, 1);
    Staging staging(*device, family, problem);
    const std::unique_ptr<Kernel> kernel = device->load(compiled);
    double instructions = 0, macs = 0;
    for (auto _ : state) {
        state.PauseTiming();
        staging.restore();  // outputs are unwritten again
        state.ResumeTiming();
        const LaunchOutcome outcome = kernel->launch(launch_shape(space, solution), staging.arguments());
        if (!outcome.ok()) {
            throw std::runtime_error("a benchmark kernel went wrong");
        }
        instructions += static_cast<double>(outcome.counts->all.threads);
        macs += static_cast<double>(outcome.counts->tensor_macs);
    }
    constexpr const char* kLabels[] = {"no checks", "all checks", "profiled"};
    state.SetLabel(kLabels[state.range(0)]);
    state.counters["thread_instructions/s"] = benchmark::Counter(instructions, benchmark::Counter::kIsRate);
    if (macs > 0) {
        state.counters["MAC/s"] = benchmark::Counter(macs, benchmark::Counter::kIsRate);
    }
}

void lstm_bf16(benchmark::State& state) {
    run(state, "lstm T=32 B=16 N=2 D=64 dtype=bf16");
}
void lstm_f32(benchmark::State& state) {
    run(state, "lstm T=32 B=16 N=2 D=64 dtype=f32");
}
void attention_bf16(benchmark::State& state) {
    run(state, "attention L=256 B=1 Hq=2 Hkv=1 D=64 dtype=bf16");
}
void attention_f32(benchmark::State& state) {
    run(state, "attention L=128 B=1 Hq=2 Hkv=1 D=64 dtype=f32");
}
void scan_f32(benchmark::State& state) {
    run(state, "scan T=1000 B=2 D=64 dtype=f32");
}
void scan_bf16(benchmark::State& state) {
    run(state, "scan T=1000 B=2 D=64 dtype=bf16");
}

BENCHMARK(lstm_bf16)->DenseRange(kNoChecks, kProfiled)->Unit(benchmark::kMillisecond);
BENCHMARK(lstm_f32)->DenseRange(kNoChecks, kProfiled)->Unit(benchmark::kMillisecond);
BENCHMARK(attention_bf16)->DenseRange(kNoChecks, kProfiled)->Unit(benchmark::kMillisecond);
BENCHMARK(attention_f32)->DenseRange(kNoChecks, kProfiled)->Unit(benchmark::kMillisecond);
BENCHMARK(scan_f32)->DenseRange(kNoChecks, kProfiled)->Unit(benchmark::kMillisecond);
BENCHMARK(scan_bf16)->DenseRange(kNoChecks, kProfiled)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
