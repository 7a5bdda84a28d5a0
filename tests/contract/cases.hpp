// What contract tests run: every case of every family, and the compiler for them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "generator/compile.hpp"
#include "generator/toolkit.hpp"
#include "templates/family.hpp"

namespace warpsmith {

inline const Compiler& compiler() {
    static const Compiler shared(find_toolkit(built_in_search()));
    return shared;
}

struct Case {
    std::string family;
    Workload workload;
};

// How GoogleTest shows a case.
inline void PrintTo(const Case& c, std::ostream* stream) {
    *stream << c.workload.key();
}

inline std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const Family& family : families()) {
        for (const Workload& workload : case_workloads(family)) {
            cases.push_back({family.name, workload});
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
