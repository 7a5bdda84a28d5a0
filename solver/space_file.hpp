// Reads models from space files.
//
// A space file is a JSON object:
//   name         text
//   parameters   name -> domain, in the order that solutions are listed in
//   definitions  name -> expression; optional
//   constraints  list of expressions, or of {"condition": expression, "reason": text}
//   minimize     expression; optional
//   valid_configs_recounted   how many solutions there are; optional
// A domain is a list of numbers, texts and truth values, or one of
//   {"range": [first, last]}, {"range": [first, last, step]}    first, first + step, ... as far as last, which counts
//   {"divisors_of": n}                                          every divisor of n, ascending; n from 1
//   {"powers_of_two": [first, last]}                            1, 2, 4, ... as far as they lie within these two
// where a number can be a text instead: an expression over the parameters before it that have a single value. The
// domains of a space list at most 2^22 values together. A range can have 2^62: of a long one only the values that the
// constraints leave are listed, and only when the space is solved.
// Instead of parameters it may have values_per_parameter (name -> n: n numbers evenly spaced from -500 to 500), and
// instead of all of these a list "spaces" of such objects. Other keys are ignored.
#pragma once

#include <string>
#include <vector>

#include "solver/json_text.hpp"
#include "solver/model_text.hpp"

namespace warpsmith {

// Throw Error with file, line and column when the text is not a space file.
std::vector<ModelFromText> read_spaces(const SourceText& source);
std::vector<ModelFromText> read_spaces(const SourceText& source, const Json& document);
std::vector<ModelFromText> load_spaces(const std::string& path);
ModelFromText load_space(const std::string& path);  // also when the file holds more than one

// The space, when there is one; else throws Error.
ModelFromText only_space(std::vector<ModelFromText> spaces, const std::string& file);

}  // namespace warpsmith
