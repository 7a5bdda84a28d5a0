#include "cache/runtime_cache.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "cache/fitted_config.hpp"
#include "cache/nearest_workload.hpp"
#include "cache/tuning_db.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"

namespace warpsmith {
namespace {

// "tile": D is compiled in, T and B are not. A block takes `rows` of B, at most as many as there are.
Space tile_space(const Workload& w, const Target& target) {
    Space space;
    Model& m = space.model;
    const Expr rows = m.variable("rows", {1, 2, 4, 8, 16, 32});
    const Expr T = m.define("T", w.dim("T"));
    const Expr B = m.define("B", w.dim("B"));
    m.require(rows <= B, "a block takes no more rows than there are");
    m.require(rows * w.dim("D") * 4 <= target.smem_per_block, "the rows of a block fit in shared memory");
    space.launch = {.grid_x = ceil_div(B, rows), .grid_y = T, .threads = 128, .smem_bytes = rows * w.dim("D") * 4};
    return space;
}

const std::array<Family, 1>& tile_families() {
    static const std::array<Family, 1> families = {Family{.name = "tile",
                                                          .dimensions = {{"T", Binding::runtime, "steps"},
                                                                         {"B", Binding::runtime, "rows"},
                                                                         {"D", Binding::fixed, "units"}},
                                                          .dtypes = {DType::f32, DType::bf16},
                                                          .options = {{"pass", {"forward", "backward"}, ""}},
                                                          .space = tile_space}};
    return families;
}

Workload tile(std::int64_t steps, std::int64_t rows, std::int64_t units = 64) {
    return {.family = "tile",
            .dims = {{"T", steps}, {"B", rows}, {"D", units}},
            .dtype = DType::f32,
            .options = {{"pass", "forward"}}};
}

Trial tile_trial(const Workload& workload, const std::string& config, double median_us = 10) {
    return toy_trial(config, median_us, workload);
}

// A database in a folder of its own, and a cache over it.
class TunedFile {
  public:
    explicit TunedFile(const std::vector<Trial>& trials) { TuningDb(path()).record(trials); }

    std::string path() const { return scratch_.file("tuning.db"); }
    RuntimeOptions options(bool accept_modelled = false) const {
        return {.database = path(),
                .target = find_target("h200"),
                .accept_modelled = accept_modelled,
                .kernels = {.folder = path() + ".kernels"},
                .families = tile_families()};
    }

