// How fast spaces are read, searched, counted and listed, against nested loops that g++ has compiled for each of them.
// One thread. Our figures start from the text of the space file unless they say so; the loops need no text, and what
// g++ takes for them is told apart.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <new>
#include <string>

#include "bench/nested_loops.hpp"
#include "solver/search.hpp"
#include "solver/solution_set.hpp"
#include "solver/space_file.hpp"

namespace {

// The most bytes that were allocated at one time while metering.
struct Meter {
    bool on = false;
    std::ptrdiff_t now = 0;
    std::ptrdiff_t peak = 0;

    void change(void* block, std::ptrdiff_t sign) {
        if (on) {
            now += sign * static_cast<std::ptrdiff_t>(malloc_usable_size(block));
            peak = std::max(peak, now);
        }
    }
};
Meter meter;

}  // namespace

// Not inlined: g++ would see `free` where it expects `delete`.
[[gnu::noinline]] void* operator new(std::size_t size) {
    void* block = std::malloc(size);
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    meter.change(block, 1);
    return block;
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
    meter.change(block, -1);
    std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t /*size*/) noexcept {
    operator delete(block);
}

namespace {

using namespace warpsmith;

struct Space {
    std::string name;
    SourceText source;
    Model model;
    std::size_t solutions = 0;
    std::optional<NestedLoops> loops;
};
using Spaces = std::vector<const Space*>;

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

SolutionTable list(const Space& space) {
    return SolutionSet(read_spaces(space.source).front().model).list(kNoLimit);
}

void meter_listing(benchmark::State& state, const Space& space) {
    meter = {.on = true};
    const std::size_t bytes = list(space).bytes();
    meter.on = false;
    state.counters["result_bytes"] = static_cast<double>(bytes);
    state.counters["peak_bytes"] = static_cast<double>(meter.peak);
}

void list_all(benchmark::State& state, const Spaces& spaces) {
    std::size_t solutions = 0;
    for (auto _ : state) {
        solutions = 0;
        for (const Space* space : spaces) {
            solutions += list(*space).rows();
        }
    }
    state.counters["solutions"] = static_cast<double>(solutions);
    if (spaces.size() == 1) {
        meter_listing(state, *spaces.front());
    }
}

void list_of_a_model(benchmark::State& state, const Space& space) {
    double assignments = 1;
    for (const Variable& variable : space.model.variables()) {
        assignments *= static_cast<double>(variable.values.size());
    }
    std::size_t solutions = 0;
    for (auto _ : state) {
        solutions = SolutionSet(space.model).list(kNoLimit).rows();
    }
    state.counters["assignments"] = assignments;
    state.counters["solutions"] = static_cast<double>(solutions);
}

void visit_blocks(benchmark::State& state, const Spaces& spaces) {
    for (auto _ : state) {
        for (const Space* space : spaces) {
            std::size_t solutions = 0;
            const SolutionSet set(read_spaces(space->source).front().model);
            set.for_each_block(kNoLimit, [&](const SolutionTable& block) {
                solutions += block.rows();
                return true;
            });
            benchmark::DoNotOptimize(solutions);
        }
    }
}

void compiled_loops(benchmark::State& state, const Spaces& spaces) {
    for (auto _ : state) {
        for (const Space* space : spaces) {
            benchmark::DoNotOptimize(space->loops->list());
        }
    }
    double compile_s = 0;
    for (const Space* space : spaces) {
        compile_s += space->loops->compile_s();
    }
    state.counters["compile_s"] = compile_s;
}

void count_all(benchmark::State& state, const Spaces& spaces) {
    for (auto _ : state) {
        for (const Space* space : spaces) {
            benchmark::DoNotOptimize(count(read_spaces(space->source).front().model));
        }
    }
}

void first_from_text(benchmark::State& state, const Spaces& spaces) {
    for (auto _ : state) {
        for (const Space* space : spaces) {
            benchmark::DoNotOptimize(first(read_spaces(space->source).front().model));
        }
    }
}

void first_of_a_model(benchmark::State& state, const Spaces& spaces) {
    for (auto _ : state) {
        for (const Space* space : spaces) {
            benchmark::DoNotOptimize(first(space->model));
        }
    }
}

void read_text(benchmark::State& state, const Spaces& spaces) {
    for (auto _ : state) {
        for (const Space* space : spaces) {
            benchmark::DoNotOptimize(read_spaces(space->source));
        }
    }
}

struct Files {
    std::deque<Space> single;     // one space in a file
    std::deque<Space> synthetic;  // many in one: without a text of their own
};

Files load_all() {
    Files spaces;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(WARPSMITH_SOURCE_DIR "/tests/data/spaces")) {
        files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (const std::filesystem::path& file : files) {
        const SourceText source = read_source(file.string());
        std::vector<ModelFromText> models = read_spaces(source);
        for (std::size_t i = 0; i < models.size(); ++i) {
            const std::string name = file.stem().string();
            if (models.size() == 1) {
                spaces.single.push_back({name, source, std::move(models[i].model)});
            } else {
                spaces.synthetic.push_back({fmt::format("{}_{}", name, i), {}, std::move(models[i].model)});
            }
        }
    }
    return spaces;
}

void compile_loops(std::deque<Space>& spaces) {
    for (Space& space : spaces) {
        space.solutions = static_cast<std::size_t>(count(space.model));
        space.loops.emplace(space.model);
        const std::size_t found = space.loops->list();
        if (found != space.solutions) {
            throw Error(fmt::format("comparing with compiled loops: {} has {} solutions, the loops find {}", space.name,
                                    space.solutions, found));
        }
    }
}

void add(const std::string& name, const Spaces& spaces) {
    using Function = void (*)(benchmark::State&, const Spaces&);
    constexpr std::pair<const char*, Function> kMeasurements[] = {
        {"list", list_all},      {"compiled_loops", compiled_loops},   {"visit_blocks", visit_blocks},
        {"count", count_all},    {"first_from_text", first_from_text}, {"first_of_a_model", first_of_a_model},
        {"read_text", read_text}};
    for (const auto& [what, function] : kMeasurements) {
        benchmark::RegisterBenchmark((name + "/" + what).c_str(), function, spaces)->Unit(benchmark::kMillisecond);
    }
}

void add_all(const Files& spaces) {
    Spaces paper;
    for (const Space& space : spaces.single) {
        add(space.name, {&space});
        if (space.name.starts_with("paper_")) {
            paper.push_back(&space);
        }
    }
    add("all_paper_spaces", paper);
    for (const Space& space : spaces.synthetic) {
        benchmark::RegisterBenchmark((space.name + "/list_of_a_model").c_str(), [&space](benchmark::State& state) {
            list_of_a_model(state, space);
        })->Unit(benchmark::kMillisecond);
    }
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    // Freed memory is kept for the next round: page faults would be most of the time, of the loops above all.
    mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
    try {
        Files spaces = load_all();
        compile_loops(spaces.single);
        add_all(spaces);
        benchmark::RunSpecifiedBenchmarks();
    } catch (const std::exception& error) {
        fmt::print(stderr, "solver_speed: {}\n", error.what());
        return 1;
    }
    return 0;
}
