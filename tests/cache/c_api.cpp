#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "cache/kernel_store.hpp"
#include "cache/sqlite.hpp"
#include "cache/tuning_db.hpp"
#include "cache/warpsmith.h"
#include "generator/shared_library.hpp"
#include "solver/search.hpp"
#include "tests/cache/allocations.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"
#include "tests/device/fake_driver/fake_driver.hpp"

namespace warpsmith {
namespace {

constexpr const char* kScan = "scan T=4096 B=8 D=512 dtype=f32";

// The first configuration of a workload's space, verified; its kernel is in the store where `stored`.
class Tuned {
  public:
    explicit Tuned(bool stored = true) {
        const Workload workload = parse_workload(kScan, families());
        const Space space = find_family("scan").space(workload, find_target("h200"));
        config_ = to_config(first(space.model).value(), space).key();
        TuningDb(path()).record(toy_trial(config_, 10, workload));
        if (stored) {
            KernelStore(path() + ".kernels")
                .save({.ok = true,
                       .digest = "digest of " + config_,
                       .toolkit = "13.0",
                       .cubin = "a cubin",
                       .lowered_name = "scan_kernel",
                       .resources = {.registers = 40, .static_smem_bytes = 512}});
        }
    }

    std::string path() const { return scratch_.file("tuning.db"); }
    const std::string& config() const { return config_; }

    // Closed with this.
    warpsmith_cache* open(int compile_missing = 0) {
        const std::string database = path();
        const warpsmith_options options{
            .target = "h200", .compile_missing = compile_missing, .driver_library = WARPSMITH_FAKE_DRIVER};
        EXPECT_EQ(warpsmith_open(database.c_str(), &options, &cache_), WARPSMITH_OK) << warpsmith_error_message();
        return cache_;
    }
    ~Tuned() { warpsmith_close(cache_); }
    Tuned(const Tuned&) = delete;
    Tuned& operator=(const Tuned&) = delete;
    Tuned(Tuned&&) = delete;

