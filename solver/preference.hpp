// Solutions in the order of what is wanted of single variables: the most important one decides first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "solver/solution_set.hpp"

namespace warpsmith {

enum class Prefer : std::uint8_t { smallest, largest };

struct Preference {
    std::string variable;
    Prefer prefer = Prefer::smallest;
};

// Reads "threads=largest". Throws Error when it is something else.
Preference parse_preference(const std::string& text);

// At most `limit` solutions: those in which the first variable named is as wanted come first, among these the second
// decides, and so on; where all agree, lexicographic order. Numbers are smaller than text, text is ordered by its
// bytes. Throws Error for a name that is no variable or is given twice.
std::vector<Solution> preferred(const SolutionSet& set, std::span<const Preference> preferences, std::size_t limit);

}  // namespace warpsmith
