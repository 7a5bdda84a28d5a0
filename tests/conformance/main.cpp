// conformance: runs one small kernel per PTX instruction variant on a GPU, which records the results, or on the
// emulator, which must give the same.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>

#include "generator/shared_library.hpp"
#include "solver/error.hpp"
#include "tests/conformance/catalogue.hpp"
#include "tests/conformance/golden.hpp"
#include "tests/conformance/report.hpp"

namespace {

using namespace warpsmith;
using namespace warpsmith::conformance;

struct Options {
    std::string on, write, golden, ptx, only;
    bool list = false, table = false, exact = false;
    std::size_t show = 3;
    GpuRun gpu{.driver = kDriverLibrary};
};

Cases selected(const Options& options) {
    Cases cases = all_cases();
    for (Case& test : cases) {
        test.match = options.exact ? Match::exact : test.match;
    }
    std::erase_if(cases, [&](const Case& test) {
        return test.name.find(options.only) == std::string::npos && test.group != options.only;
    });
    return cases;
}

// The version of CUDA that the driver is for, which decides the PTX that it takes: 13000 for 13.0.
std::string cuda_of(const std::string& library) {
    const SharedLibrary driver(library);
    int (*const version)(int*) = driver["cuDriverGetVersion"];
    int number = 0;
    version(&number);
    return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

// Asked in a process of its own would be cleaner, but nothing is launched here: a fork before it suffices.
std::string header(const std::string& library) {
    const GpuStatus status = gpu_status(library);
    const std::time_t now = std::time(nullptr);
    char date[16] = "";
    std::tm utc{};
    std::strftime(date, sizeof(date), "%Y-%m-%d", gmtime_r(&now, &utc));
    return "# gpu: " + (status.names.empty() ? std::string("?") : status.names.front()) +
           "\n# driver: " + status.driver + "\n# cuda: " + cuda_of(library) + "\n# date: " + date + "\n";
}

int record(const Options& options, const Cases& cases) {
    const std::vector<Answer> answers = run_on_gpu(cases, options.gpu);
    write_golden(options.write, header(options.gpu.driver), cases, answers);  // opens the driver: after all forks
    std::size_t failed = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        if (!answers[i].error.empty()) {
            ++failed;
            std::printf("%s: %s\n", cases[i].name.c_str(), answers[i].error.c_str());
        }
    }
    std::printf("%zu cases, %zu failed; written to %s\n", cases.size(), failed, options.write.c_str());
    return failed == cases.size() ? 1 : 0;
}

int compare_emulator(const Options& options, const Cases& cases) {
    const Golden golden = options.golden.empty() ? Golden{} : read_golden(options.golden, cases);
    const std::unique_ptr<Device> emulator = make_emulator({.max_steps = 2'000'000});
    std::vector<Verdict> verdicts;
    for (const Case& test : cases) {
        const auto found = golden.answers.find(test.name);
        verdicts.push_back(judge(test, run(*emulator, test), found == golden.answers.end() ? nullptr : &found->second));
    }
    if (options.table) {
        print_table(cases, verdicts, std::cout);
        return 0;
    }
    std::cout << golden.about;
    return report(cases, verdicts, options.show, std::cout) ? 0 : 1;
}

// Whether the GPU does as the PTX ISA says.
int compare_recorded(const Options& options, const Cases& cases) {
    const Golden golden = read_golden(options.golden, cases);
    std::vector<Verdict> verdicts;
    for (const Case& test : cases) {
        const auto found = golden.answers.find(test.name);
        const Answer nothing{.bytes = {}, .error = "not recorded"};
        verdicts.push_back(judge(test, found == golden.answers.end() ? nothing : found->second, nullptr));
    }
    std::cout << golden.about;
    return report(cases, verdicts, options.show, std::cout) ? 0 : 1;
}

void write_ptx(const std::string& folder, const Cases& cases) {
    for (std::size_t i = 0; i < cases.size(); ++i) {
        std::ofstream file(folder + "/" + std::to_string(i) + ".ptx");
        file << "// " << cases[i].name << "\n" << ptx_of(cases[i]);
    }
}

int run_program(const Options& options) {
    const Cases cases = selected(options);
    if (options.list) {
        for (const Case& test : cases) {
            std::cout << test.group << "\t" << test.name << "\n";
        }
        return 0;
    }
    if (!options.ptx.empty()) {
        write_ptx(options.ptx, cases);
        return 0;
    }
    if (options.on == "gpu") {
        return record(options, cases);
    }
    return options.on == "recorded" ? compare_recorded(options, cases) : compare_emulator(options, cases);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("One small kernel per PTX instruction variant, on a GPU or on the emulator.");
    app.add_option("--on", options.on,
                   "gpu: record results in --write; emulator: compare with --golden or the PTX ISA; recorded: "
                   "compare --golden with the PTX ISA")
        ->check(CLI::IsMember({"gpu", "emulator", "recorded"}))
        ->default_val("emulator");
    app.add_option("--write", options.write, "folder for the results of the GPU");
    app.add_option("--golden", options.golden, "folder with the results of a GPU")->check(CLI::ExistingDirectory);
    app.add_option("--only", options.only, "cases whose name has this in it, or a group");
    app.add_option("--ptx", options.ptx, "write the kernels' PTX to this folder")->check(CLI::ExistingDirectory);
    app.add_option("--show", options.show, "differences shown per case")->capture_default_str();
    app.add_option("--processes", options.gpu.processes, "that use the GPU at once")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--driver", options.gpu.driver, "library of the CUDA driver")->capture_default_str();
    app.add_flag("--exact", options.exact, "count every other bit, also where the PTX ISA allows it");
    app.add_flag("--list", options.list, "the cases");
    app.add_flag("--table", options.table, "what the emulator supports, as Markdown");
    CLI11_PARSE(app, argc, argv);
    if (options.on == "gpu" && options.write.empty()) {
        std::cerr << "conformance: --on gpu needs --write FOLDER\n";
        return 2;
    }
    try {
        return run_program(options);
    } catch (const std::exception& error) {
        std::cerr << "conformance: " << error.what() << "\n";
        return 2;
    }
}
