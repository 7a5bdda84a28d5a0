// What a cell's source tells of itself, with the cells of templates/ as examples: for these the reference was written
// independently.
#include "cache/own_cell.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "solver/error.hpp"
#include "templates/family.hpp"

namespace warpsmith {
namespace {

std::vector<std::string> recurrent_families() {
    std::vector<std::string> names;
    for (const Family& family : built_in_families()) {
        if (!family.gates.empty()) {
            names.push_back(family.name);
        }
    }
    return names;
}

Workload workload(const std::string& family) {
    const bool has_h =
        std::ranges::any_of(find_family(family).dimensions, [](const auto& one) { return one.name == "H"; });
    return parse_workload(family + " T=4 B=3 N=2 D=5 dtype=f32 pass=training" + (has_h ? " H=3" : ""), families());
}

// A cell of one's own that does what the family's does.
OwnCell copy_of(const Family& family) {
    const Entry entry = family.entry(workload(family.name));
    const std::vector<TensorSpec> tensors = family.tensors(workload(family.name));
    const bool parameters = std::ranges::find(tensors, "w", &TensorSpec::name) != tensors.end();
    return {family.name + "_copy.cuh", fmt::format(R"(#include "{0}"
using Original = {1};
struct Copy_{2} : Original {{
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state{3}) {{
        return Original::step(x, r, state{4});
    }}
}};
)",
                                                   entry.header, entry.template_arguments.front(), family.name,
                                                   parameters ? ", const S* w" : "", parameters ? ", w" : "")};
}

class OwnCells : public testing::TestWithParam<std::string> {};

TEST_P(OwnCells, TheTraceOfACellComputesWhatItsReferenceDoes) {
    const Family& family = find_family(GetParam());
    const Toolkit toolkit = find_toolkit(built_in_search());
    const Family& copy = find_family(add_own_cell(copy_of(family), toolkit));
    const Tensors inputs = family.inputs(workload(family.name), 1);
    Tensors renamed = copy.inputs(workload(copy.name), 1);
    ASSERT_EQ(renamed.size(), inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        ASSERT_EQ(renamed[i].spec.shape, inputs[i].spec.shape);
        renamed[i].values = inputs[i].values;
    }
    const Tensors expected = family.reference(workload(family.name), inputs, {});
    const Tensors computed = copy.reference(workload(copy.name), renamed, {});
    ASSERT_EQ(computed.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        for (std::size_t k = 0; k < expected[i].values.size(); ++k) {
            ASSERT_NEAR(computed[i].values[k], expected[i].values[k], 1e-12) << expected[i].spec.name << " " << k;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Cells, OwnCells, testing::ValuesIn(recurrent_families()),
                         [](const auto& of) { return of.param; });

TEST(OwnCell, AMissingFileIsAnErrorThatNamesIt) {
    EXPECT_THROW(
        {
            try {
                read_own_cell("/nowhere/cell.cuh");
            } catch (const Error& error) {
                EXPECT_NE(std::string(error.what()).find("/nowhere/cell.cuh"), std::string::npos);
                throw;
            }
        },
        Error);
}

}  // namespace
}  // namespace warpsmith
