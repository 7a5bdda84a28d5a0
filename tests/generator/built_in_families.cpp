// What emitting and compiling ask of every family: tested for each that is built in.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "generator/compile.hpp"
#include "generator/cuda_expression.hpp"
#include "generator/emit.hpp"
#include "generator/source.hpp"
#include "generator/toolkit.hpp"
#include "solver/search.hpp"

namespace warpsmith {
namespace {

namespace fs = std::filesystem;

std::set<std::string> runtime_dimensions(const Family& family) {
    std::set<std::string> names;
    for (const Dimension& dimension : family.dimensions) {
        if (dimension.binding == Binding::runtime) {
            names.insert(dimension.name);
        }
    }
    return names;
}

// The launch geometry that is emitted for the workload with this configuration.
std::vector<std::string> geometry(const Family& family, const Workload& workload, const Config& config) {
    const Space space = family.space(workload, find_target("h200"));
    const ChosenConfig chosen{.model = space.model, .config = config, .runtime_dimensions = runtime_dimensions(family)};
    std::vector<std::string> texts;
    for (const Expr& amount : {space.launch.grid_x, space.launch.grid_y, space.launch.grid_z, space.launch.threads,
                               space.launch.cluster, space.launch.smem_bytes, space.launch.cooperative}) {
        texts.push_back(cuda_expression(amount, chosen));
    }
    return texts;
}

Config first_config(const Family& family, const Workload& workload) {
    const Space space = family.space(workload, find_target("h200"));
    const std::optional<Solution> solution = first(space.model);
    EXPECT_TRUE(solution.has_value()) << workload.key();
    return to_config(solution.value(), space);
}

TEST(BuiltInFamilies, WriteTheirLaunchGeometryInTermsOfTheRuntimeDimensions) {
    for (const Family& family : families()) {
        for (const Workload& workload : case_workloads(family)) {
            const Config config = first_config(family, workload);
            Workload doubled = workload;
            for (const std::string& dimension : runtime_dimensions(family)) {
                doubled.dims[dimension] *= 2;
            }
            EXPECT_EQ(geometry(family, workload, config), geometry(family, doubled, config)) << workload.key();
        }
    }
}

TEST(BuiltInFamilies, HaveTheSameSourceAtOtherRuntimeSizes) {
    for (const Family& family : families()) {
        for (const Workload& workload : case_workloads(family)) {
            const Config config = first_config(family, workload);
            const Workload reduced = family.reduced(workload);
            const Target target = find_target("h200");
            EXPECT_EQ(render(family, workload, config, target).digest, render(family, reduced, config, target).digest)
                << workload.key();
        }
    }
}

TEST(BuiltInFamilies, FitTogetherIntoOneHeaderThatNvccAndNvrtcCompile) {
    const Toolkit toolkit = find_toolkit(built_in_search());
    if (toolkit.nvcc.empty()) {
        GTEST_SKIP() << "there is no nvcc in " << toolkit.root;
    }
    std::vector<TunedKernel> kernels;
    for (const Family& family : families()) {
        const Workload workload = case_workloads(family).front();
        kernels.push_back({.workload = workload,
                           .config = first_config(family, workload),
                           .target = find_target("h200"),
                           .provenance = "not tuned"});
    }
    const std::string header = emit_header(kernels, "1.2.3");
    const fs::path folder = fs::path(testing::TempDir()) / "built_in_families";
    fs::create_directories(folder);
    std::ofstream(folder / "kernels.cuh") << header;
    std::ofstream(folder / "main.cu") << "#include \"kernels.cuh\"\n";
    const std::string command = toolkit.nvcc + " -std=c++20 -arch=sm_90a -Werror all-warnings -c -o " +
                                (folder / "main.o").string() + " " + (folder / "main.cu").string() + " >" +
                                (folder / "output").string() + " 2>&1";
    const int status = std::system(command.c_str());
    std::ostringstream output;
    output << std::ifstream(folder / "output").rdbuf();
    EXPECT_EQ(status, 0) << command << "\n" << output.str();
    fs::remove_all(folder);

    const TunedKernel& kernel = kernels.front();
    Source source = render(find_family(kernel.workload.family), kernel.workload, kernel.config, kernel.target);
    source.text = "#include \"kernels.cuh\"\nusing namespace warpsmith_kernels;\n";
    source.headers = {{"kernels.cuh", header}};
    const Compiled compiled = Compiler(toolkit).compile(source);
    EXPECT_TRUE(compiled.ok) << compiled.log;
}

}  // namespace
}  // namespace warpsmith
