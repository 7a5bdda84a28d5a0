#include "cache/kernel_store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

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

// A child that fetches the example kernel; to compile it takes a while, and writes one byte to the pipe.
pid_t fetch_in_child(const std::string& folder, int pipe_end, std::chrono::milliseconds compile_time) {
    const pid_t child = ::fork();
    if (child == 0) {
        const KernelStore store(folder);
        const KernelStore::Fetched fetched = store.load_or_compile(example().digest, "13.0", [&] {
            const bool told = ::write(pipe_end, "c", 1) == 1;
            std::this_thread::sleep_for(compile_time);
            Compiled kernel = example();
            kernel.ok = told;
            return kernel;
        });
        ::_exit(fetched.kernel.ok && fetched.kernel.cubin == example().cubin ? 0 : 1);
    }
    return child;
}

int end_of(pid_t child) {
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

TEST(KernelStore, ProcessesThatWantTheSameKernelAtOnceCompileItOnce) {
    ScratchFolder scratch;
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe(ends), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i) {
        children.push_back(fetch_in_child(scratch.file("kernels"), ends[1], std::chrono::milliseconds(60)));
    }
    for (pid_t child : children) {
        EXPECT_EQ(end_of(child), 0);
    }
    ::close(ends[1]);
    char compiled[8] = {};
    EXPECT_EQ(::read(ends[0], compiled, sizeof compiled), 1);
    ::close(ends[0]);
    EXPECT_EQ(entries(scratch.file("kernels")), 1U) << "no claim is left";
}

TEST(KernelStore, WhenTheOneThatCompilesDiesTheNextGoesOn) {
    ScratchFolder scratch;
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t first = fetch_in_child(scratch.file("kernels"), ends[1], std::chrono::hours(1));
    char byte = 0;
    ASSERT_EQ(::read(ends[0], &byte, 1), 1) << "the first compiles";
    const pid_t second = fetch_in_child(scratch.file("kernels"), ends[1], std::chrono::milliseconds(0));
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_EQ(::waitpid(second, nullptr, WNOHANG), 0) << "the second waits";
    ::kill(first, SIGKILL);
    end_of(first);
    EXPECT_EQ(end_of(second), 0);
    EXPECT_EQ(::read(ends[0], &byte, 1), 1) << "the second compiled";
    EXPECT_EQ(entries(scratch.file("kernels")), 1U) << "no claim is left";
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(KernelStore, ThreadsThatWantTheSameKernelAtOnceCompileItOnce) {
    ScratchFolder scratch;
    const KernelStore store(scratch.file("kernels"));
    std::atomic<int> compiled = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            store.load_or_compile(example().digest, "13.0", [&] {
                ++compiled;
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                return example();
            });
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(compiled, 1);
}

TEST(KernelStore, AKernelThatDoesNotCompileIsNotKept) {
    ScratchFolder scratch;
    const KernelStore store(scratch.file("kernels"));
    for (int i = 0; i < 2; ++i) {
        const auto fetched =
            store.load_or_compile(example().digest, "13.0", [] { return Compiled{.ok = false, .log = "error"}; });
        EXPECT_TRUE(fetched.compiled);
        EXPECT_EQ(fetched.kernel.log, "error");
    }
    EXPECT_EQ(entries(store.folder()), 0U);
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
