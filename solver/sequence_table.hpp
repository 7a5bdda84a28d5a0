// Numbers distinct sequences of words: equal sequences get the same number.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace warpsmith {

class SequenceTable {
  public:
    // The number of the sequence: the next one, size(), if it is new. The sequence must not lie in this table.
    std::uint32_t insert(std::span<const std::uint64_t> sequence);

    std::span<const std::uint64_t> operator[](std::uint32_t number) const {
        const std::size_t start = number == 0 ? 0 : ends_[number - 1];
        return {words_.data() + start, ends_[number] - start};
    }
    std::size_t size() const { return ends_.size(); }

  private:
    void grow();

    std::vector<std::uint64_t> words_;    // all sequences, one after the other
    std::vector<std::uint32_t> ends_;     // of each in words_
    std::vector<std::uint32_t> hashes_;   // of each
    std::vector<std::uint32_t> buckets_;  // a number plus one, or 0; open addressing, at most half full
};

}  // namespace warpsmith
