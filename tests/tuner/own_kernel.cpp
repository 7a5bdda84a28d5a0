// A kernel of the user's own: what its T1 file says, how outputs are compared, and a bench for it on a device that
// measures. Whole runs on the emulator are in tests/tools/own_kernel_test.py.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "solver/error.hpp"
#include "solver/search.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tuner/interchange/own_results.hpp"
#include "tuner/own_kernel/output_check.hpp"
#include "tuner/own_kernel/own_bench.hpp"
#include "tuner/tune.hpp"

namespace warpsmith {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::span<const std::byte> bytes_of(const std::vector<float>& values) {
    return std::as_bytes(std::span(values));
}

double difference(Comparison comparison, const std::vector<float>& expected, const std::vector<float>& computed) {
    return difference(OutputCheck{.comparison = comparison}, find_element_type("f32"), bytes_of(expected),
                      bytes_of(computed));
}

TEST(OutputCheck, EachComparisonMeasuresWhatItSays) {
    const std::vector<float> expected = {1, -4, 8}, computed = {1.5F, -4, 7};
    EXPECT_EQ(difference(Comparison::each, expected, computed), 1);
    EXPECT_EQ(difference(Comparison::each_relative, expected, computed), 0.5);
    EXPECT_EQ(difference(Comparison::sum, expected, computed), 1.5);
    EXPECT_EQ(difference(Comparison::to_largest, expected, computed), 1.0 / 8);
}

TEST(OutputCheck, WhatIsNotFiniteMustBeTheSame) {
    const float nan = std::nanf(""), infinite = std::numeric_limits<float>::infinity();
    EXPECT_EQ(difference(Comparison::each, {nan, infinite}, {-nan, infinite}), 0);
    EXPECT_EQ(difference(Comparison::each, {1}, {nan}), kInfinity);
    EXPECT_EQ(difference(Comparison::each, {nan}, {1}), kInfinity);
    EXPECT_EQ(difference(Comparison::each, {infinite}, {-infinite}), kInfinity);
}

TEST(OutputCheck, IntegersThatADoubleCannotTellApartDiffer) {
    const std::vector<std::int64_t> expected = {std::int64_t{1} << 60}, computed = {(std::int64_t{1} << 60) + 1};
    EXPECT_EQ(difference(OutputCheck{.comparison = Comparison::each}, find_element_type("i64"),
                         std::as_bytes(std::span(expected)), std::as_bytes(std::span(computed))),
              1);
}

// y = 2 x, of 10 elements.
constexpr const char* kDocument = R"json({
  "ConfigurationSpace": {"TuningParameters": [
    {"Name": "THREADS", "Values": "[32, 64]"}, {"Name": "MODE", "Values": "[1, 2, 3, 4]"}]},
  "KernelSpecification": {
    "KernelName": "scale<THREADS>", "KernelFile": "scale.cu", "ProblemSize": [100, 6],
    "GlobalSizeType": "OpenCL", "GlobalSize": {"X": "ProblemSizeX", "Y": 6}, "LocalSize": {"X": "THREADS", "Y": "MODE"},
    "SharedMemory": "4 * THREADS",
    "Arguments": [
      {"Name": "y", "Type": "float", "MemoryType": "Vector", "AccessType": "WriteOnly", "Size": 10},
      {"Name": "x", "Type": "float", "MemoryType": "Vector", "AccessType": "ReadOnly", "Size": "max(4, 10)",
       "FillType": "Random", "FillValue": 3, "RandomSeed": 5},
      {"Name": "scratch", "Type": "int32", "MemoryType": "Vector", "Size": "THREADS * MODE", "FillType": "Random",
       "FillValue": 2},
      {"Name": "n", "Type": "int32", "MemoryType": "Scalar", "FillType": "Constant", "FillValue": 10}]}})json";

struct OwnKernels : testing::Test {
    ScratchFolder scratch;
    Target target = find_target("h200");

