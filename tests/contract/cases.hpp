// What contract tests run: every case of every family, and the compiler for them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "generator/compile.hpp"
#include "generator/toolkit.hpp"
#include "solver/solution.hpp"
#include "templates/family.hpp"

namespace warpsmith {

inline const Compiler& compiler() {
    static const Compiler shared(find_toolkit(built_in_search()));
    return shared;
}

struct Case {
    std::string family;
    Workload workload;
    std::size_t number = 0;  // among the cases of its family
    std::size_t of = 1;
};

// Of these candidates, those whose blocks wait for each other, or the others.
inline std::vector<Solution> cooperative_ones(std::span<const Solution> all, const Space& space, bool cooperative) {
    std::vector<Solution> ones;
    std::ranges::copy_if(all, std::back_inserter(ones), [&](const Solution& solution) {
        return (evaluate(space.launch.cooperative, solution) != 0) == cooperative;
    });
    return ones;
}

// How GoogleTest shows a case.
inline void PrintTo(const Case& c, std::ostream* stream) {
    *stream << c.workload.key();
}

// Compiled as far as the emulator needs, to PTX: what makes machine code of it takes about half of the time.
inline Compiled compile_for_emulator(const Family& family, const Workload& workload, const Config& config,
                                     const Target& target) {
    Source source = render(family, workload, config, target);
    for (std::string& option : source.options) {
        const std::size_t real = option.find("=sm_");
        if (real != std::string::npos) {
            option.replace(real, 4, "=compute_");
        }
    }
    return compiler().compile(source);
}

inline std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const Family& family : families()) {
        const std::vector<Workload> workloads = case_workloads(family);
        for (std::size_t i = 0; i < workloads.size(); ++i) {
            cases.push_back({family.name, workloads[i], i, workloads.size()});
        }
    }
    return cases;
}

inline std::string test_name(const testing::TestParamInfo<Case>& info) {
    const Workload& w = info.param.workload;
    const auto pass = w.options.find("pass");
    return w.family + "_" + (pass == w.options.end() ? "" : pass->second + "_") + std::string(name(w.dtype)) + "_" +
           std::to_string(info.index);
}

}  // namespace warpsmith
