// The names of tests whose parameter is a workload's text.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace warpsmith {

inline std::string test_name_of(const testing::TestParamInfo<std::string>& of) {
    std::string name = of.param;
    std::ranges::replace_if(
        name, [](char c) { return c == ' ' || c == '='; }, '_');
    return name;
}

}  // namespace warpsmith
