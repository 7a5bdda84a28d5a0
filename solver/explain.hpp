// Why a model has no solution, or why given values are refused, in the words of its constraints.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "solver/fixed_values.hpp"
#include "solver/model.hpp"

namespace warpsmith {

// One of the constraints that cannot hold together.
struct Conflict {
    std::string reason;     // in its own words
    std::string condition;  // as an expression
    std::string detail;  // what it comes to while the others hold: "smem_bytes is 262144 at least, the limit is 232448"
};

struct Explanation {
    bool satisfiable = false;
    bool smallest = false;              // no smaller set of constraints cannot hold together; else it was not found out
    bool values_do_not_matter = false;  // there is no solution with any other values in place of the given ones either
    std::string example;                // if satisfiable: the first solution
    std::vector<Conflict> conflicts;    // if not: leaving out any one of them, the others can hold together
    std::vector<std::size_t> constraints;  // the positions of the conflicts in the model; beyond them: lists of values
    std::vector<std::string> advice;       // values and changes with which there is a solution, each found by solving
};

// `fixed` sets variables to values, which need not be in their lists. Throws Error for an unknown variable.
Explanation explain(const Model& model, const FixedValues& fixed = {});

// The same without advice.
Explanation why_nothing_fits(const Model& model, const FixedValues& fixed = {});

// Several lines, for people.
std::string to_string(const Explanation& explanation);

}  // namespace warpsmith
