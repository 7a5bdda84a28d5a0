// Numbers distinct sequences of words: equal sequences get the same number.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace warpsmith {

class SequenceTable {
  public:
    SequenceTable();

    // The number of the sequence: the next one, size(), if it is new. The sequence must not lie in this table.
    std::uint32_t insert(std::span<const std::uint64_t> sequence);

    std::span<const std::uint64_t> operator[](std::uint32_t number) const {
        return std::span(words_).subspan(starts_[number], starts_[number + 1] - starts_[number]);
    }
    std::size_t size() const { return starts_.size() - 1; }

  private:
    void grow();

    std::vector<std::uint64_t> words_;    // all sequences, one after the other
    std::vector<std::size_t> starts_;     // of each in words_, and one past the last
    std::vector<std::uint32_t> hashes_;   // of each
    std::vector<std::uint32_t> buckets_;  // a number plus one, or 0; open addressing, at most half full
};

}  // namespace warpsmith
