// Configurations as people give them, names and values, and what they are among the values of a model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "solver/solution.hpp"

namespace warpsmith {

using Configuration = std::vector<std::pair<std::string, Value>>;

// Reads "threads=128 layout='row' scale=0.5", as solutions are written; text needs quotes only where it has spaces or
// looks like a number. Throws Error when it is something else.
Configuration parse_configuration(std::string_view text);

// The place of a variable among those of the model. Throws Error when none has this name.
std::size_t variable_named(const Scope& scope, std::string_view name);

// What a configuration says of one variable.
struct Wish {
    bool given = false;
    bool listed = false;      // the value is in the variable's list
    std::uint32_t place = 0;  // of the value in the list; of a number that is not in it: of the number nearest to it
};

// By variable. 1 and 1.0 are the same value. Throws Error for a name that is no variable or is given twice.
std::vector<Wish> wishes(const Scope& scope, const Configuration& configuration);

// The places of all values in their lists, which a SolutionSet can be asked for; none when one is not in its list.
// Throws Error also when a variable has no value.
std::optional<std::vector<std::uint32_t>> choices_of(const Scope& scope, const Configuration& configuration);

}  // namespace warpsmith