    OwnKernel kernel(const std::string& document = kDocument) const {
        std::ofstream(scratch.file("scale.cu")) << "// the compiler of these tests does not read it\n";
        std::ofstream(scratch.file("scale.json")) << document;
        OwnKernel read = read_own_kernel(scratch.file("scale.json"));
        add_launch_limits(read, target);
        return read;
    }
};

TEST_F(OwnKernels, LaunchesAndSizesFollowTheirExpressions) {
    const OwnKernel read = kernel();
    const Solution last = solve(read.space.model).back();
    ASSERT_EQ(to_string(last), "THREADS=64 MODE=4");
    const LaunchShape shape = read.shape(last);
    EXPECT_EQ(shape.grid, (std::array<unsigned, 3>{2, 2, 1})) << "100 threads in blocks of 64, 6 in blocks of 4";
    EXPECT_EQ(shape.block, (std::array<unsigned, 3>{64, 4, 1}));
    EXPECT_EQ(shape.smem_bytes, 256U);
    EXPECT_EQ(read.arguments[1].count, 10U);
    EXPECT_EQ(read.arguments[2].count, 256U) << "the largest in the space";
    EXPECT_EQ(workload_of(read).dims, (std::map<std::string, std::int64_t>{{"X", 100}, {"Y", 6}}));
}

TEST_F(OwnKernels, TemplateArgumentsAreValuesAndOtherParametersMacros) {
    const OwnKernel read = kernel();
    const Source source = source_of(read, parse_config("THREADS=64 MODE=3"), target, "/nowhere");
    EXPECT_EQ(source.name_expression, "scale<64>");
    EXPECT_NE(source.text.find("#define MODE 3\n"), std::string::npos);
    EXPECT_EQ(source.text.find("#define THREADS"), std::string::npos);
}

TEST_F(OwnKernels, RandomValuesAreInTheirRangeAndOfTheirSeed) {
    const OwnKernel read = kernel();
    const std::vector<std::byte> x = contents_of(read.arguments[1], read.arguments[1].fill, 1);
    EXPECT_EQ(x, contents_of(read.arguments[1], read.arguments[1].fill, 2)) << "RandomSeed stands before the run's";
    for (std::size_t i = 0; i < 10; ++i) {
        const double value = find_element_type("f32").number(x.data() + 4 * i);
        EXPECT_TRUE(value >= 0 && value < 3) << value;
    }
    std::map<double, int> seen;
    const std::vector<std::byte> scratch_values = contents_of(read.arguments[2], read.arguments[2].fill, 1);
    EXPECT_NE(scratch_values, contents_of(read.arguments[2], read.arguments[2].fill, 2));
    for (std::size_t i = 0; i < 256; ++i) {
        ++seen[find_element_type("i32").number(scratch_values.data() + 4 * i)];
    }
    EXPECT_EQ(seen.size(), 3U) << "0, 1 and 2";
}

