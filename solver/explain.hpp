// Why a model has no solution, or why given values are refused, in the words of its constraints.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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
    std::string example;              // if it is: the first solution
    std::vector<Conflict> conflicts;  // if not: leaving out any one of them, the others can hold together
    std::vector<std::string> advice;  // values and changes with which there is a solution
};

using FixedValues = std::vector<std::pair<std::string, std::int64_t>>;  // name, value

// `fixed` sets variables to values, which need not be in their lists. Throws Error for an unknown variable.
Explanation explain(const Model& model, const FixedValues& fixed = {});

// Several lines, for people.
std::string to_string(const Explanation& explanation);

}  // namespace warpsmith
