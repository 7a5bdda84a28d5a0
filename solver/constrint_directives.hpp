// The directives of ConstrINT text: comment lines that start with "#!".
#pragma once

#include <vector>

#include "solver/constrint_terms.hpp"

namespace warpsmith {

struct ValueOrder {
    std::size_t variable = 0;
    bool largest_first = false;
};

struct ConstrintDirectives {
    std::vector<ValueOrder> order;  // distinct
};

bool asks_for_brackets(const SourceText& source);

// Complains about unknown directives, and about names that the text does not have or that stand in the order twice.
ConstrintDirectives read_directives(const SourceText& source, const ConstrintSystem& system);

}  // namespace warpsmith
