// The functions that lists of values can be made with: range, list, tuple, sorted, len, min, max, sum, abs, pow, int
// and float, each as in Python.
#pragma once

#include <cstddef>
#include <vector>

#include "solver/scalar.hpp"
#include "solver/source_text.hpp"
#include "solver/syntax.hpp"

namespace warpsmith {

// A number, a text (which the syntax tree owns), or a list of such things.
struct ListItem {
    Scalar scalar = Int128{0};
    std::vector<ListItem> items;
    bool is_list = false;
};

// Counts what making a list costs, and complains where it becomes too much.
class ListBudget {
  public:
    explicit ListBudget(const SourceText& source) : source_(source) {}

    void spend(std::size_t offset, std::size_t steps);

  private:
    const SourceText& source_;
    std::size_t spent_ = 0;
};

// Complains when it is why there is no value, or a number that is not finite.
ListItem checked_item(const SourceText& source, std::size_t offset, const Scalar& scalar);

// `call` is of Form::call and was read from `source`; its arguments have been evaluated. Complains about unknown
// functions, and about arguments that do not fit.
ListItem call_list_function(const SourceText& source, const Syntax& call, std::vector<ListItem> arguments,
                            ListBudget& budget);

}  // namespace warpsmith
