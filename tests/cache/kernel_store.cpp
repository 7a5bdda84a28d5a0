#include "cache/kernel_store.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"

namespace warpsmith {
namespace {

namespace fs = std::filesystem;

Compiled example() {
    return {.ok = true,
            .digest = "0123456789abcdef0123456789abcdef",
            .toolkit = "13.0",
            .ptx = ".version 9.0\n",
            .cubin = std::string("\x7f"
                                 "ELF\0\xff binary",
                                 13),
            .lowered_name = "_Z4scanv",
            .resources = {.registers = 64,
                          .spill_store_bytes = 4,
                          .spill_load_bytes = 8,
                          .stack_bytes = 16,
                          .static_smem_bytes = 1024},
            .log = "ptxas info",
            .compile_ms = 171.25};
}

std::string entry_of(const KernelStore& store) {
    return store.folder() + "/" + example().digest + "-nvrtc13.0";
}

std::size_t entries(const std::string& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(KernelStore, AKernelComesBackAsItWasSaved) {
    ScratchFolder scratch;
    KernelStore store(scratch.file("a/b/kernels"));
    store.save(example());
    Compiled loaded = store.load(example().digest, "13.0").value();
    EXPECT_TRUE(loaded.ok);
    EXPECT_EQ(loaded.digest, example().digest);
    EXPECT_EQ(loaded.toolkit, "13.0");
    EXPECT_EQ(loaded.ptx, example().ptx);
    EXPECT_EQ(loaded.cubin, example().cubin);
    EXPECT_EQ(loaded.lowered_name, example().lowered_name);
    EXPECT_EQ(loaded.resources, example().resources);
    EXPECT_EQ(loaded.log, example().log);
    EXPECT_EQ(loaded.compile_ms, example().compile_ms);
}

TEST(KernelStore, AnotherSourceOrToolkitIsAMiss) {
    ScratchFolder scratch;
    KernelStore store(scratch.file("kernels"));
    store.save(example());
    EXPECT_FALSE(store.load(example().digest, "12.8"));
    EXPECT_FALSE(store.load("fedcba9876543210fedcba9876543210", "13.0"));
}

TEST(KernelStore, ADamagedEntryIsAMissAndIsReplacedBySaving) {
    ScratchFolder scratch;
    KernelStore store(scratch.file("kernels"));
    for (const char* name : {"kernel.json", "kernel.ptx", "kernel.cubin", "compiler.log"}) {
        store.save(example());
        std::fstream file(entry_of(store) + "/" + name, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(5);
        file.put('#');
        file.close();
        EXPECT_FALSE(store.load(example().digest, "13.0")) << name;
        store.save(example());
        EXPECT_TRUE(store.load(example().digest, "13.0")) << name;
    }
    EXPECT_EQ(entries(store.folder()), 1U) << "what was damaged is gone";
}

TEST(KernelStore, AMissingOrCutOffFileIsAMiss) {
    ScratchFolder scratch;
    KernelStore store(scratch.file("kernels"));
    store.save(example());
    fs::resize_file(entry_of(store) + "/kernel.json", 20);
    EXPECT_FALSE(store.load(example().digest, "13.0"));
    store.save(example());
    fs::remove(entry_of(store) + "/kernel.cubin");
    EXPECT_FALSE(store.load(example().digest, "13.0"));
}

TEST(KernelStore, SavingTwiceLeavesOneEntryAndNoTemporaryFolder) {
    ScratchFolder scratch;
    KernelStore store(scratch.file("kernels"));
    store.save(example());
    store.save(example());
    EXPECT_EQ(entries(store.folder()), 1U);
}

TEST(KernelStore, ProcessesThatSaveTheSameKernelAtOnceLeaveOneWholeEntry) {
    ScratchFolder scratch;
    KernelStore store(scratch.file("kernels"));
    std::vector<pid_t> children;
    for (int child = 0; child < 6; ++child) {
        children.push_back(::fork());
        if (children.back() == 0) {
            for (int i = 0; i < 20; ++i) {
                Compiled kernel = example();
                kernel.digest = "kernel" + std::to_string(i);
                store.save(kernel);
                if (!store.load(kernel.digest, "13.0")) {
                    ::_exit(1);
                }
            }
            ::_exit(0);
        }
    }
    for (pid_t child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(entries(store.folder()), 20U);
}

TEST(KernelStore, WhatAKilledWriterLeftIsDeletedOnceItIsOld) {
    ScratchFolder scratch;
    fs::create_directories(scratch.file("kernels/.writing-old/contents"));
    fs::create_directories(scratch.file("kernels/.writing-young/contents"));
    fs::last_write_time(scratch.file("kernels/.writing-old"), fs::file_time_type::clock::now() - std::chrono::hours(2));
    KernelStore store(scratch.file("kernels"));
    EXPECT_FALSE(fs::exists(scratch.file("kernels/.writing-old")));
    EXPECT_TRUE(fs::exists(scratch.file("kernels/.writing-young")));
}

TEST(KernelStore, AFolderThatCannotBeWrittenIsAnError) {
    EXPECT_NE(error_of([] { KernelStore("/proc/kernels"); }).find("opening the kernel store /proc/kernels: "),
              std::string::npos);
}

}  // namespace
}  // namespace warpsmith
