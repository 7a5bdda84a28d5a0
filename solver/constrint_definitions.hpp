// Which names of ConstrINT text follow from the others, and by which equality.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "solver/constrint_directives.hpp"
#include "solver/constrint_terms.hpp"

namespace warpsmith {

// The equality that gives a variable, which stands in it once.
struct Definer {
    static constexpr std::size_t kConstant = static_cast<std::size_t>(-1);  // instead of a relation: its one value

    std::size_t relation = kConstant;
    bool on_left = false;  // the side of the variable
};

struct Definitions {
    std::vector<std::optional<Definer>> of_variable;
    std::vector<bool> is_used;       // relations that define something
    std::vector<std::size_t> order;  // defined variables, each after those it depends on
};

// No variable in `ordered` is defined, and none depends on itself.
Definitions choose_definitions(const ConstrintSystem& system, const std::vector<ValueOrder>& ordered);

}  // namespace warpsmith
