// Kernels of the user's own in the run-time library.
#include "cache/own_kernel/own_answers.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cache/kernel_store.hpp"
#include "cache/tuning_db.hpp"
#include "cache/warpsmith.h"
#include "generator/shared_library.hpp"
#include "tests/cache/allocations.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"
#include "tests/device/fake_driver/fake_driver.hpp"

namespace warpsmith {
namespace {

constexpr const char* kDouble = R"(#include "factor.h"
extern "C" __global__ void twice(float* y, int n) {
    const int i = (blockIdx.x * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    if (i < n) y[i] *= FACTOR;
}
)";

constexpr const char* kSpecification = R"json({
  "ConfigurationSpace": {"TuningParameters": [{"Name": "ROWS", "Type": "int", "Values": "[1, 2, 4]"}], "Conditions": []},
  "KernelSpecification": {
    "Language": "CUDA", "KernelName": "twice", "KernelFile": "twice.cu", "SharedMemory": "ROWS * 16",
    "GlobalSize": {"X": "1024 // (32 * ROWS)"}, "LocalSize": {"X": 32, "Y": "ROWS"},
    "Arguments": [
      {"Name": "y", "Type": "float", "MemoryType": "Vector", "Size": 1024, "FillType": "Constant", "FillValue": 1},
      {"Name": "n", "Type": "int32", "MemoryType": "Scalar", "FillType": "Constant", "FillValue": 1024}]}})json";

// twice.json with its kernel, a database and a store, and a cache over them.
class Files {
  public:
    Files() {
        write("twice.cu", kDouble);
        write("factor.h", "#define FACTOR 2.0f\n");
        write("twice.json", kSpecification);
        TuningDb(database()).record(toy_trial("D=1", 1));
    }
    ~Files() { warpsmith_close(cache_); }
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    std::string path(const std::string& name) const { return scratch_.file(name); }
    std::string database() const { return path("tuning.db"); }
    void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }

    // As `warpsmith tune` records it, for the files as they are now.
    Trial trial(const std::string& config, double median_us) const {
        const OwnKernel kernel = read_own_kernel(path("twice.json"));
        Trial trial = toy_trial(config, median_us, workload_of(kernel));
        trial.provenance.source_digest = source_of(kernel, parse_config(config), find_target("h200"), "").digest;
        return trial;
    }
    void record(const std::string& config, double median_us) const {
        TuningDb(database()).record(trial(config, median_us));
    }

    warpsmith_cache* cache(int compile_missing = 0) {
        const std::string path = database();
        const warpsmith_options options{
            .target = "h200", .compile_missing = compile_missing, .driver_library = WARPSMITH_FAKE_DRIVER};
        EXPECT_EQ(warpsmith_open(path.c_str(), &options, &cache_), WARPSMITH_OK) << warpsmith_error_message();
        return cache_;
    }
    warpsmith_query query() const {
        warpsmith_query query{};
        EXPECT_EQ(warpsmith_own_kernel(cache_, path("twice.json").c_str(), &query), WARPSMITH_OK)
            << warpsmith_error_message();
        return query;
    }

  private:
    ScratchFolder scratch_;
    warpsmith_cache* cache_ = nullptr;
};

TEST(OwnAnswers, TheFastestOfAKernelOfTheUsersOwnIsFoundWithItsLaunchAndLoaded) {
    Files files;
    files.record("ROWS=1", 7);
    files.record("ROWS=4", 5);
    files.record("ROWS=8", 1);  // not in the space any more
    KernelStore(files.database() + ".kernels")
        .save({.ok = true,
               .digest = files.trial("ROWS=4", 5).provenance.source_digest,
               .toolkit = "13.0",
               .cubin = "a cubin",
               .lowered_name = "twice"});
    warpsmith_cache* cache = files.cache();
    const warpsmith_query query = files.query();
    EXPECT_EQ(warpsmith_dimension(&query, "X"), -1);
    warpsmith_choice choice;
    const std::size_t before = allocations();
    ASSERT_EQ(warpsmith_find(cache, &query, &choice), WARPSMITH_OK);
    EXPECT_EQ(allocations(), before);
    EXPECT_EQ(choice.basis, WARPSMITH_EXACT);
    EXPECT_STREQ(choice.config, "ROWS=4");
    EXPECT_EQ(choice.median_us, 5);

    const SharedLibrary library(WARPSMITH_FAKE_DRIVER);
    FakeDriver* (*state)() = library[kFakeDriverState];
    *state() = FakeDriver{};
    warpsmith_kernel kernel;
    ASSERT_EQ(warpsmith_load(cache, &choice, &kernel), WARPSMITH_OK) << warpsmith_error_message();
    int value = 0;
    void* parameters[] = {&value, &value};
    ASSERT_EQ(warpsmith_launch(&kernel, &choice, nullptr, parameters), WARPSMITH_OK) << warpsmith_error_message();
    EXPECT_EQ(state()->calls.back(), "cuLaunchKernelEx grid=8,1,1 block=32,4,1 smem=64 cluster=1");
}

