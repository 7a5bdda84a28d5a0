#include "solver/suggestion.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace warpsmith {
namespace {

// Levenshtein distance, letters compared without case, one row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            bool same =
                std::tolower(static_cast<unsigned char>(a[i])) == std::tolower(static_cast<unsigned char>(b[j]));
            std::size_t replaced = diagonal + (same ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
        }
    }
    return row.back();
}

}  // namespace

std::string nearest_name(std::string_view word, std::span<const std::string> candidates) {
    constexpr std::size_t kLongestCompared = 64;  // longer words are no slips of the keyboard
    std::size_t best = std::max<std::size_t>(1, word.size() / 2) + 1;
    std::string found;
    for (const std::string& candidate : candidates) {
        if (word.size() > kLongestCompared || candidate.size() > kLongestCompared) {
            continue;
        }
        std::size_t distance = edit_distance(word, candidate);
        if (distance < best) {
            best = distance;
            found = candidate;
        }
    }
    return found;
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
    std::string nearest = nearest_name(word, candidates);
    if (!nearest.empty()) {
        return "did you mean '" + nearest + "'?";
    }
    std::string known = "known:";
    for (const std::string& candidate : candidates) {
        known += (known.back() == ':' ? " " : ", ") + candidate;
    }
    return known;
}

}  // namespace warpsmith
