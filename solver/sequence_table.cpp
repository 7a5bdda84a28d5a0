#include "solver/sequence_table.hpp"

#include <algorithm>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kFirstBuckets = 16;
constexpr std::size_t kMaxWords = std::size_t{1} << 28U;  // 2 GiB

std::uint32_t hash_of(std::span<const std::uint64_t> sequence) {
    std::uint64_t hash = sequence.size();
    for (std::uint64_t word : sequence) {
        hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;  // the golden ratio spreads neighbouring words
        hash ^= hash >> 32U;
    }
    return static_cast<std::uint32_t>(hash);
}

}  // namespace

std::uint32_t SequenceTable::insert(std::span<const std::uint64_t> sequence) {
    if (2 * (size() + 1) > buckets_.size()) {
        grow();  // not before there is something: many tables stay empty
    }
    std::uint32_t hash = hash_of(sequence);
    std::size_t mask = buckets_.size() - 1;
    std::size_t bucket = hash & mask;
    for (; buckets_[bucket] != 0; bucket = (bucket + 1) & mask) {
        std::uint32_t number = buckets_[bucket] - 1;
        if (hashes_[number] == hash && std::ranges::equal((*this)[number], sequence)) {
            return number;
        }
    }
    if (words_.size() + sequence.size() > kMaxWords) {
        throw Error("solving: the solutions do not fit into 2 GiB; add constraints or drop values");
    }
    words_.insert(words_.end(), sequence.begin(), sequence.end());
    ends_.push_back(static_cast<std::uint32_t>(words_.size()));
    hashes_.push_back(hash);
    buckets_[bucket] = static_cast<std::uint32_t>(size());
    return static_cast<std::uint32_t>(size() - 1);
}

void SequenceTable::grow() {
    buckets_.assign(std::max(kFirstBuckets, 2 * buckets_.size()), 0);
    std::size_t mask = buckets_.size() - 1;
    for (std::uint32_t number = 0; number < size(); ++number) {
        std::size_t bucket = hashes_[number] & mask;
        while (buckets_[bucket] != 0) {
            bucket = (bucket + 1) & mask;
        }
        buckets_[bucket] = number + 1;
    }
}

}  // namespace warpsmith