TEST(OwnAnswers, RefreshingTakesInWhatWasTunedSinceAndKeepsOldAnswersReadable) {
    Files files;
    warpsmith_cache* cache = files.cache();
    const warpsmith_query query = files.query();
    warpsmith_choice choice;
    EXPECT_EQ(warpsmith_find(cache, &query, &choice), WARPSMITH_NOT_FOUND);
    EXPECT_STREQ(choice.why, "this kernel, as its files were when it was named, was not tuned for this target");
    files.record("ROWS=1", 7);
    ASSERT_EQ(warpsmith_refresh(cache, nullptr), WARPSMITH_OK);
    ASSERT_EQ(warpsmith_find(cache, &query, &choice), WARPSMITH_OK);
    files.record("ROWS=2", 6);
    ASSERT_EQ(warpsmith_refresh(cache, nullptr), WARPSMITH_OK);
    warpsmith_choice faster;
    ASSERT_EQ(warpsmith_find(cache, &query, &faster), WARPSMITH_OK);
    EXPECT_STREQ(faster.config, "ROWS=2");
    EXPECT_STREQ(choice.config, "ROWS=1");
}

TEST(OwnAnswers, WhatAnEditedFileComputesIsAnotherKernelThatWasNotTuned) {
    Files files;
    files.record("ROWS=1", 7);
    warpsmith_cache* cache = files.cache();
    const warpsmith_query before = files.query();
    EXPECT_EQ(files.query().kind, before.kind);
    files.write("factor.h", "#define FACTOR 3.0f\n");
    const warpsmith_query after = files.query();
    EXPECT_NE(after.kind, before.kind);
    warpsmith_choice choice;
    EXPECT_EQ(warpsmith_find(cache, &after, &choice), WARPSMITH_NOT_FOUND);
    EXPECT_EQ(warpsmith_find(cache, &before, &choice), WARPSMITH_OK);
    warpsmith_kernel kernel;
    EXPECT_EQ(warpsmith_fetch(cache, &choice, &kernel), WARPSMITH_NO_KERNEL);
    EXPECT_NE(std::string(warpsmith_error_message()).find("run: warpsmith tune \"" + files.path("twice.json") + "\""),
              std::string::npos)
        << warpsmith_error_message();
}

TEST(OwnAnswers, AskedToCompileItCompilesWhatWasTunedAndNothingElse) {
    Files files;
    files.record("ROWS=1", 7);
    warpsmith_cache* cache = files.cache(1);
    const warpsmith_query query = files.query();
    warpsmith_choice choice;
    ASSERT_EQ(warpsmith_find(cache, &query, &choice), WARPSMITH_OK);
    warpsmith_kernel kernel;
    files.write("factor.h", "#define FACTOR 3.0f\n");
    EXPECT_EQ(warpsmith_fetch(cache, &choice, &kernel), WARPSMITH_FAILED);
    EXPECT_NE(std::string(warpsmith_error_message()).find("its source has changed since it was tuned"),
              std::string::npos)
        << warpsmith_error_message();
    files.write("factor.h", "#define FACTOR 2.0f\n");
    ASSERT_EQ(warpsmith_fetch(cache, &choice, &kernel), WARPSMITH_OK) << warpsmith_error_message();
    EXPECT_STREQ(kernel.name, "twice");
    EXPECT_GT(kernel.cubin_bytes, 0U);
}

TEST(OwnAnswers, ADamagedRowIsAnErrorWhenTheKernelIsNamed) {
    Files files;
    files.record("ROWS=1", 7);
    SqliteConnection(files.database(), SqliteAccess::create)
        .execute("DROP TRIGGER trial_is_never_changed; UPDATE trial SET median_us = 1 WHERE id = 2");
    warpsmith_cache* cache = files.cache();
    for (int i = 0; i < 2; ++i) {
        warpsmith_query query;
        EXPECT_EQ(warpsmith_own_kernel(cache, files.path("twice.json").c_str(), &query), WARPSMITH_FAILED);
        EXPECT_NE(std::string(warpsmith_error_message()).find("trial 2 is damaged"), std::string::npos);
    }
}

TEST(OwnAnswers, AQueryOfNoKernelIsRefused) {
    Files files;
    warpsmith_cache* cache = files.cache();
    warpsmith_query query = files.query();
    warpsmith_choice choice;
    for (const std::uint64_t changed : {query.kind ^ 1U, query.kind | std::uint64_t{0xFF} << 32U, ~std::uint64_t{0}}) {
        query.kind = changed;
        EXPECT_EQ(warpsmith_find(cache, &query, &choice), WARPSMITH_NOT_FOUND);
        EXPECT_STREQ(choice.why, "the query was not made for this cache by this version of the library");
    }
    EXPECT_EQ(warpsmith_own_kernel(cache, files.path("none.json").c_str(), &query), WARPSMITH_FAILED);
    EXPECT_EQ(warpsmith_own_kernel(cache, nullptr, &query), WARPSMITH_BAD_ARGUMENT);
}

}  // namespace
}  // namespace warpsmith
