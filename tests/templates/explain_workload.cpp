#include "templates/explain_workload.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "solver/conflict.hpp"
#include "solver/error.hpp"
#include "templates/family.hpp"

namespace warpsmith {
namespace {

Workload workload(const std::string& text) {
    return parse_workload(text, families());
}

bool fits(const Workload& asked, const Target& target) {
    return !has_no_solution(find_family(asked.family).space(asked, target).model);
}

// The number after `before` in the first advice that has it.
std::int64_t number_after(const std::string& before, const Explanation& explanation) {
    for (const std::string& advice : explanation.advice) {
        const std::size_t place = advice.find(before);
        if (place != std::string::npos) {
            return std::stoll(advice.substr(place + before.size()));
        }
    }
    ADD_FAILURE() << "no advice has " << before << " in:\n" << to_string(explanation);
    return 0;
}

bool advises(const std::string& text, const Explanation& explanation) {
    return std::ranges::find(explanation.advice, text) != explanation.advice.end();
}

const char* const kTooWide = "lstm T=128 B=16 N=4 D=1001 dtype=f32";

TEST(ExplainWorkload, SaysSoWhenSomethingFits) {
    EXPECT_TRUE(explain_workload(workload("lstm T=128 B=16 N=4 D=64 dtype=bf16"), find_target("h200")).satisfiable);
}

TEST(ExplainWorkload, TheLargestSizeBelowFitsAndNoneBetweenDoes) {
    const Target h200 = find_target("h200");
    Workload asked = workload(kTooWide);
    const std::int64_t largest = number_after("D=", explain_workload(asked, h200));
    for (asked.dims["D"] = 1001; asked.dims["D"] > largest; --asked.dims["D"]) {
        ASSERT_FALSE(fits(asked, h200)) << asked.key();
    }
    EXPECT_TRUE(fits(asked, h200)) << asked.key();
}

TEST(ExplainWorkload, ALimitThatItCallsEnoughIsWhileOneLessIsNot) {
    Target target = find_target("h200");
    const Workload asked = workload("lstm T=128 B=16 N=4 D=129 dtype=f32");
    target.smem_per_block = number_after("smem_per_block of ", explain_workload(asked, target));
    target.smem_per_sm = target.smem_per_sm > target.smem_per_block ? target.smem_per_sm : 2 * target.smem_per_block;
    EXPECT_TRUE(fits(asked, target));
    --target.smem_per_block;
    EXPECT_FALSE(fits(asked, target));
}

TEST(ExplainWorkload, EveryDtypeAndTargetIsNamedExactlyIfItFits) {
    const Target a100 = find_target("a100");
    const Workload asked = workload("lstm T=128 B=16 N=4 D=129 dtype=f32");
    const Explanation explanation = explain_workload(asked, a100);
    ASSERT_FALSE(explanation.satisfiable);
    for (DType dtype : find_family("lstm").dtypes) {
        Workload changed = asked;
        changed.dtype = dtype;
        EXPECT_EQ(advises("dtype=" + std::string(name(dtype)), explanation), fits(changed, a100)) << name(dtype);
    }
    std::string names;
    for (const Target& target : known_targets()) {
        names += fits(asked, target) ? (names.empty() ? "" : ", ") + target.name : "";
    }
    EXPECT_EQ(advises("another target: " + names, explanation), !names.empty()) << to_string(explanation);
}

TEST(ExplainWorkload, GivenValuesThatAreTheTroubleGetOthers) {
    const Explanation explanation =
        explain_workload(workload("lstm T=128 B=16 N=4 D=64 dtype=f32"), find_target("h200"), {{"warps", 7}});
    EXPECT_FALSE(explanation.satisfiable);
    EXPECT_FALSE(explanation.values_do_not_matter);
    EXPECT_TRUE(advises("warps can be 2, 4, 8 or 16", explanation)) << to_string(explanation);
}

TEST(ExplainWorkload, GivenValuesThatAreNotTheTroubleAreSaidNotToMatter) {
    const Explanation explanation = explain_workload(workload(kTooWide), find_target("h200"), {{"warps", 8}});
    EXPECT_TRUE(explanation.values_do_not_matter);
    EXPECT_GT(number_after("D=", explanation), 0);
}

}  // namespace
}  // namespace warpsmith
