// What a text says, before it is known what its names stand for: one tree for all languages that are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "solver/expr.hpp"
#include "solver/lexer.hpp"
#include "solver/source_text.hpp"

namespace warpsmith {

enum class Form : std::uint8_t {
    constant,       // a number or a text
    name,           //
    operation,      // `op` of one, two or three parts, as Expr has them
    comparison,     // a < b <= c: one more part than links
    call,           // `name` of the parts
    list,           // [a, b] or (a, b)
    comprehension,  // the element, then the clauses
    clause,         // for name, name in parts[0] if parts[1] if ...
};

enum class Link : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in };

// The operation that compares; not of `in` and `not_in`.
Op op_of(Link link);

struct Syntax {
    Form form = Form::constant;
    Op op = Op::constant;
    std::uint32_t depth = 1;  // at most Expr::kMaxDepth, so that walking a tree fits a small stack
    std::size_t offset = 0;   // where it stands in the source
    Value value;
    std::string name;
    std::vector<Syntax> parts;
    std::vector<Link> links;
    std::vector<std::string> targets;  // of a clause
};

// `inner` with the depth that its parts make. Complains when it is deeper than Expr::kMaxDepth.
Syntax with_parts(const SourceText& source, Syntax inner, std::vector<Syntax> parts);

// An expression in Python syntax, whatever its names: + - * / // % **, comparisons (chained too), in, and or not,
// a if c else b, calls, lists, tuples, list comprehensions, numbers, True, False and text in quotes. Complains, with
// the place and what was expected, about anything else, and about brackets and signs nested more than 200 deep.
Syntax parse_syntax(const SourceText& source, Language language);

}  // namespace warpsmith
