// How fast solutions are counted, drawn, looked up, ranked and chosen in spaces that are never listed. Every figure but
// those that say so includes building the set: planning, searching and making the diagrams.
#include <benchmark/benchmark.h>

#include <string>

#include "solver/k_best.hpp"
#include "solver/neighbours.hpp"
#include "solver/preference.hpp"
#include "solver/sample.hpp"
#include "solver/search.hpp"
#include "solver/space_file.hpp"

namespace {

using namespace warpsmith;

const char* const kSpaces[] = {"spaces/atf_prl_16x16.json", "spaces/paper_hotspot.json",
                               "spaces/flashrnn_forward_lstm_h768_n1_b16.json", "large_spaces/dividing_triples.json"};

Model model_of(benchmark::State& state) {
    const std::string path = kSpaces[state.range(0)];
    ModelFromText space = load_space(WARPSMITH_SOURCE_DIR "/tests/data/" + path);
    state.SetLabel(path);
    return std::move(space.model);
}

// Something that no group of variables decides alone and that is not least at the ends of the lists: how far a product
// is from a number in the middle, and a remainder for each variable.
Expr rugged_cost(const Model& model) {
    Expr product = 1;
    Expr sum = 0;
    for (const Variable& variable : model.variables()) {
        const Expr value = model.find(variable.name).value();
        product = product * (1 + value % 3);
        sum = sum + value % 7;
    }
    return abs(product - 200) * 5 + sum;
}

void count_solutions(benchmark::State& state) {
    const Model model = model_of(state);
    for (auto _ : state) {
        benchmark::DoNotOptimize(count(model));
    }
}

void sample_1000(benchmark::State& state) {
    const Model model = model_of(state);
    std::uint64_t seed = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(sample(SolutionSet(model), 1000, {.seed = seed++}));
    }
}

void look_up_of_a_built_set(benchmark::State& state) {
    const SolutionSet set(model_of(state));
    Count place = 0;
    for (auto _ : state) {
        place = (place + set.count() / 7 + 1) % set.count();
        benchmark::DoNotOptimize(set.at(place));
    }
}

void rank_in_a_built_set(benchmark::State& state) {
    const SolutionSet set(model_of(state));
    const std::vector<std::uint32_t> choices = set.at(set.count() / 3).choices();
    for (auto _ : state) {
        benchmark::DoNotOptimize(set.rank(choices));
    }
}

void marginals_of_a_built_set(benchmark::State& state) {
    const SolutionSet set(model_of(state));
    for (auto _ : state) {
        benchmark::DoNotOptimize(set.marginals());
    }
}

void neighbours_in_a_built_set(benchmark::State& state) {
    const SolutionSet set(model_of(state));
    const std::vector<std::uint32_t> choices = set.at(set.count() / 3).choices();
    for (auto _ : state) {
        benchmark::DoNotOptimize(neighbours(set, choices));
    }
}

// Of a configuration that is no solution, most likely: each variable has the value in the middle of its list.
void nearest_10(benchmark::State& state) {
    const Model model = model_of(state);
    Configuration middle;
    for (const Variable& variable : model.variables()) {
        middle.emplace_back(variable.name, variable.values[variable.values.size() / 2]);
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(nearest(SolutionSet(model), middle, 10));
    }
}

void first_10_preferring_large_values_of_the_last_variables(benchmark::State& state) {
    const Model model = model_of(state);
    std::vector<Preference> preferences;
    for (auto variable = model.variables().rbegin(); variable != model.variables().rend(); ++variable) {
        preferences.push_back({variable->name, Prefer::largest});
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(preferred(SolutionSet(model), preferences, 10));
    }
}

void best_10(benchmark::State& state) {
    Model model = model_of(state);
    model.minimize(rugged_cost(model));
    for (auto _ : state) {
        benchmark::DoNotOptimize(k_best(model, 10));
    }
}

BENCHMARK(count_solutions)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(sample_1000)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(look_up_of_a_built_set)->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);
BENCHMARK(rank_in_a_built_set)->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);
BENCHMARK(marginals_of_a_built_set)->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);
BENCHMARK(neighbours_in_a_built_set)->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);
BENCHMARK(nearest_10)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(first_10_preferring_large_values_of_the_last_variables)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(best_10)->DenseRange(0, 2)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
