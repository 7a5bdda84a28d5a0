// Reads expressions in Python syntax.
#pragma once

#include "solver/expr.hpp"
#include "solver/lexer.hpp"
#include "solver/model.hpp"
#include "solver/source_text.hpp"
#include "solver/syntax.hpp"

namespace warpsmith {

// + - * / // % **, comparisons (chained too), in [..], and or not, a if c else b, min max abs pow, True False, numbers
// and text in quotes; names are the model's variables and definitions. Complains, with the place and what was expected,
// about anything else, about brackets nested more than 200 deep, and about more than Expr allows.
Expr parse_expression(const SourceText& source, const Model& model, Language language = Language::python);

// What a tree that was read from `source` means in the model.
Expr to_expr(const Syntax& syntax, const SourceText& source, const Model& model);

}  // namespace warpsmith
