#include "generator/emit.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "generator/cpp_string.hpp"
#include "generator/toolkit.hpp"
#include "solver/error.hpp"
#include "tests/generator/toy_family.hpp"

namespace warpsmith {
namespace {

namespace fs = std::filesystem;

TunedKernel tuned(Workload workload, std::int64_t threads, std::int64_t items) {
    return {.workload = std::move(workload),
            .config = {.fields = {{"threads", threads}, {"items", items}}},
            .target = toy_target(),
            .provenance = "modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123"};
}

std::string emit(const std::vector<TunedKernel>& kernels) {
    const std::vector<Family> families = {toy_family()};
    const std::vector<SourceFile> files = toy_files();
    return emit_header(kernels, "1.2.3", {.families = families, .files = files});
}

std::vector<TunedKernel> four_rows() {
    return {tuned(toy_workload(1000, 64), 128, 4), tuned(toy_workload(16, 64), 32, 1),
            tuned(toy_workload(1000, 8), 64, 2), tuned(toy_workload(1000, 64, DType::f32, "minus"), 256, 1)};
}

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

TEST(EmittedHeader, TellsVersionTargetAndHowEveryRowIsKnown) {
    const std::string text = emit(four_rows());
    EXPECT_NE(text.find("tuned by Warpsmith 1.2.3 for NVIDIA H200 (h200)"), std::string::npos);
    EXPECT_NE(text.find("-arch=sm_90a"), std::string::npos);
    EXPECT_NE(
        text.find(
            "//   toy B=16 D=64 dtype=bf16 sign=plus on h200\n//       threads=32 items=1\n//       modelled 3.5 us"),
        std::string::npos);
}

TEST(EmittedHeader, KeepsProvenanceWithinItsComment) {
    std::vector<TunedKernel> rows = four_rows();
    rows.front().provenance = "measured\nint injected; \\\n";
    EXPECT_NE(emit(rows).find("//       measured int injected;   \n"), std::string::npos);
    EXPECT_NE(emit(rows).find("\"measured int injected; \\\\ \""), std::string::npos);
}

TEST(EmittedHeader, PastesEveryKernelHeaderOnceAndIncludesNothingOfOurs) {
    const std::string text = emit(four_rows());
    EXPECT_EQ(occurrences(text, "struct ToyConfig {"), 1U);
    EXPECT_EQ(occurrences(text, "inline __device__ float to_float(__half x)"), 1U);
    EXPECT_EQ(occurrences(text, "#include \""), 0U);
    EXPECT_EQ(occurrences(text, "#include <cuda_bf16.h>"), 1U);
    EXPECT_EQ(occurrences(text, "#pragma once"), 0U);
    EXPECT_LT(text.rfind("#include <"), text.find("namespace warpsmith_kernels {"));
}

TEST(EmittedHeader, HasATableForEachDtypeAndSetOfOptions) {
    const std::string text = emit(four_rows());
    EXPECT_EQ(occurrences(text, "\nnamespace toy_bf16 {"), 1U);
    EXPECT_EQ(occurrences(text, "\nnamespace toy_f32_sign_minus {"), 1U);
    EXPECT_EQ(occurrences(text, "inline constexpr Row rows[]"), 2U);
}

TEST(EmittedHeader, ComputesTheGridFromTheSizesOfTheLaunch) {
    const std::string text = emit(four_rows());
    EXPECT_NE(
        text.find("toy_scale<ToyConfig{.threads = 128, .items = 4}, __nv_bfloat16, 64>,\n"
                  "        {ceil_divide((B * 64), 512), 1, 1, 128, 1, 65536, 0}, stream, arguments.x, arguments.y, "
                  "arguments.sizes.B, 2.00000000f /* factor */);"),
        std::string::npos)
        << text;
}

TEST(EmittedHeader, EscapesWhatAStringLiteralCannotHold) {
    EXPECT_EQ(cpp_string(std::string_view("a\"b\\c\n\0001?\377", 10)), R"("a\"b\\c\n\0001\077\377")");
    EXPECT_EQ(cpp_string_lines("ab\ncd"), "    \"ab\\n\"\n    \"cd\"");
}

TEST(EmittedHeader, CarriesEachImageOnce) {
    std::vector<TunedKernel> rows = four_rows();
    for (TunedKernel& row : rows) {
        row.image = "image";
        row.image_entry = "toy_scale";
    }
    rows.at(1).image = "another";
    rows.at(2).target = find_target("a100");
    const std::string text = emit_image_header(rows, ImageKind::cubin, "1.2.3", std::vector<Family>{toy_family()});
    EXPECT_EQ(occurrences(text, "inline constexpr char image_"), 2U);
    EXPECT_EQ(occurrences(text, "inline const LoadedKernel& kernel_"), 2U);
    EXPECT_EQ(occurrences(text, "{\"NVIDIA H200\", 90, 132},\n     Reach::one_capability"), 3U) << text;
    EXPECT_EQ(occurrences(text, "Reach::same_major,"), 1U);
    EXPECT_NE(text.find("NVIDIA A100 (a100), NVIDIA H200 (h200), as machine code"), std::string::npos) << text;
}

TEST(EmittedHeader, WithImagesRefusesAKernelThatHasNone) {
    EXPECT_THROW(emit_image_header(four_rows(), ImageKind::ptx, "1.2.3", std::vector<Family>{toy_family()}), Error);
}

TEST(EmittedHeader, RefusesNoKernelsAndKernelsOfTwoTargets) {
    EXPECT_THROW(emit({}), Error);
    std::vector<TunedKernel> mixed = four_rows();
    mixed.back().target = find_target("a100");
    EXPECT_THROW(emit(mixed), Error);
}

// The whole text; where it is to change, the file that the message names is the new one.
TEST(EmittedHeader, IsTheOneInTheTree) {
    std::vector<TunedKernel> rows = four_rows();
    for (TunedKernel& row : rows) {
        row.image = std::string("\177ELF\0image", 10);
        row.image_entry = "toy_scale";
    }
    const std::vector<Family> families = {toy_family()};
    const std::vector<std::pair<std::string, std::string>> headers = {
        {"toy_sources.cuh", emit(four_rows())},
        {"toy_images.hpp", emit_image_header(rows, ImageKind::cubin, "1.2.3", families)}};
    for (const auto& [name, text] : headers) {
        std::ostringstream expected;
        expected << std::ifstream(std::string(WARPSMITH_SOURCE_DIR) + "/tests/data/emitted/" + name).rdbuf();
        const fs::path made = fs::path(testing::TempDir()) / name;
        std::ofstream(made) << text;
        EXPECT_TRUE(text == expected.str()) << "compare tests/data/emitted/" << name << " with " << made;
    }
}

// Runs a command with the compiler of the build; its output is told when it fails.
void run(const std::string& command, const fs::path& folder) {
    const int status = std::system((command + " >" + (folder / "output").string() + " 2>&1").c_str());
    std::ostringstream output;
    output << std::ifstream(folder / "output").rdbuf();
    EXPECT_EQ(status, 0) << command << "\n" << output.str();
}

// Two files that include the header, one of them a second header of other rows too: what must link is then seen to.
constexpr const char* kProgram = R"(
#include "kernels.cuh"
#include "kernels.cuh"
namespace toy = warpsmith_kernels::toy_bf16;
cudaError_t launch_from_elsewhere(cudaStream_t stream);

int tuned_batch(int B, int D) {
    const toy::Row* row = toy::find_row({.B = B, .D = D});
    return row == nullptr ? 0 : row->sizes.B;
}

int main() {
    if (tuned_batch(1000, 64) != 1000 || tuned_batch(16, 64) != 16) return 1;    // exact
    if (tuned_batch(100, 64) != 16 || tuned_batch(200, 64) != 1000) return 2;    // nearest in octaves: 126 is between
    if (tuned_batch(16, 8) != 1000) return 3;                                    // fixed sizes match first
    if (tuned_batch(16, 7) != 0 || tuned_batch(0, 64) != 0) return 4;            // nothing fits
    if (toy::launch({.sizes = {.B = 16, .D = 7}}, nullptr) != cudaErrorInvalidValue) return 5;
    int devices = 0;
    bool has_gpu = cudaGetDeviceCount(&devices) == cudaSuccess && devices > 0;
    if (!has_gpu && toy::launch({.sizes = {.B = 16, .D = 64}}, nullptr) == cudaSuccess) return 6;
    return has_gpu || launch_from_elsewhere(nullptr) != cudaSuccess ? 0 : 7;
}
)";

constexpr const char* kElsewhere = R"(
#include "kernels.cuh"
#include "other.cuh"
cudaError_t launch_from_elsewhere(cudaStream_t stream) {
    float* nothing = nullptr;
    return warpsmith_kernels::toy_f32_sign_minus::launch({.sizes = {.B = 1000, .D = 64}, .x = nothing, .y = nothing},
                                                         stream);
}
)";

TEST(EmittedHeader, IsCompiledByNvccAndPicksTheNearestRow) {
    const Toolkit toolkit = find_toolkit(built_in_search());
    if (toolkit.nvcc.empty()) {
        GTEST_SKIP() << "there is no nvcc in " << toolkit.root;
    }
    const fs::path folder = fs::path(testing::TempDir()) / "emitted_header";
    fs::create_directories(folder);
    std::ofstream(folder / "kernels.cuh") << emit(four_rows());
    std::ofstream(folder / "other.cuh") << emit({tuned(toy_workload(7, 7), 32, 1)});
    std::ofstream(folder / "main.cu") << kProgram;
    std::ofstream(folder / "elsewhere.cu") << kElsewhere;
    run(toolkit.nvcc + " -std=c++20 -arch=sm_90a -Werror all-warnings -Xcompiler -Wall,-Wextra -o " +
            (folder / "program").string() + " " + (folder / "main.cu").string() + " " +
            (folder / "elsewhere.cu").string(),
        folder);
    run((folder / "program").string(), folder);
    fs::remove_all(folder);
}

}  // namespace
}  // namespace warpsmith
