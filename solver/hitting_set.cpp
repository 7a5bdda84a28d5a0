#include "solver/hitting_set.hpp"

#include <algorithm>

namespace warpsmith {
namespace {

bool hits(std::span<const std::size_t> chosen, const std::vector<std::size_t>& set) {
    return std::ranges::find_first_of(chosen, set) != chosen.end();
}

// Adds at most `more` elements to `chosen` so that every set is hit: one of the first set that is not has to be among
// them.
bool extend(std::span<const std::vector<std::size_t>> sets, std::size_t more, std::vector<std::size_t>& chosen,
            std::uint64_t& steps) {
    auto missed = std::ranges::find_if(sets, [&](const std::vector<std::size_t>& set) { return !hits(chosen, set); });
    if (missed == sets.end()) {
        return true;
    }
    for (std::size_t i = 0; i < missed->size() && more > 0 && steps > 0; ++i) {
        --steps;
        chosen.push_back((*missed)[i]);
        if (extend(sets, more - 1, chosen, steps)) {
            return true;
        }
        chosen.pop_back();
    }
    return false;
}

}  // namespace

std::optional<std::vector<std::size_t>> smallest_hitting_set(std::span<const std::vector<std::size_t>> sets,
                                                             std::size_t below, std::uint64_t& steps) {
    std::vector<std::size_t> chosen;
    for (std::size_t size = 0; size < below; ++size) {
        if (extend(sets, size, chosen, steps)) {
            std::ranges::sort(chosen);
            return chosen;
        }
    }
    return std::nullopt;
}

}  // namespace warpsmith
