// The values that each variable can still take once every constraint on one variable alone has been applied.
#pragma once

#include <cstdint>
#include <vector>

#include "solver/model.hpp"
#include "solver/scalar.hpp"

namespace warpsmith {

struct Domain {
    std::vector<Scalar> values;        // refer to the model
    std::vector<std::uint32_t> codes;  // the place of each in the variable's list
};

struct Domains {
    std::vector<Domain> of;         // by variable
    std::vector<std::size_t> open;  // the constraints that still have to be checked, by position
    bool empty = false;             // some constraint excludes everything
};

// A constraint that cannot be evaluated for some value stays open.
Domains reduce_domains(const Model& model);

// The variables in an expression, ascending.
std::vector<std::size_t> variables_in(const Expr& expr);

}  // namespace warpsmith
