#include "tuner/verify.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "generator/source.hpp"
#include "tests/tuner/toy.hpp"

namespace warpsmith {
namespace {

const char* const kConfig = "threads=32 items=1";

// What verifying the first configuration finds when it behaves as `world` says.
Verification verified(ToyWorld& world, bool measures = true, const Family& family = toy_family()) {
    Workload workload = toy_workload();
    Space space = family.space(workload, toy_target());
    Solution solution = first(space.model).value();
    Source source = render(family, workload, to_config(solution, space), toy_target(), toy_sources());
    std::unique_ptr<Device> device = toy_device(world, measures);
    return verify(*device, family, make_problem(family, workload, 1), space, solution, toy_compile(world, source));
}

Verification verified(Mischief mischief) {
    ToyWorld world;
    world.mischief[kConfig] = mischief;
    return verified(world);
}

TEST(Verify, AKernelThatComputesTheReferenceIsRight) {
    ToyWorld world;
    Verification result = verified(world);
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.worst()->max_error, 0);
    EXPECT_EQ(find(result.computed, "y").values.at(3), 2 * 4);
    EXPECT_EQ(world.launches, 1);
}

TEST(Verify, AWrongElementIsFoundWithItsTensorAndItsError) {
    Verification result = verified(Mischief::wrong_value);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.worst()->tensor, "y");
    EXPECT_EQ(result.worst()->max_error, 1);
    EXPECT_EQ(result.summary().find("y is off by 1 at most; "), 0U) << result.summary();
}

TEST(Verify, ANanWhereTheReferenceHasNoneIsAnInfiniteError) {
    Verification result = verified(Mischief::not_a_number);
    EXPECT_FALSE(result.ok());
    EXPECT_TRUE(std::isinf(result.worst()->max_error));
}

TEST(Verify, AnElementThatWasNotWrittenIsFound) {
    EXPECT_EQ(verified(Mischief::unwritten).summary(), "1 of 800 elements of y were never written");
    EXPECT_FALSE(verified(Mischief::unwritten).ok());
}

TEST(Verify, AnElementThatIsNanInTheReferenceMustBeLeftUnwritten) {
    Family family = toy_family();
    family.reference = [of_toy = family.reference](const Workload& w, const Tensors& in, Precision precision) {
        Tensors out = of_toy(w, in, precision);
        out[0].values.back() = std::numeric_limits<double>::quiet_NaN();
        return out;
    };
    ToyWorld leaves, writes;
    leaves.mischief[kConfig] = Mischief::unwritten;
    EXPECT_EQ(verified(leaves, true, family).defects, std::vector<std::string>());
    EXPECT_TRUE(verified(leaves, true, family).ok());
    EXPECT_FALSE(verified(writes, true, family).ok());
}

TEST(Verify, AWriteOutsideATensorIsFoundThoughTheResultIsRight) {
    EXPECT_EQ(verified(Mischief::writes_before).summary(), "4 bytes before the first element of y were overwritten");
    EXPECT_EQ(verified(Mischief::writes_behind).summary(), "4 bytes behind the last element of y were overwritten");
    EXPECT_FALSE(verified(Mischief::writes_behind).ok());
}

TEST(Verify, OnTheEmulatorAWriteOutsideATensorIsFoundByItsLine) {
    ToyWorld world;
    world.mischief[kConfig] = Mischief::writes_behind;
    Verification result = verified(world, false);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.summary(), "out_of_bounds at toy/kernel.cuh:7: beside y");
}

TEST(Verify, AWriteToAnInputIsFound) {
    EXPECT_EQ(verified(Mischief::writes_input).summary(), "1 bytes in the input x were overwritten");
    EXPECT_FALSE(verified(Mischief::writes_input).ok());
}

TEST(Verify, AFaultIsTheDevicesOwnWords) {
    Verification result = verified(Mischief::faults);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.summary(), "an illegal memory access was encountered");
    EXPECT_EQ(result.worst(), nullptr);
}

TEST(Verify, AKernelThatTheDeviceDoesNotTakeIsAResultAndNoException) {
    EXPECT_EQ(verified(Mischief::refuses_to_load).launch.error,
              "loading a kernel: the toy device does not like it; try another");
}

// A family whose exact and rounded references are given.
Problem problem_of(std::vector<double> exact, std::vector<double> rounded, DType dtype) {
    Family family = toy_family();
    std::int64_t size = static_cast<std::int64_t>(exact.size());
    family.reference = [=](const Workload&, const Tensors&, Precision precision) {
        return Tensors{{{"y", Role::output, dtype, "N", {size}}, precision.exact ? exact : rounded}};
    };
    return make_problem(family, toy_workload(), Tensors{});
}

TEST(Verify, TheToleranceIsTwiceTheErrorOfTheDtypeAndTwiceItsFloor) {
    // In bf16 1 + 0.3 is 1.296875, and that - 0.3 is 0.99609375: 1/256 is lost on the way.
    EXPECT_DOUBLE_EQ(problem_of({1}, {1}, DType::bf16).tolerances[0], 2.0 / 256);
    EXPECT_DOUBLE_EQ(problem_of({1}, {1.5}, DType::bf16).tolerances[0], 2 * 0.5 + 2.0 / 256);
    EXPECT_LT(problem_of({1}, {1}, DType::f32).tolerances[0], 1e-6);
}

// A reference that is off in one element on one side of a kink.
Verification verified_at_kink(bool is_off_on_the_other_side) {
    ToyWorld world;
    Family family = toy_family();
    family.reference = [=, reference = family.reference](const Workload& w, const Tensors& in, Precision precision) {
        Tensors out = reference(w, in, precision);
        out[0].values[1] += precision.other_side == is_off_on_the_other_side ? 5 : 0;
        return out;
    };
    return verified(world, true, family);
}

TEST(Verify, AnElementMayBeAsOnTheOtherSideOfAKink) {
    EXPECT_TRUE(verified_at_kink(true).ok());
    EXPECT_TRUE(verified_at_kink(false).ok());
    EXPECT_EQ(verified_at_kink(false).worst()->max_error, verified_at_kink(true).worst()->max_error);
}

TEST(Verify, TheOtherSideIsComputedWhenAskedForAndOnce) {
    Family family = toy_family();
    int others = 0;
    family.reference = [&, reference = family.reference](const Workload& w, const Tensors& in, Precision precision) {
        others += precision.other_side ? 1 : 0;
        return reference(w, in, precision);
    };
    const Problem problem = make_problem(family, toy_workload(), 1), same = problem;
    EXPECT_EQ(others, 0);
    EXPECT_EQ(&problem.other_side(problem.inputs), &same.other_side(same.inputs));
    EXPECT_EQ(others, 1);
}

TEST(Verify, WhatIsNotFiniteInTheReferenceSetsNoTolerance) {
    double infinity = std::numeric_limits<double>::infinity();
    EXPECT_DOUBLE_EQ(problem_of({1, -infinity}, {1, -infinity}, DType::bf16).tolerances[0], 2.0 / 256);
    EXPECT_DOUBLE_EQ(problem_of({1, 1}, {1, infinity}, DType::bf16).tolerances[0], 2.0 / 256);
}

}  // namespace
}  // namespace warpsmith
