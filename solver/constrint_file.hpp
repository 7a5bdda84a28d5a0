// Reads models from ConstrINT text (the language: constrint_text.hpp).
//
// Every name is an integer from 1 to 2^30 for which all constraints hold, exactly. (The original only narrows ranges
// and then tries values: it can return assignments that break a constraint `N % A == 0` whose N is a product, and does
// not see past 2^30 in what it computes on the way.) What becomes a parameter of the model:
//   - a name that an equality gives, `N == A * B`, is a definition: it follows from the others and is no choice;
//   - every other name is a parameter with the values that its constraints leave, ascending; when there are more than
//     4096 and an equality of another form gives it (`A * B == N * C`), it is a definition too.
// Directives, which the original takes for comments, order the search as its value refinements do:
//   #! largest_first A, B     these parameters first, each from its largest value
//   #! smallest_first C       next
//   #! brackets               brackets count
// With such an order, names outside it become definitions wherever an equality allows.
#pragma once

#include "solver/constrint_text.hpp"
#include "solver/model_text.hpp"

namespace warpsmith {

// Throws Error with file, line and column when the text is not ConstrINT, and for a name whose values have no bound
// that would let them be listed. The directive `brackets` counts as well as the argument.
ModelFromText read_constrint(const SourceText& source, Brackets brackets = Brackets::dropped);

}  // namespace warpsmith
