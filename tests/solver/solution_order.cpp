#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "solver/error.hpp"
#include "solver/solution_set.hpp"
#include "solver/space_file.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

using Choices = std::vector<std::uint32_t>;

// Two groups, a with d and b with c, whose variables are declared alternately.
Model interleaved() {
    Model model;
    Expr a = model.variable("a", {1, 2, 3});
    Expr b = model.variable("b", {1, 2});
    Expr c = model.variable("c", {1, 2, 3});
    Expr d = model.variable("d", {1, 2, 3});
    model.require(d <= a, "d is not above a");
    model.require(c > b, "c is above b");
    return model;
}

std::vector<std::vector<Count>> counted(const Model& model, const std::vector<Choices>& solutions) {
    std::vector<std::vector<Count>> counts;
    for (const Variable& variable : model.variables()) {
        counts.emplace_back(variable.values.size(), 0);
    }
    for (const Choices& choices : solutions) {
        for (std::size_t variable = 0; variable < choices.size(); ++variable) {
            ++counts[variable][choices[variable]];
        }
    }
    return counts;
}

// Every assignment in lexicographic order.
template <class Visit>
void each_assignment(const Model& model, const Visit& visit) {
    Choices choices(model.variables().size(), 0);
    std::size_t variable = 0;
    do {
        visit(choices);
        for (variable = choices.size(); variable > 0; --variable) {
            if (++choices[variable - 1] < model.variables()[variable - 1].values.size()) {
                break;
            }
            choices[variable - 1] = 0;
        }
    } while (variable > 0);
}

void expect_order_agrees(const Model& model, const std::vector<Choices>& expected) {
    SolutionSet set(model);
    ASSERT_EQ(set.count(), expected.size());
    for (std::size_t place = 0; place < expected.size(); ++place) {
        ASSERT_EQ(set.at(place).choices(), expected[place]);
    }
    EXPECT_THROW(set.at(expected.size()), Error);
    std::size_t next = 0;
    each_assignment(model, [&](const Choices& choices) {
        bool is_solution = next < expected.size() && expected[next] == choices;
        ASSERT_EQ(set.rank(choices), is_solution ? std::optional<Count>(next) : std::nullopt);
        next += is_solution ? 1 : 0;
    });
    EXPECT_EQ(set.marginals(), counted(model, expected));
}

TEST(SolutionOrder, OfGroupsDeclaredAlternatelyIsThatOfTheDeclaration) {
    Model model = interleaved();
    SolutionSet set(model);
    EXPECT_EQ(set.groups().size(), 2U);
    EXPECT_EQ(set.count(), 18U);
    EXPECT_EQ(to_string(set.at(3)), "a=2 b=1 c=2 d=1");
    EXPECT_EQ(to_string(set.at(17)), "a=3 b=2 c=3 d=3");
    EXPECT_EQ(set.rank(Choices{1, 0, 1, 0}), Count{3});
    EXPECT_EQ(set.rank(Choices{0, 0, 1, 1}), std::nullopt) << "d is above a";
    EXPECT_EQ(set.marginals(), (std::vector<std::vector<Count>>{{3, 6, 9}, {12, 6}, {0, 6, 12}, {9, 6, 3}}));
    expect_order_agrees(model, exhaust(model).solutions);
}

TEST(SolutionOrder, OfRandomModelsIsThatOfExhaustiveEnumeration) {
    std::size_t with_solutions = 0;
    for (std::uint32_t seed = 0; seed < 1000; ++seed) {
        RandomModel random(seed, {.reals = true, .texts = seed % 2 == 0}, 6);
        Exhausted expected = exhaust(random.model());
        if (!expected.fails) {
            SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + description(random.model()));
            expect_order_agrees(random.model(), expected.solutions);
            with_solutions += expected.solutions.empty() ? 0 : 1;
        }
        if (HasFailure()) {
            return;
        }
    }
    EXPECT_GT(with_solutions, 200U) << "the random models are too hard to tell anything";
}

TEST(SolutionOrder, OfAModelWithoutVariablesHasOnePlace) {
    SolutionSet set((Model()));
    EXPECT_EQ(set.at(0).size(), 0U);
    EXPECT_EQ(set.rank(Choices{}), Count{0});
    EXPECT_EQ(set.rank(Choices{0}), std::nullopt);
}

TEST(SolutionOrder, GoesAsFarAs128BitsInSpacesThatHaveMore) {
    Model model;
    std::vector<std::int64_t> digits = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    for (int i = 0; i < 50; ++i) {
        model.variable("digit" + std::to_string(i), digits);
    }
    SolutionSet set(model);
    ASSERT_EQ(set.count(), kMaxCount);
    constexpr Count kPlace = Count{1'234'567'890'123'456'789} * 1'000'000'000'000'000'000 + 987'654'321;
    Choices choices = set.at(kPlace).choices();
    std::string digits_found;
    for (std::uint32_t digit : std::span(choices).subspan(12)) {
        digits_found += std::to_string(digit);
    }
    EXPECT_EQ(digits_found, "01234567890123456789000000000987654321");
    EXPECT_EQ(set.rank(choices), kPlace);
    EXPECT_EQ(set.rank(Choices(50, 9)), kMaxCount);
    EXPECT_EQ(set.marginals()[7], std::vector<Count>(10, kMaxCount));
}

TEST(SolutionOrder, OfEverySpaceFileIsThatOfTheList) {
    for (const auto& file : std::filesystem::directory_iterator(WARPSMITH_SOURCE_DIR "/tests/data/spaces")) {
        for (const ModelFromText& space : load_spaces(file.path().string())) {
            SCOPED_TRACE(space.name);
            SolutionSet set(space.model);
            const SolutionTable table = set.list(SIZE_MAX);
            std::vector<std::vector<Count>> counts = counted(space.model, {});
            for (std::size_t row = 0; row < table.rows(); ++row) {
                for (std::size_t variable = 0; variable < counts.size(); ++variable) {
                    ++counts[variable][table.code(row, variable)];
                }
            }
            EXPECT_EQ(set.marginals(), counts);
            for (std::size_t row = 0; row < table.rows(); row += 1 + table.rows() / 997) {
                ASSERT_EQ(set.at(row).choices(), table[row].choices());
                ASSERT_EQ(set.rank(table[row].choices()), Count{row});
            }
        }
    }
}

TEST(SolutionOrder, OfALargeSpaceIsFoundWithoutListingIt) {
    ModelFromText space = load_space(WARPSMITH_SOURCE_DIR "/tests/data/large_spaces/dividing_triples.json");
    SolutionSet set(space.model);
    ASSERT_EQ(set.count(), space.expected_count.value());
    ASSERT_GT(set.count(), 100'000'000U);
    for (Count part = 0; part <= 10; ++part) {
        Count place = (set.count() - 1) * part / 10;
        EXPECT_EQ(set.rank(set.at(place).choices()), place);
    }
    const std::vector<Count> of_middle_2 = set.marginals()[7];
    EXPECT_EQ(std::accumulate(of_middle_2.begin(), of_middle_2.end(), Count{0}), set.count());
    EXPECT_EQ(of_middle_2[15], set.count() / 300 * 10) << "of 300 triples 2 * 5 have 16 in the middle";
}

}  // namespace
}  // namespace warpsmith
