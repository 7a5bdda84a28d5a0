#include "solver/constrint_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "solver/error.hpp"
#include "solver/search.hpp"

namespace warpsmith {
namespace {

ModelFromText read(const std::string& text, Brackets brackets = Brackets::dropped) {
    return read_constrint({.file = "model.txt", .text = text}, brackets);
}

std::vector<std::string> solutions(const std::string& text, Brackets brackets = Brackets::dropped) {
    std::vector<std::string> found;
    for (const Solution& solution : solve(read(text, brackets).model)) {
        found.push_back(to_string(solution));
    }
    return found;
}

std::string complaint(const std::string& text, Brackets brackets = Brackets::dropped) {
    try {
        read(text, brackets);
        return "no complaint";
    } catch (const Error& error) {
        return error.what();
    }
}

using Texts = std::vector<std::string>;

TEST(Constrint, ReadsEveryKindOfConstraint) {
    EXPECT_EQ(solutions("A == [4, 1, 2, 2]; A <= 3"), (Texts{"A=1", "A=2"}));
    EXPECT_EQ(solutions("A == 5; # a constant\n B == A;"), (Texts{"A=5"}));
    EXPECT_EQ(solutions("A ^ 2 == 49"), (Texts{"A=7"}));
    EXPECT_EQ(solutions("12 % A == 0; 5 <= A"), (Texts{"A=6", "A=12"}));
    EXPECT_EQ(solutions("A <= 2 | A == 5 || ; A <= 6;;"), (Texts{"A=1", "A=2", "A=5"}));
    EXPECT_EQ(solutions("A + 2 * B ==\n 7 # over two lines\n;"), (Texts{"A=1 B=3", "A=3 B=2", "A=5 B=1"}));
}

TEST(Constrint, DropsBracketsAsTheOriginalDoesUnlessTheyCount) {
    const char* sum = "A <= 6; B <= 5; (A + B) * 2 <= 9";  // A + B * 2 <= 9
    EXPECT_EQ(solutions(sum).size(), 15U);
    EXPECT_EQ(solutions(sum, Brackets::counted).size(), 6U);  // A + B <= 4
    const char* remainder = "A <= 12; B == 3; 12 % A * B == 0";
    EXPECT_EQ(solutions(remainder), (Texts{"A=1 B=3", "A=2 B=3", "A=4 B=3"}));  // A * B divides 12
    EXPECT_EQ(solutions(remainder, Brackets::counted).size(), 6U);              // (12 % A) * B is 0
    EXPECT_EQ(solutions("A <= 9; B == 3; 12 % (A * B) == 0", Brackets::counted).size(), 3U);
    EXPECT_EQ(solutions("#! brackets\nA <= 9; (A + 1) * 2 == 6"), (Texts{"A=2"}));
    EXPECT_EQ(solutions("A <= 9; (A + 1) * 2 == 6"), (Texts{"A=4"}));
    EXPECT_EQ(solutions("B <= 3; (A <= 3; B <= 2) | A == 7; A <= 9", Brackets::counted).size(), 9U);
    EXPECT_EQ(solutions("A <= 20; A % 7 == 3", Brackets::counted), (Texts{"A=3", "A=10", "A=17"}));
}

TEST(Constrint, TakesValuesInTheOrderOfItsDirectives) {
    EXPECT_EQ(solutions("A <= 2; B <= 2;\n#! largest_first B\n#! smallest_first A"),
              (Texts{"B=2 A=1", "B=2 A=2", "B=1 A=1", "B=1 A=2"}));
}

TEST(Constrint, DefinesWhatAnEqualityGives) {
    ModelFromText text = read("P == A * B; A <= 3; B <= 3; P <= 4; Q * A == 6 * B;\n#! smallest_first A, B");
    ASSERT_EQ(text.model.variables().size(), 2U);
    EXPECT_EQ(text.model.definitions().size(), 2U);
    Solution last = solve(text.model).back();
    EXPECT_EQ(to_string(last), "A=3 B=1");
    EXPECT_EQ(last["P"], 3);
    EXPECT_EQ(last["Q"], 2);
}

TEST(Constrint, ComputesWhatIsTooLargeToBeListed) {
    ModelFromText text = read("A <= 4; BYTES * A == 4000000 * 6; BYTES + REST == 24000001;");
    EXPECT_EQ(text.model.variables().size(), 1U);
    EXPECT_EQ(count(text.model), 4U);
    EXPECT_EQ(solve(text.model).back()["REST"], 18000001);
}

// What flashrnn 1.0.8 (autotune/constrint.py) says: each assignment of the ordered names was fixed and its constraints
// applied; it keeps 17, the same 17, and does not end within 0.3 s for 15 others, of which none is a solution. Its own
// enumeration of several solutions repeats the first one.
TEST(Constrint, HasTheSolutionsThatTheOriginalKeeps) {
    Texts found = solutions(R"(
        WARP == 32; TILE_A == [8, 16, 32]; TILE_B == [8, 16, 32]; TILE_A * TILE_B == 16 * 16;
        ROWS == 96; COLUMNS == 64;
        ROWS % BLOCKS * TILE_A * LOOPS == 0; COLUMNS % TILE_B == 0;
        LOOPS <= 4; BLOCKS <= 12; BLOCKS * LOOPS * TILE_A + TILE_B <= 80;
        #! largest_first TILE_A, TILE_B
        #! smallest_first BLOCKS
        #! largest_first LOOPS)");
    EXPECT_EQ(found.size(), 17U);
    EXPECT_EQ(found.front(), "TILE_A=32 TILE_B=8 BLOCKS=1 LOOPS=1");
    // With 4 values each for A and B, the original keeps the same 9.
    EXPECT_EQ(
        solutions("A == [1, 2, 3, 4]; B == [1, 2, 3, 4]; C == A * B; C <= 8; N == 24; N % C == 0; A <= B | A == 4;"
                  "\n#! smallest_first A, B")
            .size(),
        9U);
}

// Here the original keeps A == 9 too: it does not enforce a remainder of a product.
TEST(Constrint, EnforcesARemainderOfAProduct) {
    EXPECT_EQ(solutions("A == [1, 2, 3, 4, 5, 6, 8, 9]; N == 4; M == 6; N * M % A == 0;\n#! smallest_first A"),
              (Texts{"A=1", "A=2", "A=3", "A=4", "A=6", "A=8"}));
}

// The count is that of tests/data/spaces/flashrnn_forward_lstm_h768_n1_b16.json, the same space by hand; the first
// solution is what flashrnn 1.0.8 finds for this text (its directives one name a line, as value refinements; 3 s).
TEST(Constrint, OfAnLstmHasTheFirstSolutionOfTheOriginalAndAllOthers) {
    ModelFromText lstm = read_constrint(read_source(WARPSMITH_SOURCE_DIR "/tests/data/constrint/forward_lstm.txt"));
    EXPECT_EQ(count(lstm.model), 14787U);
    EXPECT_EQ(to_string(first(lstm.model).value()),
              "TILE_BATCH=16 TILE_GATE=16 GATE_BLOCKS=96 HIDDEN_BLOCKS=1 BATCH_BLOCKS=1 BATCH_LOOPS=1 GATE_LOOPS=1 "
              "HIDDEN_WARPS=4 BATCH_WARPS=1 CACHED=12");
}

// Small systems with random terms, each against all assignments from 1 to 6 tried by hand.
TEST(Constrint, HasExactlyTheSolutionsThatTryingAllFinds) {
    struct System {
        const char* text;
        bool (*holds)(int, int, int);
    };
    const System systems[] = {
        {"A * B == C + 2", [](int a, int b, int c) { return a * b == c + 2; }},
        {"A + B ^ 2 <= C * 3; C % A == 0", [](int a, int b, int c) { return a + b * b <= c * 3 && c % a == 0; }},
        {"A * 2 + B == C * B", [](int a, int b, int c) { return a * 2 + b == c * b; }},
        {"A * B % C == 0 | A == B", [](int a, int b, int c) { return a * b % c == 0 || a == b; }},
        {"C + C == A + B", [](int a, int b, int c) { return c + c == a + b; }},
        {"A == B; B == C", [](int a, int b, int c) { return a == b && b == c; }},
        {"A == B + 1; B == A * C", [](int a, int b, int c) { return a == b + 1 && b == a * c; }},
        {"A * B * C == 12; 12 % A + B == 0", [](int a, int b, int c) { return a * b * c == 12 && 12 % (a + b) == 0; }}};
    for (const System& system : systems) {
        std::size_t expected = 0;
        for (int i = 0; i < 216; ++i) {
            expected += system.holds(i / 36 + 1, i / 6 % 6 + 1, i % 6 + 1) ? 1U : 0U;
        }
        for (const char* order : {"", "\n#! largest_first A", "\n#! smallest_first C, B, A"}) {
            std::string text = std::string("A <= 6; B <= 6; C <= 6; ") + system.text + ";" + order;
            EXPECT_EQ(count(read(text).model), expected) << text;
        }
    }
}

TEST(Constrint, SaysWhyNothingFits) {
    Model model = read("A == [1, 2]; A == 5;").model;
    EXPECT_EQ(count(model), 0U);
    EXPECT_FALSE(model.constraints().empty());
    EXPECT_EQ(model.constraints()[0].reason, "A == 5");
    EXPECT_EQ(count(read("A == 0").model), 0U);
}

struct Wrong {
    const char* text;
    const char* expected;
};
void PrintTo(const Wrong& shown, std::ostream* stream) {
    *stream << shown.text;
}

class WrongConstrint : public testing::TestWithParam<Wrong> {};

TEST_P(WrongConstrint, IsRefusedWithThePlaceAndAReason) {
    EXPECT_NE(complaint(GetParam().text).find(GetParam().expected), std::string::npos) << complaint(GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Constrint, WrongConstrint,
    testing::Values(
        Wrong{"A", "model.txt:1:2: expected \"==\" or \"<=\", found the end"},
        Wrong{"A >= 3", "1:3: \">=\" is not an operator here; there is only `<=`; swap the sides"},
        Wrong{"A - 1 <= 3", "there is no subtraction"}, Wrong{"A / 2 == 3", "there is no division"},
        Wrong{"A <= 2 <= 3", "1:8: expected \";\": a constraint has one comparison"},
        Wrong{"A B == 3", "1:3: expected an operator, found \"B\""}, Wrong{"f(A) == 3", "1:3: expected an operator"},
        Wrong{"A % 2 == 1", "a remainder can only be compared with 0"},
        Wrong{"A % 2 ==0", "written \"== 0\" with one space"}, Wrong{"A % 2 <= 3", "a remainder can only be compared"},
        Wrong{"A % 2 == 0 + B", "expected \";\" after \"== 0\""},
        Wrong{"A == [1, 2] + 1", "a list can only be a whole side"},
        Wrong{"A <= [1, 2]", "a list can only be compared with a term, with =="}, Wrong{"A == []", "expected a number"},
        Wrong{"A ^ B == 4", "an exponent is a number from 1 to 62"}, Wrong{"A ^ 0 == 1", "an exponent is a number"},
        Wrong{"A ^ 2 ^ 2 == 4", "a power of a power"}, Wrong{"A == 1.5", "numbers are whole here"},
        Wrong{"A == 'x'", "this character has no meaning here"},
        Wrong{"A * == 3", "expected a name, a number or a list"},
        Wrong{"A <= 3;\n2 * B <= A + C", "\"B\" can be anything from 1 to"},
        Wrong{"A == 1\n#! largest A", "a line with #! is a directive"},
        Wrong{"A == 1\n#! largest_first B", "2:18: no constraint has the name \"B\""},
        Wrong{"A == 1\n#! largest_first A, A", "\"A\" is ordered twice"}));

TEST(Constrint, RefusesSizesThatWouldExhaustStackMemoryOrTime) {
    EXPECT_NE(complaint(std::string(50'000, '('), Brackets::counted).find("nested more than 200 deep"),
              std::string::npos);
    EXPECT_NE(complaint("A" + std::string(300, 'a') + " <= 3").find("a name has more than 200 letters"),
              std::string::npos);
    std::string sum = "A";
    for (int i = 0; i < 5000; ++i) {
        sum += " + A";
    }
    EXPECT_NE(complaint(sum + " <= 3").find("more than 1000 operations in a row"), std::string::npos);
    std::string names;
    for (int i = 0; i < 10'001; ++i) {
        names += "A" + std::to_string(i) + " <= 1;";
    }
    EXPECT_NE(complaint(names).find("more than 10000 names"), std::string::npos);
    std::string doubling = "A0 <= 2;";
    for (int i = 1; i < 60; ++i) {
        doubling += "A" + std::to_string(i) + " == A" + std::to_string(i - 1) + " + A" + std::to_string(i - 1) + ";";
    }
    EXPECT_NE(complaint(doubling).find("parts"), std::string::npos) << complaint(doubling);
}

TEST(Constrint, NarrowsAChainWithoutEnd) {
    EXPECT_NE(complaint("A + 1 <= B; B + 1 <= A").find("can be anything"), std::string::npos);
}

}  // namespace
}  // namespace warpsmith