  private:
    ScratchFolder scratch_;
    std::string config_;
    warpsmith_cache* cache_ = nullptr;
};

warpsmith_query query_of(const char* text) {
    warpsmith_query query{};
    EXPECT_EQ(warpsmith_parse(text, &query), WARPSMITH_OK) << warpsmith_error_message();
    return query;
}

warpsmith_choice choice_of(const warpsmith_cache* cache) {
    const warpsmith_query query = query_of(kScan);
    warpsmith_choice choice{};
    EXPECT_EQ(warpsmith_find(cache, &query, &choice), WARPSMITH_OK);
    return choice;
}

FakeDriver& fresh_driver() {
    const SharedLibrary library(WARPSMITH_FAKE_DRIVER);
    FakeDriver* (*state)() = library[kFakeDriverState];
    *state() = FakeDriver{};
    return *state();
}

bool called(const FakeDriver& driver, const std::string& call) {
    return std::find(driver.calls.begin(), driver.calls.end(), call) != driver.calls.end();
}

TEST(CInterface, AnswersSayHowTheyAreKnown) {
    Tuned tuned;
    warpsmith_cache* cache = tuned.open();
    EXPECT_EQ(warpsmith_size(cache), 1U);
    warpsmith_query query = query_of(kScan);
    warpsmith_choice choice;
    ASSERT_EQ(warpsmith_find(cache, &query, &choice), WARPSMITH_OK);
    EXPECT_EQ(choice.basis, WARPSMITH_EXACT);
    EXPECT_EQ(choice.config, tuned.config());
    EXPECT_EQ(choice.median_us, 10);
    EXPECT_EQ(choice.measured, 0);
    EXPECT_EQ(choice.why, nullptr);
    EXPECT_EQ(choice.grid[1], 8U);

    const int T = warpsmith_dimension(&query, "T");
    ASSERT_GE(T, 0);
    query.sizes[T] = 1024;
    ASSERT_EQ(warpsmith_find(cache, &query, &choice), WARPSMITH_OK);
    EXPECT_EQ(choice.basis, WARPSMITH_NEAREST);
    EXPECT_EQ(choice.distance, 2);
    EXPECT_STREQ(choice.tuned_for, "scan B=8 D=512 T=4096 dtype=f32 direction=forward");

    query = query_of("scan T=4096 B=8 D=256 dtype=f32");
    EXPECT_EQ(warpsmith_find(cache, &query, &choice), WARPSMITH_NOT_FOUND);
    EXPECT_EQ(choice.basis, WARPSMITH_NONE);
    EXPECT_STREQ(choice.why, "nothing of this family, dtype, options and fixed dimensions was tuned for this target");
}

TEST(CInterface, LookingUpAllocatesNothing) {
    Tuned tuned;
    warpsmith_cache* cache = tuned.open();
    const warpsmith_query exact = query_of(kScan);
    const warpsmith_query near = query_of("scan T=100 B=3 D=512 dtype=f32");
    const warpsmith_query none = query_of("scan T=100 B=3 D=64 dtype=f32");
    warpsmith_choice choice;
    const std::size_t before = allocations();
    EXPECT_EQ(warpsmith_find(cache, &exact, &choice), WARPSMITH_OK);
    EXPECT_EQ(warpsmith_find(cache, &near, &choice), WARPSMITH_OK);
    EXPECT_EQ(warpsmith_find(cache, &none, &choice), WARPSMITH_NOT_FOUND);
    EXPECT_EQ(allocations(), before);
    static_cast<void>(query_of(kScan));
    EXPECT_GT(allocations(), before);  // they are counted
}

TEST(CInterface, ErrorsAreAStatusAndAMessage) {
    warpsmith_cache* cache = nullptr;
    const warpsmith_options options{.target = "h200"};
    EXPECT_EQ(warpsmith_open("/nowhere/tuning.db", &options, &cache), WARPSMITH_FAILED);
    EXPECT_EQ(cache, nullptr);
    EXPECT_EQ(std::string(warpsmith_error_message()),
              "opening the tuning database /nowhere/tuning.db: the folder /nowhere does not exist; create it or name "
              "another");
    const warpsmith_options no_target{.target = "h2000"};
    EXPECT_EQ(warpsmith_open("/nowhere/tuning.db", &no_target, &cache), WARPSMITH_FAILED);
    EXPECT_NE(std::string(warpsmith_error_message()).find("h2000"), std::string::npos);

    warpsmith_query query;
    EXPECT_EQ(warpsmith_parse("scan T=4096 B=8 E=512 dtype=f32", &query), WARPSMITH_BAD_ARGUMENT);
    EXPECT_NE(std::string(warpsmith_error_message()).find("scan has no 'E'"), std::string::npos);
    EXPECT_EQ(warpsmith_parse(nullptr, &query), WARPSMITH_BAD_ARGUMENT);
    EXPECT_STREQ(warpsmith_error_message(), "calling warpsmith_parse: an argument is a null pointer");
    EXPECT_EQ(warpsmith_refresh(nullptr, nullptr), WARPSMITH_BAD_ARGUMENT);
    EXPECT_EQ(warpsmith_find(nullptr, &query, nullptr), WARPSMITH_BAD_ARGUMENT);
    EXPECT_EQ(warpsmith_size(nullptr), 0U);
    EXPECT_EQ(warpsmith_dimension(nullptr, "T"), -1);
    const warpsmith_query scan = query_of(kScan);
    EXPECT_EQ(warpsmith_dimension(&scan, "E"), -1);
    warpsmith_close(nullptr);
}

TEST(CInterface, TheCubinComesFromTheStoreWithoutADriver) {
    Tuned tuned;
    warpsmith_cache* cache = tuned.open();
    const warpsmith_choice choice = choice_of(cache);
    FakeDriver& driver = fresh_driver();
    warpsmith_kernel kernel;
    ASSERT_EQ(warpsmith_fetch(cache, &choice, &kernel), WARPSMITH_OK) << warpsmith_error_message();
    EXPECT_EQ(std::string(static_cast<const char*>(kernel.cubin), kernel.cubin_bytes), "a cubin");
    EXPECT_STREQ(kernel.name, "scan_kernel");
    EXPECT_EQ(kernel.registers, 40U);
    EXPECT_EQ(kernel.static_smem_bytes, 512U);
    EXPECT_EQ(kernel.function, nullptr);
    EXPECT_TRUE(driver.calls.empty());
    void* parameters[] = {nullptr};
    EXPECT_EQ(warpsmith_launch(&kernel, &choice, nullptr, parameters), WARPSMITH_BAD_ARGUMENT);
}

// As nothing of ours does: rows are only ever added.
void overwrite(const std::string& database, const std::string& update) {
    SqliteConnection(database, SqliteAccess::create).execute("DROP TRIGGER trial_is_never_changed; " + update);
}

TEST(CInterface, AKernelWhoseRowIsDamagedIsRefusedAtItsFirstUse) {
    Tuned tuned;
    const Space space = find_family("scan").space(parse_workload(kScan, families()), find_target("h200"));
    const std::string other = to_config(solve(space.model).at(1), space).key();
    ASSERT_NE(other, tuned.config());
    for (const std::string& update :
         {"UPDATE trial SET config = '" + other + "'", std::string("UPDATE trial SET median_us = 5"),
          std::string("UPDATE trial SET checksum = replace(checksum, substr(checksum, 1, 1), '-')")}) {
        const std::string path = tuned.path() + ".copy";
        std::filesystem::copy_file(tuned.path(), path, std::filesystem::copy_options::overwrite_existing);
        overwrite(path, update);
        const std::string folder = tuned.path() + ".kernels";
        const warpsmith_options options{
            .target = "h200", .kernel_folder = folder.c_str(), .driver_library = WARPSMITH_FAKE_DRIVER};
        warpsmith_cache* cache = nullptr;
        ASSERT_EQ(warpsmith_open(path.c_str(), &options, &cache), WARPSMITH_OK) << warpsmith_error_message();
        const warpsmith_choice choice = choice_of(cache);
        FakeDriver& driver = fresh_driver();
        warpsmith_kernel kernel;
        EXPECT_EQ(warpsmith_fetch(cache, &choice, &kernel), WARPSMITH_FAILED) << update;
        EXPECT_EQ(warpsmith_load(cache, &choice, &kernel), WARPSMITH_FAILED) << update;
        EXPECT_EQ(kernel.function, nullptr);
        EXPECT_NE(std::string(warpsmith_error_message())
                      .find("trial 1 is damaged; restore a copy, or save what is readable with: warpsmith db check"),
                  std::string::npos)
            << warpsmith_error_message();
        EXPECT_FALSE(called(driver, "cuModuleLoadData a cubin"));
        warpsmith_close(cache);
    }
}

TEST(CInterface, ADamagedCubinIsNotLoadedAndIsCalledDamaged) {
    Tuned tuned;
    for (const auto& entry : std::filesystem::directory_iterator(tuned.path() + ".kernels")) {
        std::ofstream(entry.path() / "kernel.cubin") << "b cubin";
    }
    warpsmith_cache* cache = tuned.open();
    const warpsmith_choice choice = choice_of(cache);
    warpsmith_kernel kernel;
    EXPECT_EQ(warpsmith_load(cache, &choice, &kernel), WARPSMITH_NO_KERNEL);
    EXPECT_NE(std::string(warpsmith_error_message()).find("its compiled kernel is damaged in " + tuned.path()),
              std::string::npos)
        << warpsmith_error_message();
}

TEST(CInterface, AnAnswerOfAFileThatWasReplacedLoadsNoKernelOfTheNewOne) {
    Tuned tuned;
    warpsmith_cache* cache = tuned.open();
    const warpsmith_choice old = choice_of(cache);
    const std::string other = tuned.path() + ".new";
    TuningDb(other).record(toy_trial(tuned.config(), 10, scan_workload(64)));
    std::filesystem::rename(other, tuned.path());
    ASSERT_EQ(warpsmith_refresh(cache, nullptr), WARPSMITH_OK);
    warpsmith_kernel kernel;
    EXPECT_EQ(warpsmith_load(cache, &old, &kernel), WARPSMITH_FAILED);
    EXPECT_NE(std::string(warpsmith_error_message()).find("was replaced since this was its answer"), std::string::npos)
        << warpsmith_error_message();
}

TEST(CInterface, AKernelThatIsNotInTheStoreIsNotCompiledUnlessAsked) {
    Tuned tuned(false);
    warpsmith_kernel kernel;
    warpsmith_cache* cache = tuned.open();
    const warpsmith_choice choice = choice_of(cache);
    EXPECT_EQ(warpsmith_fetch(cache, &choice, &kernel), WARPSMITH_NO_KERNEL);
    EXPECT_NE(std::string(warpsmith_error_message()).find("run: warpsmith tune \"scan B=8 D=512 T=4096"),
              std::string::npos)
        << warpsmith_error_message();
}

TEST(CInterface, AskedToCompileItRefusesToMakeAnotherKernelThanTheOneThatWasTuned) {
    Tuned tuned(false);  // its source digest is no source's
    warpsmith_kernel kernel;
    warpsmith_cache* cache = tuned.open(1);
    const warpsmith_choice choice = choice_of(cache);
    EXPECT_EQ(warpsmith_fetch(cache, &choice, &kernel), WARPSMITH_FAILED);
    EXPECT_NE(std::string(warpsmith_error_message()).find("its source has changed since it was tuned"),
              std::string::npos)
        << warpsmith_error_message();
}

TEST(CInterface, AKernelIsLoadedOncePerContextAndLaunchedWithTheChoicesGeometry) {
    Tuned tuned;
    warpsmith_cache* cache = tuned.open();
    const warpsmith_choice choice = choice_of(cache);
    FakeDriver& driver = fresh_driver();
    warpsmith_kernel kernel;
    ASSERT_EQ(warpsmith_load(cache, &choice, &kernel), WARPSMITH_OK) << warpsmith_error_message();
    EXPECT_NE(kernel.function, nullptr);
    EXPECT_TRUE(called(driver, "cuModuleLoadData a cubin"));
    EXPECT_TRUE(called(driver, "cuModuleGetFunction scan_kernel"));
    EXPECT_EQ(driver.live_contexts, 1);  // the thread had none: the first GPU's
    ASSERT_EQ(warpsmith_load(cache, &choice, &kernel), WARPSMITH_OK);
    EXPECT_EQ(driver.live_modules, 1);

    int other_context = 0;
    driver.current = &other_context;
    ASSERT_EQ(warpsmith_load(cache, &choice, &kernel), WARPSMITH_OK);
    EXPECT_EQ(driver.live_modules, 2);
    EXPECT_EQ(driver.live_contexts, 1);  // the application's own is not retained

    int value = 7;
    int seen = 0;
    driver.kernel = [&](void** parameters) { seen = *static_cast<int*>(parameters[0]); };
    void* parameters[] = {&value};
    ASSERT_EQ(warpsmith_launch(&kernel, &choice, nullptr, parameters), WARPSMITH_OK) << warpsmith_error_message();
    EXPECT_EQ(seen, 7);
    EXPECT_TRUE(called(driver, "cuLaunchKernelEx grid=" + std::to_string(choice.grid[0]) +
                                   ",8,1 block=" + std::to_string(choice.block[0]) + ",1,1 smem=0 cluster=1"));

    driver.results["cuLaunchKernelEx"] = 700;
    EXPECT_EQ(warpsmith_launch(&kernel, &choice, nullptr, parameters), WARPSMITH_FAILED);
    EXPECT_NE(std::string(warpsmith_error_message()).find("CUDA_ERROR_ILLEGAL_ADDRESS"), std::string::npos);
}

TEST(CInterface, ThreadsAskWhileAnotherRefreshesAndAProcessRecords) {
    Tuned tuned;
    warpsmith_cache* cache = tuned.open();
    const warpsmith_query exact = query_of(kScan);
    const warpsmith_query near = query_of("scan T=5000 B=8 D=512 dtype=f32");
    constexpr int kRounds = 20;
    std::atomic<bool> done = false;
    std::atomic<int> wrong = 0;
    std::vector<std::thread> askers;
    for (int i = 0; i < 3; ++i) {
        askers.emplace_back([&] {
            double last_us = 10;
            while (!done) {
                warpsmith_choice choice;
                const bool found = warpsmith_find(cache, &exact, &choice) == WARPSMITH_OK;
                // Each trial is faster than the one before, so answers never grow slower.
                wrong += found && choice.config == tuned.config() && choice.median_us <= last_us ? 0 : 1;
                last_us = choice.median_us;
                warpsmith_kernel kernel;
                wrong += warpsmith_fetch(cache, &choice, &kernel) == WARPSMITH_OK ? 0 : 1;
                wrong += warpsmith_find(cache, &near, &choice) == WARPSMITH_OK ? 0 : 1;
            }
        });
    }
    TuningDb db(tuned.path());
    for (int round = 1; round <= kRounds; ++round) {
        db.record(toy_trial(tuned.config(), 10 - 0.1 * round, parse_workload(kScan, families())));
        int changed = 0;
        EXPECT_EQ(warpsmith_refresh(cache, &changed), WARPSMITH_OK) << warpsmith_error_message();
        EXPECT_EQ(changed, 1);
    }
    done = true;
    for (std::thread& asker : askers) {
        asker.join();
    }
    EXPECT_EQ(wrong, 0);
    warpsmith_choice choice;
    ASSERT_EQ(warpsmith_find(cache, &exact, &choice), WARPSMITH_OK);
    EXPECT_EQ(choice.median_us, 10 - 0.1 * kRounds);
}

}  // namespace
}  // namespace warpsmith
