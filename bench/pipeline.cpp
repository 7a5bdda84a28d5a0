// Times the steps of a tuning run one by one: solve, render, compile, verify on the emulator, record, look up.
#include <benchmark/benchmark.h>

#include <array>

#include "cache/tuning_db.hpp"
#include "device/device.hpp"
#include "solver/search.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {
namespace {

constexpr std::array kWorkloads = {
    "lstm T=128 B=16 N=4 D=64 dtype=bf16",
    "scan T=4096 B=8 D=512 dtype=f32",
    "attention L=1024 B=2 Hq=8 Hkv=2 D=64 dtype=bf16 mask=causal",
};

// One of the workloads above for the H200, with the first configuration of its space.
struct Case {
    Workload workload;
    const Family& family;
    Target target;
    Space space;
    Solution solution;

    explicit Case(std::int64_t index)
        : workload(parse_workload(kWorkloads[static_cast<std::size_t>(index)], families())),
          family(find_family(workload.family)),
          target(find_target("h200")),
          space(family.space(workload, target)),
          solution(first(space.model).value()) {}

    Source source() const { return render(family, workload, to_config(solution, space), target); }
};

void solve_space(benchmark::State& state) {
    Case c(state.range(0));
    std::size_t found = 0;
    for (auto _ : state) {
        found = solve(c.family.space(c.workload, c.target).model).size();
    }
    state.SetLabel(c.workload.family + ", " + std::to_string(found) + " configurations");
}

void render_source(benchmark::State& state) {
    Case c(state.range(0));
    for (auto _ : state) {
        benchmark::DoNotOptimize(c.source());
    }
    state.SetLabel(c.workload.family);
}

void compile_kernel(benchmark::State& state) {
    Case c(state.range(0));
    Compiler compiler(find_toolkit(built_in_search()));
    Source source = c.source();
    for (auto _ : state) {
        benchmark::DoNotOptimize(compiler.compile(source));
    }
    state.SetLabel(c.workload.family + ", " + to_config(c.solution, c.space).key());
}

void verify_on_emulator(benchmark::State& state) {
    Case c(state.range(0));
    Compiled compiled = Compiler(find_toolkit(built_in_search())).compile(c.source());
    Workload reduced = c.family.reduced(c.workload);
    Problem problem = make_problem(c.family, reduced, 1);
    Space space = c.family.space(reduced, c.target);
    Solution solution = first(space.model).value();
    std::unique_ptr<Device> device = make_emulator({});
    for (auto _ : state) {
        Verification result = verify(*device, c.family, problem, space, solution, compiled);
        if (!result.ok()) {
            state.SkipWithError(result.summary().c_str());
            return;
        }
    }
    state.SetLabel(reduced.key());
}

std::vector<Trial> trials(std::int64_t count) {
    Workload workload = parse_workload(kWorkloads[0], families());
    std::vector<Trial> all;
    for (std::int64_t i = 0; i < count; ++i) {
        workload.dims["T"] = 1 + i;
        all.push_back({.workload = workload,
                       .config = "warps=4 batch=8 register_k=4 prefetch=2 chains=2",
                       .provenance = {.target = "h200", .device = "emulator"},
                       .outcome = Outcome::ok,
                       .kind = TimeKind::modelled,
                       .median_us = 1.0 + static_cast<double>(i % 7)});
    }
    return all;
}

void look_up_nearest(benchmark::State& state) {
    TuningDb db(":memory:");
    db.record(trials(state.range(0)));
    Workload asked = parse_workload("lstm T=100 B=20 N=4 D=64 dtype=bf16", families());
    for (auto _ : state) {
        benchmark::DoNotOptimize(db.best(asked, "h200", families()));
    }
    state.SetLabel(std::to_string(state.range(0)) + " rows");
}

BENCHMARK(solve_space)->DenseRange(0, 2)->Unit(benchmark::kMillisecond);
BENCHMARK(render_source)->DenseRange(0, 2)->Unit(benchmark::kMicrosecond);
BENCHMARK(compile_kernel)->DenseRange(0, 2)->Unit(benchmark::kMillisecond);
BENCHMARK(verify_on_emulator)->DenseRange(0, 2)->Unit(benchmark::kMillisecond);
BENCHMARK(look_up_nearest)->Arg(12)->Arg(1000)->Arg(10000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace warpsmith

BENCHMARK_MAIN();
