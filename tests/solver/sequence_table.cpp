#include "solver/sequence_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace warpsmith {
namespace {

TEST(SequenceTable, GivesEqualSequencesTheSameNumberAndNewOnesTheNext) {
    SequenceTable table;
    std::map<std::vector<std::uint64_t>, std::uint32_t> expected;
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        std::vector<std::uint64_t> sequence(random() % 4);
        for (std::uint64_t& word : sequence) {
            word = random() % 16 << 60U;
        }
        auto next = static_cast<std::uint32_t>(expected.size());
        ASSERT_EQ(table.insert(sequence), expected.try_emplace(sequence, next).first->second);
    }
    EXPECT_EQ(table.size(), expected.size());
    for (const auto& [sequence, number] : expected) {
        std::span<const std::uint64_t> stored = table[number];
        EXPECT_EQ(std::vector<std::uint64_t>(stored.begin(), stored.end()), sequence);
    }
}

}  // namespace
}  // namespace warpsmith
