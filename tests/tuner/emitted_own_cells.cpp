// Cells of one's own in emitted headers: each is what it was tuned as, whatever else stands in the header or beside it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cache/own_cell.hpp"
#include "device/device.hpp"
#include "generator/compile.hpp"
#include "generator/emit.hpp"
#include "generator/source.hpp"
#include "solver/search.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {
namespace {

// Two cells that call everything alike and mean something else by each name.
constexpr const char* kGentle = R"(#include "recurrent/kernel.cuh"
#define LARGEST 0.25f
struct Bounds {
    static constexpr float largest = LARGEST;
};
template <class S>
__device__ constexpr S squash(S value) {
    return S(Bounds::largest) * tanh(value);
}
struct Unit {
    static constexpr int gates = 1, states = 1;
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        return state[0] = squash(x[0] + r[0]);
    }
};
)";

constexpr const char* kHard = R"(#include "recurrent/kernel.cuh"
# define LARGEST(x) x
struct Bounds {
    static constexpr float lower = LARGEST(-0.75f), upper = 0.75f;
};
template <class S>
__device__ constexpr S squash(S value) {
    return max(min(value, S(Bounds::upper)), S(Bounds::lower));
}
struct Unit {
    static constexpr int gates = 1, states = 1;
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        return state[0] = squash(x[0] + r[0]);
    }
};
)";

struct Chosen {
    Workload workload;
    Solution solution;
};

const Target& target() {
    static const Target h200 = find_target("h200");
    return h200;
}

Chosen first_of(const std::string& text) {
    Workload workload = parse_workload(text, families());
    return {workload, first(find_family(workload.family).space(workload, target()).model).value()};
}

TunedKernel tuned(const Chosen& chosen) {
    const Space space = find_family(chosen.workload.family).space(chosen.workload, target());
    return {.workload = chosen.workload,
            .config = to_config(chosen.solution, space),
            .target = target(),
            .provenance = "not tuned"};
}

// The namespaces of the parts of a header, in their order.
std::vector<std::string> versions(const std::string& header) {
    std::vector<std::string> names;
    const std::string before = "#define WARPSMITH_KERNELS_";
    for (std::size_t at = header.find(before); at != std::string::npos; at = header.find(before, at + 1)) {
        const std::size_t start = at + before.size();
        names.push_back(header.substr(start, header.find('\n', start) - start));
    }
    return names;
}

class EmittedOwnCells : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        const Toolkit toolkit = find_toolkit(built_in_search());
        add_own_cell({"gentle.cuh", kGentle}, toolkit);
        add_own_cell({"hard.cuh", kHard}, toolkit);
    }

    static std::string sizes(const std::string& pass) { return " T=4 B=3 N=2 D=12 dtype=f32 pass=" + pass; }

    // The chosen kernel as it stands in that part of the header, verified on the emulator.
    void expect_right(const std::string& header, const std::string& part, const Chosen& chosen) {
        const Family& family = find_family(chosen.workload.family);
        const Space space = family.space(chosen.workload, target());
        Source source = render(family, chosen.workload, to_config(chosen.solution, space), target());
        source.text = "#include \"kernels.cuh\"\nusing namespace warpsmith_kernels::" + part + ";\n";
        source.headers = {{"kernels.cuh", header}};
        const Compiled compiled = compiler.compile(source);
        ASSERT_TRUE(compiled.ok) << compiled.log;
        const std::unique_ptr<Device> emulator = make_emulator({.checks = Checks::all});
        const Verification result =
            verify(*emulator, family, make_problem(family, chosen.workload, 1), space, chosen.solution, compiled);
        EXPECT_TRUE(result.ok()) << chosen.workload.key() << ": " << result.summary();
    }

    // A program of these headers, with what each table of `launched` is.
    void expect_nvcc_takes(const std::vector<std::string>& headers, const std::vector<std::string>& launched) {
        if (compiler.toolkit().nvcc.empty()) {
            GTEST_SKIP() << "there is no nvcc in " << compiler.toolkit().root;
        }
        const ScratchFolder folder;
        std::ofstream program(folder.file("main.cu"));
        for (std::size_t i = 0; i < headers.size(); ++i) {
            std::ofstream(folder.file(fmt::format("kernels_{}.cuh", i))) << headers[i];
            program << fmt::format("#include \"kernels_{}.cuh\"\n", i);
        }
        for (std::size_t i = 0; i < launched.size(); ++i) {
            program << fmt::format("cudaError_t call_{}() {{ return warpsmith_kernels::{}::launch({{}}, nullptr); }}\n",
                                   i, launched[i]);
        }
        program.close();
        const std::string command =
            fmt::format("{} -std=c++20 -arch=sm_90a -Werror all-warnings -c -o {} {} >{} 2>&1", compiler.toolkit().nvcc,
                        folder.file("main.o"), folder.file("main.cu"), folder.file("output"));
        const int status = std::system(command.c_str());
        std::ostringstream output;
        output << std::ifstream(folder.file("output")).rdbuf();
        EXPECT_EQ(status, 0) << command << "\n" << output.str();
    }

    const Compiler compiler{find_toolkit(built_in_search())};
};

TEST_F(EmittedOwnCells, OfTheSameNamesAreEachWhatTheyWereInOneHeader) {
    const Chosen built_in = first_of("elman" + sizes("forward")), gentle = first_of("gentle" + sizes("forward")),
                 back = first_of("gentle" + sizes("backward")), hard = first_of("hard" + sizes("forward"));
    const std::string header = emit_header({tuned(hard), tuned(built_in), tuned(gentle), tuned(back)}, "1.2.3");
    const std::vector<std::string> parts = versions(header);
    ASSERT_EQ(parts.size(), 3U);  // the families of the tree, then each cell
    expect_right(header, parts[0], built_in);
    expect_right(header, parts[1], gentle);
    expect_right(header, parts[1], back);
    expect_right(header, parts[2], hard);
    expect_nvcc_takes({header}, {"elman_f32", "gentle_f32", "gentle_f32_pass_backward", "hard_f32"});
}

TEST_F(EmittedOwnCells, OfTheSameNamesMayComeFromTwoHeadersOfOneFile) {
    const Chosen gentle = first_of("gentle" + sizes("backward")), hard = first_of("hard" + sizes("backward"));
    expect_nvcc_takes({emit_header({tuned(gentle)}, "1.2.3"), emit_header({tuned(hard)}, "1.2.3")},
                      {"gentle_f32_pass_backward", "hard_f32_pass_backward"});
}

}  // namespace
}  // namespace warpsmith
