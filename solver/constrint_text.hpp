// Reads ConstrINT text, the language of FlashRNN's constraint solver, into one tree per constraint.
//
//   A == [8, 16, 32];                  one of these
//   A * B ^ 2 + 4 <= C;                + * and powers with a constant exponent, == and <=
//   N % A * B == 0;                    A * B divides N
//   A <= 2 | B == 4;                   one of them or both; binds tighter than ;
//   # a comment, to the end of the line
//   #! largest_first A, B              a directive, which is a comment to the original: see constrint_file.hpp
//
// The original drops round brackets before it reads, so `(A + B) * C` means A + B * C there and `N % A * B == 0` means
// N % (A * B) == 0. With Brackets::counted, brackets group, and % binds as * does, from left to right, as in Python.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "solver/source_text.hpp"
#include "solver/syntax.hpp"

namespace warpsmith {

enum class Brackets : std::uint8_t { dropped, counted };

struct ConstrintRelation {
    Syntax meaning;    // operations equal, less_equal, logical_or and so on; `in` for a list; X % Y == 0 for a division
    std::string text;  // as written, in one line
};

// Complains, with the place, about everything that the original refuses, and about texts that it takes for a name
// because it knows no operator in them (`A - 1`, `A / B`, `A % B ==0`).
std::vector<ConstrintRelation> parse_constrint(const SourceText& source, Brackets brackets);

}  // namespace warpsmith
