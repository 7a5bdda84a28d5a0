// How a model is searched: independent groups of variables, and for each variable what is computed and checked.
#pragma once

#include <cstddef>
#include <vector>

#include "solver/domains.hpp"
#include "solver/model.hpp"
#include "solver/terms.hpp"

namespace warpsmith {

struct Check {
    TermId condition = 0;
    std::size_t constraint = 0;  // the constraint it stems from
};

struct LevelPlan {
    std::size_t variable = 0;
    std::vector<TermId> steps;    // terms to compute for every value of the variable, operands before results
    std::vector<Check> checks;    // in the order in which `steps` allows them
    std::vector<TermId> exports;  // terms of this level that deeper ones use
    std::vector<TermId> key;      // terms of higher levels: where they agree, what is below here agrees
    bool can_share = false;       // different settings of the variables above may have the same key
};

// Variables that constraints connect, in the order in which they are set: the order of declaration.
struct GroupPlan {
    std::vector<LevelPlan> levels;
};

struct Plan {
    Terms terms;
    std::vector<Domain> domains;       // by variable
    std::vector<TermId> variables;     // the term of each
    std::vector<GroupPlan> groups;     // every variable is in exactly one
    std::vector<std::size_t> failing;  // constraints that fail whatever the variables are
    bool empty = false;                // nothing needs to be searched: there is no solution
};

Plan make_plan(const Model& model);

}  // namespace warpsmith
