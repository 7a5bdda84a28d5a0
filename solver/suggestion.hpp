// The nearest of a list of names, for error messages that suggest what was meant.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warpsmith {

// The candidate with the smallest edit distance, or empty when none is within half the length of the word.
std::string nearest_name(std::string_view word, std::span<const std::string> candidates);

// "did you mean 'x'?" or "known: a, b, c", whichever helps.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace warpsmith
