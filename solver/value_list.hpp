// Reads lists of values that are written as Python expressions: "[1, 2] + list(range(32, 257, 32))".
#pragma once

#include <vector>

#include "solver/expr.hpp"
#include "solver/source_text.hpp"

namespace warpsmith {

// No list that is written as an expression makes more values than this on the way, or takes more steps.
inline constexpr std::size_t kMaxListValues = std::size_t{1} << 18;

// Lists and tuples, + and * of lists, range, list, tuple, sorted, comprehensions with any number of `for` and `if`, and
// the arithmetic of expressions with min, max, abs, pow, int, float, len and sum. Integers are exact. Complains, with
// the place, when the text is something else, a value has none of the types of Value, or there are too many.
std::vector<Value> parse_value_list(const SourceText& source);

}  // namespace warpsmith
