// A launch geometry as CUDA C++: what remains of an expression once a configuration is chosen.
#pragma once

#include <set>
#include <string>

#include "templates/family.hpp"

namespace warpsmith {

// The choice that is put into expressions.
struct ChosenConfig {
    const Model& model;  // that the expressions are of
    const Config& config;
    std::set<std::string> runtime_dimensions;  // definitions of these names stay names
};

// `expr` over 64-bit integers, in terms of the runtime dimensions and of the functions of kEmittedPrelude alone; all
// that does not depend on a runtime dimension is a number. Throws Error for what has no meaning there (text, powers).
std::string cuda_expression(const Expr& expr, const ChosenConfig& chosen);

// Which runtime dimensions `expr` depends on.
std::set<std::string> runtime_dimensions_of(const Expr& expr, const ChosenConfig& chosen);

}  // namespace warpsmith