TEST_F(OwnKernels, ADeeplyNestedExpressionIsRefused) {
    std::string document = kDocument;
    document.replace(document.find("4 * THREADS"), 1, std::string(100'000, '(') + "4");
    EXPECT_THROW(kernel(document), Error);
}

// Computes y = 2 x on the host. MODE=2 adds 1 to the last element, MODE=3 writes behind it, MODE=4 changes x.
class FakeGpu : public Device {
  public:
    std::string name() const override { return "fake GPU"; }
    bool measures() const override { return true; }
    std::string driver() const override { return "1.0"; }
    ByValue encode_tensor_map(const TensorTile&) override { return {}; }
    Buffer allocate(std::size_t bytes) override {
        memory_.emplace_back(bytes);
        return {.address = reinterpret_cast<std::uint64_t>(memory_.back().data()), .bytes = bytes};
    }
    void release(Buffer) override {}
    void write(Buffer buffer, std::span<const std::byte> bytes) override {
        std::memcpy(at<std::byte>(buffer), bytes.data(), bytes.size());
    }
    void read(Buffer buffer, std::span<std::byte> bytes) override {
        std::memcpy(bytes.data(), at<std::byte>(buffer), bytes.size());
    }
    std::unique_ptr<Kernel> load(const Compiled& compiled) override;
    std::vector<double> time(Kernel&, const LaunchShape& shape, std::span<const KernelArgument>, Timing,
                             int samples) override {
        return std::vector<double>(static_cast<std::size_t>(samples), 1000.0 / shape.block[0]);
    }
    template <class T>
    static T* at(const Buffer& buffer) {
        return reinterpret_cast<T*>(buffer.address);
    }

  private:
    std::vector<std::vector<std::byte>> memory_;
};

struct FakeKernel : Kernel {
    char mode;
    explicit FakeKernel(char of) : mode(of) {}
    LaunchOutcome launch(const LaunchShape&, std::span<const KernelArgument> arguments) override {
        float* y = FakeGpu::at<float>(std::get<Buffer>(arguments[0]));
        float* x = FakeGpu::at<float>(std::get<Buffer>(arguments[1]));
        for (int i = 0; i < 10; ++i) {
            y[i] = 2 * x[i];
        }
        y[9] += mode == '2' ? 1.0F : 0.0F;
        if (mode == '3') {
            y[10] = 0;
        }
        if (mode == '4') {
            x[0] += 1;
        }
        return {.error = {}, .findings = {}};
    }
};

std::unique_ptr<Kernel> FakeGpu::load(const Compiled& compiled) {
    return std::make_unique<FakeKernel>(compiled.ptx[compiled.ptx.find("MODE ") + 5]);
}

TEST_F(OwnKernels, OnADeviceThatMeasuresTheyAreComparedAndTimedAndCanBeExported) {
    const OwnKernel read = kernel();
    const Family family = family_of(read);
    TuningDb db(":memory:");
    const auto make_bench = [&](const Workload&) {
        return std::make_unique<OwnBench>(OwnBenchParts{
            .kernel = std::make_shared<const OwnKernel>(read),
            .target = target,
            .toolkit = {.version = "13.0"},
            .compile =
                [](const Source& source) {
                    return Compiled{.ok = true, .digest = source.digest, .toolkit = "13.0", .ptx = source.text};
                },
            .make_device = [](std::uint64_t) { return std::make_unique<FakeGpu>(); },
            .store = KernelStore(scratch.file("kernels")),
            .reference = "THREADS=32 MODE=1"});
    };
    const TuneContext context{.make_bench = make_bench,
                              .toolkit = "13.0",
                              .db = &db,
                              .render = [&](const Config& config) { return source_of(read, config, target, ""); },
                              .counted = true};
    const TuneReport report = tune(family, workload_of(read), target, {.jobs = 1, .library_version = "0.1"}, context);
    EXPECT_EQ(report.best.value().config, "THREADS=64 MODE=1");
    EXPECT_EQ(report.best.value().kind, TimeKind::measured);
    EXPECT_EQ(report.best.value().median_us, 1000.0 / 64);
    EXPECT_EQ(report.failed, 6U);
    std::map<std::string, std::string> notes;
    for (const Trial& trial : db.list()) {
        if (trial.outcome == Outcome::wrong_result) {
            notes[trial.config] = trial.note;
        }
    }
    EXPECT_NE(notes["THREADS=32 MODE=2"].find("y is off by"), std::string::npos) << notes["THREADS=32 MODE=2"];
    EXPECT_EQ(notes["THREADS=32 MODE=3"], "4 bytes around y were overwritten");
    EXPECT_NE(notes["THREADS=64 MODE=4"].find("of x were overwritten, which is only to be read"), std::string::npos);
    const std::vector<ImportedFile> exported = own_results(db.list());
    ASSERT_EQ(exported.size(), 1U);
    EXPECT_EQ(exported[0].results.size(), 8U);
}

}  // namespace
}  // namespace warpsmith