  private:
    ScratchFolder scratch_;
};

Answer find(const RuntimeCache& cache, const Workload& workload) {
    return cache.find(cache.coder().code(workload));
}

// "exact rows=4 of T=128 B=16", or why not.
std::string text(const Answer& answer) {
    if (answer.match.winner == nullptr) {
        constexpr std::array kNames = {"none", "not a query", "bad size", "nothing tuned", "nothing fits"};
        return kNames[static_cast<std::size_t>(answer.match.absence)];
    }
    const std::string basis = answer.modelled ? "modelled " : (answer.match.exact ? "exact " : "nearest ");
    return basis + std::string(answer.match.winner->config) + " of " + std::string(answer.match.winner->workload);
}

TEST(RuntimeCache, AWorkloadThatWasTunedIsAnsweredExactly) {
    const TunedFile file({tile_trial(tile(128, 16), "rows=4"), tile_trial(tile(64, 16), "rows=8")});
    const RuntimeCache cache(file.options());
    const Answer answer = find(cache, tile(128, 16));
    EXPECT_EQ(text(answer), "exact rows=4 of tile B=16 D=64 T=128 dtype=f32 pass=forward");
    EXPECT_EQ(answer.match.squared_distance, 0);
    EXPECT_EQ(answer.match.winner->median_us, 10);
    EXPECT_EQ(answer.match.winner->kind, TimeKind::modelled);
    EXPECT_EQ(cache.size(), 2U);
}

TEST(RuntimeCache, TheLaunchIsThatOfTheSizesAsked) {
    const TunedFile file({tile_trial(tile(128, 16), "rows=4")});
    const LaunchShape launch = find(RuntimeCache(file.options()), tile(100, 21)).match.launch;
    EXPECT_EQ(launch.grid, (std::array<unsigned, 3>{6, 100, 1}));  // 21 rows, 4 in a block
    EXPECT_EQ(launch.block, (std::array<unsigned, 3>{128, 1, 1}));
    EXPECT_EQ(launch.cluster, 1U);
    EXPECT_EQ(launch.smem_bytes, 4U * 64 * 4);
}

TEST(RuntimeCache, ManyThreadsThatAskForTheSameAtFirstGetTheLaunchOfItsSizes) {
    std::vector<Trial> trials;
    for (std::int64_t steps = 1; steps <= 500; ++steps) {
        trials.push_back(tile_trial(tile(steps, 16), "rows=4"));
    }
    const TunedFile file(trials);
    const RuntimeCache cache(file.options());
    std::atomic<int> wrong = 0;
    const auto ask = [&] {
        for (std::int64_t steps = 1; steps <= 500; ++steps) {
            const Match match = find(cache, tile(steps, 16)).match;
            const std::array<unsigned, 3> grid = {4, static_cast<unsigned>(steps), 1};
            wrong += match.exact && match.launch.grid == grid ? 0 : 1;
        }
    };
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back(ask);
    }
    threads.clear();
    ask();  // what is kept by now
    EXPECT_EQ(wrong, 0);
}

TEST(RuntimeCache, AnotherSizeIsAnsweredByTheNearestInOctaves) {
    const TunedFile file({tile_trial(tile(64, 16), "rows=2"), tile_trial(tile(1024, 16), "rows=4")});
    const RuntimeCache cache(file.options());
    EXPECT_EQ(text(find(cache, tile(200, 16))), "nearest rows=2 of tile B=16 D=64 T=64 dtype=f32 pass=forward");
    EXPECT_EQ(text(find(cache, tile(300, 16))), "nearest rows=4 of tile B=16 D=64 T=1024 dtype=f32 pass=forward");
    EXPECT_EQ(find(cache, tile(128, 16)).match.squared_distance, 1);
}

TEST(RuntimeCache, EquallyNearOnesAreOrderedByTheirText) {
    const TunedFile file({tile_trial(tile(256, 16), "rows=2"), tile_trial(tile(64, 16), "rows=4")});
    EXPECT_EQ(text(find(RuntimeCache(file.options()), tile(128, 16))),
              "nearest rows=2 of tile B=16 D=64 T=256 dtype=f32 pass=forward");  // "T=256" < "T=64"
}

TEST(RuntimeCache, ANearestThatDoesNotFitTheSizesAskedMakesWayForTheNextThatDoes) {
    const TunedFile file({tile_trial(tile(128, 8), "rows=8"), tile_trial(tile(4096, 64), "rows=2")});
    const RuntimeCache cache(file.options());
    EXPECT_EQ(text(find(cache, tile(128, 9))), "nearest rows=8 of tile B=8 D=64 T=128 dtype=f32 pass=forward");
    EXPECT_EQ(text(find(cache, tile(128, 7))), "nearest rows=2 of tile B=64 D=64 T=4096 dtype=f32 pass=forward");
    EXPECT_EQ(text(find(cache, tile(128, 1))), "nothing fits");
}

TEST(RuntimeCache, ARecordedConfigurationOutsideTheSpaceIsNoAnswer) {
    const TunedFile file({tile_trial(tile(128, 64), "rows=3"), tile_trial(tile(64, 64), "rows=4 more=1"),
                          tile_trial(tile(32, 64), "nonsense"), tile_trial(tile(16, 4), "rows=8")});
    EXPECT_EQ(text(find(RuntimeCache(file.options()), tile(128, 64))),
              "nearest rows=8 of tile B=4 D=64 T=16 dtype=f32 pass=forward");
    EXPECT_EQ(text(find(RuntimeCache(file.options()), tile(16, 4))), "nothing fits");
}

TEST(RuntimeCache, WhatDiffersInMoreThanARuntimeDimensionIsNoNeighbour) {
    const TunedFile file({tile_trial(tile(128, 16), "rows=4")});
    const RuntimeCache cache(file.options());
    Workload backward = tile(128, 16);
    backward.options["pass"] = "backward";
    Workload bf16 = tile(128, 16);
    bf16.dtype = DType::bf16;
    for (const Workload& other : {backward, bf16, tile(128, 16, 32)}) {
        EXPECT_EQ(text(find(cache, other)), "nothing tuned") << other.key();
    }
}

TEST(RuntimeCache, TrialsOfAnotherTargetAreNotAsked) {
    Trial other = tile_trial(tile(128, 16), "rows=4");
    other.provenance.target = "a100";
    const TunedFile file({other});
    EXPECT_EQ(text(find(RuntimeCache(file.options()), tile(128, 16))), "nothing tuned");
}

TEST(RuntimeCache, AQueryThatIsNoneAndSizesThatAreNoneAreRefused) {
    const TunedFile file({tile_trial(tile(128, 16), "rows=4")});
    const RuntimeCache cache(file.options());
    EXPECT_EQ(text(cache.find({})), "not a query");
    WorkloadCode code = cache.coder().code(tile(128, 16));
    for (const std::int64_t size : {std::int64_t{0}, std::int64_t{-5}, std::numeric_limits<std::int64_t>::max()}) {
        code.sizes[0] = size;
        EXPECT_EQ(text(cache.find(code)), "bad size") << size;
    }
    code.count = 200;
    EXPECT_EQ(text(cache.find(code)), "not a query");
    code.kind = ~std::uint64_t{0};
    EXPECT_EQ(text(cache.find(code)), "not a query");
}

TEST(RuntimeCache, ExactAnswersAreThoseOfTheTuningDatabase) {
    Trial slow_but_measured = measured(tile_trial(tile(128, 16), "rows=1", 50));
    Trial failed_since = tile_trial(tile(128, 16), "rows=8", 1);
    Trial failure = failed_since;
    failure.outcome = Outcome::wrong_result;
    const TunedFile file({tile_trial(tile(128, 16), "rows=2", 5), slow_but_measured, failed_since, failure,
                          tile_trial(tile(256, 16), "rows=4", 5), tile_trial(tile(256, 16), "rows=2", 5)});
    const RuntimeCache cache(file.options());
    const TuningDb db(file.path(), TuningDb::Mode::read_only);
    for (const Workload& workload : {tile(128, 16), tile(256, 16)}) {
        EXPECT_EQ(find(cache, workload).match.winner->config, db.best(workload, "h200", tile_families())->trial.config);
    }
    EXPECT_EQ(find(cache, tile(128, 16)).match.winner->config, "rows=1");
    EXPECT_EQ(find(cache, tile(256, 16)).match.winner->config, "rows=2");
}

TEST(RuntimeCache, OfManyTrialsOfAWorkloadTheNewestOfEachConfigurationCounts) {
    std::mt19937_64 random(3);
    std::vector<Trial> trials;
    for (int i = 0; i < 400; ++i) {
        Trial trial = tile_trial(tile(std::int64_t{1} << random() % 5, 64),
                                 "rows=" + std::to_string(std::int64_t{1} << random() % 6),
                                 static_cast<double>(1 + random() % 50));
        trial = random() % 3 == 0 ? measured(trial) : trial;
        trial.outcome = random() % 2 == 0 ? Outcome::ok : Outcome::wrong_result;
        trial.recorded_at = fmt::format("2026-01-{:02}T12:00:00Z", 1 + random() % 9);
        trials.push_back(trial);
    }
    const TunedFile file(trials);
    const RuntimeCache cache(file.options());
    const TuningDb db(file.path(), TuningDb::Mode::read_only);
    for (const std::int64_t steps : {1, 2, 4, 8, 16}) {
        const Trial best = db.best(tile(steps, 64), "h200", tile_families()).value().trial;
        const Match match = find(cache, tile(steps, 64)).match;
        ASSERT_TRUE(match.exact) << steps;
        EXPECT_EQ(match.winner->config, best.config) << steps;
        EXPECT_EQ(match.winner->median_us, best.median_us) << steps;
    }
}

TEST(RuntimeCache, WhatNeverRanAnswersOnlyWhereItIsAcceptedAndNothingVerifiedFits) {
    Trial only_compiled = tile_trial(tile(128, 16), "rows=2");
    only_compiled.outcome = Outcome::modelled;
    Trial only_compiled_units = tile_trial(tile(128, 16, 32), "rows=2");
    only_compiled_units.outcome = Outcome::modelled;
    const TunedFile file({only_compiled, only_compiled_units, tile_trial(tile(64, 8), "rows=4")});
    const RuntimeCache strict(file.options());
    const RuntimeCache lenient(file.options(true));
    EXPECT_EQ(text(find(strict, tile(128, 16, 32))), "nothing tuned");
    EXPECT_EQ(text(find(lenient, tile(128, 16, 32))), "modelled rows=2 of tile B=16 D=32 T=128 dtype=f32 pass=forward");
    EXPECT_EQ(text(find(lenient, tile(128, 16))), "nearest rows=4 of tile B=8 D=64 T=64 dtype=f32 pass=forward");
    EXPECT_EQ(text(find(lenient, tile(128, 3))), "modelled rows=2 of tile B=16 D=64 T=128 dtype=f32 pass=forward");
}

TEST(RuntimeCache, NearestIsWhatLookingAtEveryRowFinds) {
    std::mt19937_64 random(20);
    const auto size = [&](std::int64_t greatest) {
        return static_cast<std::int64_t>(std::exp2(std::uniform_real_distribution<>(0, std::log2(greatest))(random)));
    };
    std::map<std::string, Trial> tuned;  // by the workload's text
    for (int i = 0; i < 900; ++i) {
        // A grid, so that many are equally near; and what lies between.
        const bool grid = i % 2 == 0;
        const Workload workload = grid ? tile(std::int64_t{1} << random() % 12, std::int64_t{1} << random() % 7)
                                       : tile(size(4096), size(100));
        std::int64_t rows = std::int64_t{1} << random() % 6;
        tuned.insert_or_assign(workload.key(), tile_trial(workload, "rows=" + std::to_string(rows)));
    }
    std::vector<Trial> trials;
    for (const auto& [key, trial] : tuned) {
        trials.push_back(trial);
    }
    const TunedFile file(trials);
    const RuntimeCache cache(file.options());
    for (int i = 0; i < 1000; ++i) {
        const Workload asked = i % 2 == 0 ? tile(std::int64_t{1} << random() % 13, std::int64_t{1} << random() % 8)
                                          : tile(size(8192), size(200));
        const Trial* best = nullptr;
        double least = 0;
        for (const auto& [key, trial] : tuned) {  // in the order of the text
            const double apart = *squared_distance(asked, trial.workload, tile_families()[0]);
            const bool fits = parse_config(trial.config)["rows"] <= asked.dim("B");
            if (fits && (best == nullptr || apart < least)) {
                best = &trial;
                least = apart;
            }
        }
        const Answer answer = find(cache, asked);
        if (best == nullptr) {
            EXPECT_EQ(text(answer), "nothing fits") << asked.key();
            continue;
        }
        ASSERT_NE(answer.match.winner, nullptr) << asked.key();
        // An exact row that fits is 0 away, and the only one.
        EXPECT_EQ(answer.match.winner->workload, best->workload.key()) << asked.key();
        EXPECT_EQ(answer.match.squared_distance, least);
    }
}

TEST(RuntimeCache, AnswersAreThoseThatBestGivesWhenItLooksAtWhatFits) {
    std::mt19937_64 random(5);
    std::vector<Trial> trials;
    for (int i = 0; i < 60; ++i) {
        const std::int64_t rows = std::int64_t{1} << random() % 6;
        const Workload workload = tile(std::int64_t{1} << random() % 8, rows);
        for (int config = 0; config < 3; ++config) {  // as tuning does, of what fits
            const std::int64_t most = std::max<std::int64_t>(1, rows >> random() % 2);
            trials.push_back(tile_trial(workload, "rows=" + std::to_string(most), static_cast<double>(random() % 9)));
        }
    }
    const TunedFile file(trials);
    const RuntimeCache cache(file.options());
    const TuningDb db(file.path(), TuningDb::Mode::read_only);
    const Family& family = tile_families()[0];
    int skipped = 0, none = 0;
    for (int i = 0; i < 200; ++i) {
        const auto asked_rows = static_cast<std::int64_t>(1 + random() % 7);
        const Workload asked = tile(static_cast<std::int64_t>(1 + random() % 300), asked_rows);
        const SpaceFormulas space(family.space(asked, find_target("h200")), family);
        const std::vector<std::int64_t> sizes = {asked.dim("T"), asked_rows, asked.dim("D")};
        const std::optional<Choice> choice = db.best(asked, "h200", tile_families(), [&](const Trial& trial) {
            const bool fits = FittedConfig(parse_config(trial.config), space).launch(sizes).has_value();
            skipped += fits ? 0 : 1;
            return fits;
        });
        const Match match = find(cache, asked).match;
        ASSERT_EQ(match.winner != nullptr, choice.has_value()) << asked.key();
        if (!choice) {
            ++none;
            continue;
        }
        EXPECT_EQ(match.winner->workload, choice->trial.workload.key()) << asked.key();
        EXPECT_EQ(match.winner->config, choice->trial.config) << asked.key();
        EXPECT_EQ(match.exact, choice->basis == Basis::exact);
        EXPECT_EQ(std::sqrt(match.squared_distance), choice->distance);
    }
    EXPECT_GT(skipped, 20);
    EXPECT_LT(none, 100);
}

TEST(RuntimeCache, RefreshingTakesInWhatAnotherConnectionRecorded) {
    const TunedFile file({tile_trial(tile(128, 16), "rows=4", 10)});
    RuntimeCache cache(file.options());
    const Winner* before = find(cache, tile(128, 16)).match.winner;
    EXPECT_FALSE(cache.refresh());
    TuningDb(file.path()).record(tile_trial(tile(128, 16), "rows=8", 5));
    EXPECT_EQ(find(cache, tile(128, 16)).match.winner, before);
    EXPECT_TRUE(cache.refresh());
    EXPECT_EQ(find(cache, tile(128, 16)).match.winner->config, "rows=8");
    EXPECT_EQ(before->config, "rows=4");  // an answer that somebody holds stays readable
    EXPECT_FALSE(cache.refresh());
}

TEST(RuntimeCache, RefreshingFollowsAFileThatIsRenamedIntoItsPlace) {
    const TunedFile file({tile_trial(tile(128, 16), "rows=4")});
    const TunedFile newer({tile_trial(tile(128, 16), "rows=2")});
    RuntimeCache cache(file.options());
    std::filesystem::copy_file(newer.path(), file.path() + ".new");
    std::filesystem::rename(file.path() + ".new", file.path());
    EXPECT_TRUE(cache.refresh());
    EXPECT_EQ(find(cache, tile(128, 16)).match.winner->config, "rows=2");
}

TEST(RuntimeCache, AFailedRefreshLeavesTheAnswersAsTheyWere) {
    const TunedFile file({tile_trial(tile(128, 16), "rows=4")});
    RuntimeCache cache(file.options());
    std::filesystem::remove(file.path());
    EXPECT_NE(error_of([&] { cache.refresh(); }).find("there is no such file"), std::string::npos);
    EXPECT_EQ(find(cache, tile(128, 16)).match.winner->config, "rows=4");
}

TEST(RuntimeCache, AFileThatCannotBeUsedIsNamedWithWhatToDo) {
    const TunedFile file({tile_trial(tile(128, 16), "rows=4")});
    const auto opening = [&](const std::string& name) {
        RuntimeOptions options = file.options();
        options.database = file.path() + name;
        return error_of([&] { RuntimeCache cache(options); });
    };
    const auto opening_message = [&](const std::string& name, const std::string& rest) {
        EXPECT_EQ(opening(name), "opening the tuning database " + file.path() + name + ": " + rest);
    };
    opening_message(".gone", "there is no such file; check its name, or tune into it first");

    std::ofstream(file.path() + ".empty");
    opening_message(".empty", "it holds nothing yet; tune into it first");

    std::ofstream(file.path() + ".text") << std::string(5000, 'x');
    EXPECT_NE(opening(".text").find("it is not a SQLite database"), std::string::npos) << opening(".text");

    std::filesystem::copy_file(file.path(), file.path() + ".later");
    SqliteConnection(file.path() + ".later", SqliteAccess::create).execute("PRAGMA user_version = 99");
    EXPECT_NE(opening(".later").find("its schema is number 99"), std::string::npos) << opening(".later");

    std::filesystem::copy_file(file.path(), file.path() + ".damaged");
    std::fstream damaged(file.path() + ".damaged", std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(4096);
    damaged << std::string(40 * 1024, '\xff');
    damaged.close();
    EXPECT_NE(opening(".damaged").find("it is damaged"), std::string::npos) << opening(".damaged");
}

TEST(RuntimeCache, AFileAndFolderThatMayOnlyBeReadAreEnough) {
    ScratchFolder scratch;
    const TunedFile file({tile_trial(tile(128, 16), "rows=4")});
    const std::string folder = scratch.file("shared");
    std::filesystem::create_directory(folder);
    std::filesystem::copy_file(file.path(), folder + "/tuning.db");
    const auto read_only = std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec;
    std::filesystem::permissions(folder + "/tuning.db", std::filesystem::perms::owner_read);
    std::filesystem::permissions(folder, read_only);
    RuntimeOptions options = file.options();
    options.database = folder + "/tuning.db";
    {
        RuntimeCache cache(options);
        EXPECT_EQ(text(find(cache, tile(128, 16))), "exact rows=4 of tile B=16 D=64 T=128 dtype=f32 pass=forward");
        EXPECT_FALSE(cache.refresh());
    }
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace warpsmith
