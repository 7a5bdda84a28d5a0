#include "generator/compile.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "solver/error.hpp"
#include "tests/generator/toy_family.hpp"

namespace warpsmith {
namespace {

const Config kConfig{.fields = {{"threads", 128}, {"items", 4}}};

Source toy_source(const Config& config = kConfig) {
    return render(toy_family(), toy_workload(1000, 64), config, toy_target(), toy_files());
}

Source with_kernel(std::string_view text) {
    const std::vector<SourceFile> files = {{"toy/kernel.cuh", text}};
    return render(toy_family(), toy_workload(1000, 64, DType::f32), kConfig, toy_target(), files);
}

class CompilerTest : public testing::Test {
  protected:
    const Compiler compiler{find_toolkit(built_in_search())};
};

TEST_F(CompilerTest, MakesPtxAndCubinAndTellsTheResources) {
    const Source source = toy_source();
    const Compiled compiled = compiler.compile(source);
    ASSERT_TRUE(compiled.ok) << compiled.log;
    EXPECT_EQ(compiled.digest, source.digest);
    EXPECT_NE(compiled.ptx.find(".target sm_90a"), std::string::npos);
    EXPECT_NE(compiled.ptx.find(".entry " + compiled.lowered_name), std::string::npos);
    EXPECT_EQ(compiled.ptx.find('\0'), std::string::npos);
    EXPECT_EQ(compiled.cubin.substr(1, 3), "ELF");
    EXPECT_GT(compiled.resources.registers, 0);
    EXPECT_EQ(compiled.resources.static_smem_bytes, 128 * 4);
    EXPECT_FALSE(compiled.resources.spills());
}

TEST_F(CompilerTest, PtxNamesTheHeadersAsTheyAreIncluded) {
    const Compiled compiled = compiler.compile(toy_source());
    ASSERT_TRUE(compiled.ok) << compiled.log;
    EXPECT_NE(compiled.ptx.find("\"toy/kernel.cuh\""), std::string::npos);
    EXPECT_NE(compiled.ptx.find("\t.loc\t"), std::string::npos);
}

TEST_F(CompilerTest, PtxDoesNotDependOnTheCurrentFolder) {
    const std::filesystem::path before = std::filesystem::current_path();
    const Compiled here = compiler.compile(toy_source());
    std::filesystem::current_path("/");
    const Compiled there = compiler.compile(toy_source());
    std::filesystem::current_path(before);
    EXPECT_EQ(here.ptx, there.ptx);
}

TEST_F(CompilerTest, TellsAnErrorInTheCompilersWordsWithFileAndLine) {
    const Compiled compiled = compiler.compile(with_kernel("#pragma once\nint x = y;\n"));
    EXPECT_FALSE(compiled.ok);
    EXPECT_NE(compiled.log.find("toy/kernel.cuh(2): error: identifier \"y\" is undefined"), std::string::npos)
        << compiled.log;
    EXPECT_TRUE(compiled.ptx.empty());
}

TEST_F(CompilerTest, TellsAFieldThatTheConfigStructHasNot) {
    const Compiled compiled = compiler.compile(toy_source({.fields = {{"thread", 128}, {"items", 4}}}));
    EXPECT_FALSE(compiled.ok);
    EXPECT_NE(compiled.log.find("class \"ToyConfig\" has no field \"thread\""), std::string::npos) << compiled.log;
}

TEST_F(CompilerTest, TellsAKernelThatNeedsMoreSharedMemoryThanABlockHas) {
    const Compiled compiled =
        compiler.compile(with_kernel("struct ToyConfig { int threads, items; };\n"
                                     "template <ToyConfig C, class T, int D> __global__ void toy_scale(int* x) {\n"
                                     "    __shared__ int tile[65536];\n"
                                     "    tile[x[0]] = x[1];\n"
                                     "    x[2] = tile[x[3]];\n"
                                     "}\n"));
    EXPECT_FALSE(compiled.ok);
    EXPECT_NE(compiled.log.find("too much shared data"), std::string::npos) << compiled.log;
}

TEST_F(CompilerTest, TellsAnOptionThatTheCompilerHasNot) {
    Source source = toy_source();
    source.options.emplace_back("--frobnicate");
    const Compiled compiled = compiler.compile(source);
    EXPECT_FALSE(compiled.ok);
    EXPECT_NE(compiled.log.find("unrecognized option --frobnicate"), std::string::npos) << compiled.log;
}

TEST_F(CompilerTest, SeesSpills) {
    const Compiled compiled = compiler.compile(
        with_kernel("struct ToyConfig { int threads, items; };\n"
                    "template <ToyConfig C, class T, int D>\n"
                    "__global__ void __launch_bounds__(1024, 2) toy_scale(float* x) {\n"
                    "    float a[64];\n"
                    "#pragma unroll\n"
                    "    for (int i = 0; i < 64; ++i) a[i] = x[i * 1024 + threadIdx.x];\n"
                    "    __syncthreads();\n"
                    "#pragma unroll\n"
                    "    for (int i = 0; i < 64; ++i) x[(63 - i) * 1024 + threadIdx.x] = a[i] * a[(i * 7) % 64];\n"
                    "}\n"));
    ASSERT_TRUE(compiled.ok) << compiled.log;
    EXPECT_LE(compiled.resources.registers, 32);
    EXPECT_TRUE(compiled.resources.spills());
}

TEST_F(CompilerTest, MakesTheSameFromManyThreadsAsFromOne) {
    std::vector<Config> configs;
    for (int threads : {32, 64, 128, 256}) {
        configs.push_back({.fields = {{"threads", threads}, {"items", 2}}});
    }
    std::vector<Compiled> together(configs.size());
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < configs.size(); ++i) {
        workers.emplace_back([&, i] { together[i] = compiler.compile(toy_source(configs[i])); });
    }
    for (std::thread& worker : workers) {
        worker.join();
    }
    for (std::size_t i = 0; i < configs.size(); ++i) {
        const Compiled alone = compiler.compile(toy_source(configs[i]));
        ASSERT_TRUE(alone.ok) << alone.log;
        EXPECT_EQ(together[i].ptx, alone.ptx);
        EXPECT_EQ(together[i].cubin, alone.cubin);
        EXPECT_EQ(together[i].resources, alone.resources);
    }
}

TEST(Compiler, SaysWhichLibraryItCouldNotOpen) {
    try {
        const Compiler compiler({.root = "/nowhere", .nvrtc_library = "/nowhere/libnvrtc.so.13"});
        FAIL() << "expected an Error";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("opening /nowhere/libnvrtc.so.13: "), std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace warpsmith
