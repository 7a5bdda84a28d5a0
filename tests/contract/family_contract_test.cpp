// What every family keeps, whatever it computes: nothing here names one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "device/device.hpp"
#include "generator/compile.hpp"
#include "solver/search.hpp"
#include "templates/source_files.hpp"
#include "tests/contract/cases.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {
namespace {

// Candidates that the emulator runs of every case, and of those whose blocks wait for each other.
constexpr std::size_t kOnEmulator = 2;
constexpr std::size_t kCooperativeOnEmulator = 1;

// Bytes: some registers more than a space's estimate has (bench/model_versus_compiler.py counts how often), with the
// compiler that estimates were made with.
constexpr std::int64_t kMostSpilled = 16;
constexpr const char* kEstimatedWith = "13.0";

// Values of a space are spread over candidates: some from the whole range are enough to reach each of them. The
// number-th of several spaces takes others than those before it.
std::vector<Solution> spread(const std::vector<Solution>& all, std::size_t wanted, std::size_t number = 0,
                             std::size_t of = 1) {
    const std::size_t taken = std::min(wanted, all.size());
    std::vector<Solution> some;
    for (std::size_t i = 0; i < taken; ++i) {
        some.push_back(all[(i * of + number) * all.size() / (taken * of)]);
    }
    return some;
}

// Names of the int fields of `struct NAME {...};` in the order in which they stand.
std::vector<std::string> struct_fields(const std::string& name) {
    for (const SourceFile& file : source_files()) {
        std::size_t start = file.text.find("struct " + name + " {");
        if (start == std::string_view::npos) {
            continue;
        }
        std::string body(file.text.substr(start, file.text.find("};", start) - start));
        std::vector<std::string> fields;
        for (std::size_t at = body.find("int "); at != std::string::npos; at = body.find("int ", at + 1)) {
            fields.push_back(body.substr(at + 4, body.find(';', at) - at - 4));
        }
        return fields;
    }
    return {};
}

// One architecture stands for all targets that have it.
std::vector<Target> one_per_architecture() {
    std::vector<Target> targets;
    std::set<std::string> seen;
    for (const Target& target : known_targets()) {
        if (seen.insert(target.architecture).second) {
            targets.push_back(target);
        }
    }
    return targets;
}

class FamilyContract : public testing::TestWithParam<Case> {
  protected:
    const Family& family() const { return find_family(GetParam().family); }
    const Workload& workload() const { return GetParam().workload; }
};

TEST_P(FamilyContract, EveryTargetHasCandidates) {
    for (const Target& target : known_targets()) {
        EXPECT_GT(count(family().space(workload(), target).model), 0U) << target.name;
    }
}

TEST_P(FamilyContract, TheSpaceSetsExactlyTheFieldsOfTheConfigStruct) {
    Space space = family().space(workload(), find_target("h200"));
    std::vector<std::string> set;
    for (const auto& [field, value] : to_config(*first(space.model), space).fields) {
        set.push_back(field);
    }
    EXPECT_EQ(set, struct_fields(family().config_struct));
}

TEST_P(FamilyContract, EveryConstraintAndVariableSaysWhatItIsFor) {
    Space space = family().space(workload(), find_target("h200"));
    for (const Constraint& constraint : space.model.constraints()) {
        EXPECT_FALSE(constraint.reason.empty()) << to_string(constraint.condition);
    }
    for (const Variable& variable : space.model.variables()) {
        EXPECT_FALSE(variable.meaning.empty()) << variable.name;
    }
}

// Another candidate for each, so that the whole space is touched. The cases of a family share the architectures.
TEST_P(FamilyContract, CandidatesCompileForEveryArchitecture) {
    const std::vector<Target> targets = one_per_architecture();
    for (std::size_t i = GetParam().number % targets.size(); i < targets.size(); i += GetParam().of) {
        const Space space = family().space(workload(), targets[i]);
        const std::vector<Solution> all = solve(space.model);
        // Those whose blocks wait for each other, and the others, in turn.
        std::vector<Solution> ones = cooperative_ones(all, space, (i + GetParam().number) % 2 == 0);
        if (ones.empty()) {
            ones = all;
        }
        const std::vector<Solution> some = spread(ones, targets.size());
        const Config config = to_config(some[i % some.size()], space);
        const Compiled compiled = compiler().compile(render(family(), workload(), config, targets[i]));
        EXPECT_TRUE(compiled.ok) << targets[i].name << " " << config.key() << "\n" << compiled.log;
        if (compiled.toolkit == kEstimatedWith) {
            EXPECT_LE(compiled.resources.spill_store_bytes, kMostSpilled) << targets[i].name << " " << config.key();
        }
    }
}

// But for the last rows of packed tensors, which no sequence has.
TEST_P(FamilyContract, TheReferenceIsFiniteAndCoversEveryOutput) {
    Tensors inputs = family().inputs(workload(), 1);
    Tensors outputs = family().reference(workload(), inputs, {});
    std::size_t expected = 0;
    for (const TensorSpec& spec : family().tensors(workload())) {
        expected += spec.role == Role::output ? 1 : 0;
    }
    ASSERT_EQ(outputs.size(), expected);
    for (const Tensor& tensor : outputs) {
        EXPECT_EQ(static_cast<std::int64_t>(tensor.values.size()), tensor.spec.elements()) << tensor.spec.name;
        const bool packed = tensor.spec.layout.starts_with("S,");
        const auto end = packed ? std::ranges::find_if(tensor.values, [](double value) { return std::isnan(value); })
                                : tensor.values.end();
        EXPECT_TRUE(std::all_of(tensor.values.begin(), end, [](double value) { return std::isfinite(value); }))
            << tensor.spec.name;
        EXPECT_TRUE(std::all_of(end, tensor.values.end(), [](double value) { return std::isnan(value); }))
            << tensor.spec.name;
        EXPECT_NE(tensor.values.begin(), end) << tensor.spec.name;
    }
}

TEST_P(FamilyContract, OnTheEmulatorOutputsMatchTheReferenceAndNothingIsFound) {
    Target target = find_target("h200");
    Space space = family().space(workload(), target);
    Problem problem = make_problem(family(), workload(), 1);
    const std::vector<Solution> all = solve(space.model);
    const auto [number, of] = std::pair(GetParam().number, GetParam().of);
    std::vector<Solution> some = spread(cooperative_ones(all, space, false), kOnEmulator, number, of);
    std::ranges::copy(spread(cooperative_ones(all, space, true), kCooperativeOnEmulator, number, of),
                      std::back_inserter(some));
    for (const Solution& solution : some) {
        Config config = to_config(solution, space);
        Compiled compiled = compile_for_emulator(family(), workload(), config, target);
        ASSERT_TRUE(compiled.ok) << config.key() << "\n" << compiled.log;
        std::unique_ptr<Device> device = make_emulator({.checks = Checks::all, .seed = 1});
        Verification result = verify(*device, family(), problem, space, solution, compiled);
        EXPECT_TRUE(result.ok()) << config.key() << ": " << result.summary();
    }
}

INSTANTIATE_TEST_SUITE_P(Families, FamilyContract, testing::ValuesIn(all_cases()), test_name);

}  // namespace
}  // namespace warpsmith
