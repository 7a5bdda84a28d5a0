// Times the run-time library: a hit, a miss, the nearest among many records, opening; and beside it the published
// design of Kernel Launcher, which reads and scans its wisdom file at each call.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>

#include "cache/runtime_cache.hpp"
#include "cache/tuning_db.hpp"
#include "solver/search.hpp"

namespace warpsmith {
namespace {

namespace fs = std::filesystem;

// Sizes spread evenly over octaves; T, B and N of one LSTM kernel.
Workload lstm(std::mt19937_64& random) {
    const auto size = [&](double octaves) {
        return static_cast<std::int64_t>(std::exp2(std::uniform_real_distribution<>(0, octaves)(random)));
    };
    return {.family = "lstm",
            .dims = {{"T", size(13)}, {"B", size(9)}, {"N", size(5)}, {"D", 64}},
            .dtype = DType::bf16,
            .options = {}};
}

// Databases of so many workloads, one verified trial each with a configuration of its space, made once and deleted at
// the end.
class Databases {
  public:
    Databases() {
        std::string pattern = (fs::temp_directory_path() / "warpsmith-bench-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~Databases() {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    Databases(const Databases&) = delete;
    Databases& operator=(const Databases&) = delete;

    const std::string& of(std::int64_t records) {
        std::string& path = paths_[records];
        if (path.empty()) {
            path = folder_ + "/" + std::to_string(records) + ".db";
            fill(path, records);
        }
        return path;
    }

  private:
    static void fill(const std::string& path, std::int64_t records) {
        std::mt19937_64 random(1);
        std::map<std::string, Trial> trials;
        const Target target = find_target("h200");
        std::map<std::int64_t, std::vector<Solution>> spaces;  // by the batch, on which alone what fits depends
        while (std::cmp_less(trials.size(), records)) {
            const Workload workload = lstm(random);
            const Space space = find_family("lstm").space(workload, target);
            std::vector<Solution>& solutions = spaces[workload.dim("B")];
            if (solutions.empty()) {
                solutions = solve(space.model);
            }
            const std::string config = to_config(solutions[random() % solutions.size()], space).key();
            Trial trial{.workload = workload,
                        .config = config,
                        .provenance = {.target = "h200",
                                       .architecture = "sm_90a",
                                       .device = "NVIDIA H200",
                                       .driver = "580.65",
                                       .toolkit = "13.0",
                                       .source_digest = "digest of " + config,
                                       .compile_options = "-std=c++20",
                                       .library_version = "0.1.0"},
                        .outcome = Outcome::ok,
                        .kind = TimeKind::measured,
                        .median_us = 10,
                        .verified_on = "gpu"};
            trials.emplace(workload.key(), std::move(trial));
        }
        std::vector<Trial> all;
        for (auto& [key, trial] : trials) {
            all.push_back(std::move(trial));
        }
        TuningDb(path).record(all);
    }

    std::string folder_;
    std::map<std::int64_t, std::string> paths_;
};

Databases& databases() {
    static Databases all;
    return all;
}

RuntimeOptions options(std::int64_t records) {
    return {.database = databases().of(records), .target = find_target("h200")};
}

const RuntimeCache& cache_of(std::int64_t records) {
    static std::map<std::int64_t, std::unique_ptr<RuntimeCache>> caches;
    std::unique_ptr<RuntimeCache>& cache = caches[records];
    if (!cache) {
        cache = std::make_unique<RuntimeCache>(options(records));
    }
    return *cache;
}

enum class Asked : std::uint8_t { hit, nearest, miss };

// Queries that are all of the kind asked; a thousand, so that no branch is learnt by heart.
std::vector<WorkloadCode> queries(const RuntimeCache& cache, std::int64_t records, Asked asked) {
    std::mt19937_64 random(asked == Asked::hit ? 1 : 2);  // 1: those that were recorded
    std::vector<WorkloadCode> codes;
    for (std::int64_t i = 0; codes.size() < 1000 && i < 1'000'000; ++i) {
        if (asked == Asked::hit && i >= records) {
            random.seed(1);
            i = 0;
        }
        Workload workload = lstm(random);
        if (asked == Asked::hit) {
            static_cast<void>(random());  // which configuration was drawn
        }
        if (asked == Asked::miss) {
            workload.dims["D"] = 48;
        }
        const WorkloadCode code = cache.coder().code(workload);
        const Match match = cache.find(code).match;
        const Asked found = match.winner == nullptr ? Asked::miss : (match.exact ? Asked::hit : Asked::nearest);
        if (found == asked) {
            codes.push_back(code);
        }
    }
    return codes;
}

void look_up(benchmark::State& state, Asked asked) {
    static const RuntimeCache* cache = nullptr;
    static std::vector<WorkloadCode> codes;
    if (state.thread_index() == 0) {  // the loop below begins when all threads have come this far
        cache = &cache_of(state.range(0));
        codes = queries(*cache, state.range(0), asked);
    }
    std::size_t next = static_cast<std::size_t>(state.thread_index()) * 17;
    for (auto _ : state) {
        next = next + 1 < codes.size() ? next + 1 : 0;
        benchmark::DoNotOptimize(cache->find(codes[next]));
    }
}

void hit(benchmark::State& state) {
    look_up(state, Asked::hit);
}
void nearest(benchmark::State& state) {
    look_up(state, Asked::nearest);
}
void miss(benchmark::State& state) {
    look_up(state, Asked::miss);
}

void open(benchmark::State& state) {
    const RuntimeOptions opening = options(state.range(0));
    std::unique_ptr<RuntimeCache> opened;
    for (auto _ : state) {
        opened = std::make_unique<RuntimeCache>(opening);
        state.PauseTiming();  // closing is not opening
        opened.reset();
        state.ResumeTiming();
    }
}

void refresh_with_nothing_new(benchmark::State& state) {
    RuntimeCache cache(options(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(cache.refresh());
    }
}

// As Kernel Launcher describes its wisdom files: one JSON object per line, with the problem size, the device and the
// configuration. Each selection reads the file, and takes, of the same device before others, the record whose volume
// differs least from the one asked.
std::string wisdom_file(std::int64_t records) {
    const std::string path = databases().of(1000) + "." + std::to_string(records) + ".wisdom";
    std::ofstream file(path);
    std::mt19937_64 random(1);
    for (std::int64_t i = 0; i < records; ++i) {
        const Workload w = lstm(random);
        file << nlohmann::json{{"problem_size", {w.dim("T"), w.dim("B"), w.dim("N")}},
                               {"environment", {{"device_name", "NVIDIA H200"}, {"device_capability", 90}}},
                               {"config", {{"warps", 4}, {"batch", 8}, {"register_k", 4}, {"prefetch", 2}}},
                               {"objective", 10.0}}
             << "\n";
    }
    return path;
}

nlohmann::json best_of_wisdom(const std::string& path, double volume) {
    std::ifstream file(path);
    nlohmann::json best;
    double least = std::numeric_limits<double>::infinity();
    for (std::string line; std::getline(file, line);) {
        const nlohmann::json record = nlohmann::json::parse(line);
        if (record["environment"]["device_name"] != "NVIDIA H200") {
            continue;
        }
        const auto& size = record["problem_size"];
        const double its = size[0].get<double>() * size[1].get<double>() * size[2].get<double>();
        if (std::abs(its - volume) < least) {
            least = std::abs(its - volume);
            best = record["config"];
        }
    }
    return best;
}

void parse_and_scan(benchmark::State& state) {
    const std::string path = wisdom_file(state.range(0));
    for (auto _ : state) {
        benchmark::DoNotOptimize(best_of_wisdom(path, 128.0 * 16 * 4));
    }
}

BENCHMARK(hit)->Arg(10)->Arg(1000)->Arg(10'000)->Arg(100'000)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(miss)->Arg(10'000)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(nearest)->Arg(10)->Arg(1000)->Arg(10'000)->Arg(100'000)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(open)->Arg(1000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(refresh_with_nothing_new)->Arg(10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(parse_and_scan)->Arg(12)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace warpsmith

BENCHMARK_MAIN();
