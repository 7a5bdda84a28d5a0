// Reads models from space files.
//
// A space file is a JSON object:
//   name         text
//   parameters   name -> list of numbers, texts and truth values, in the order that solutions are listed in
//   definitions  name -> expression; optional
//   constraints  list of expressions, or of {"condition": expression, "reason": text}
//   minimize     expression; optional
//   valid_configs_recounted   how many solutions there are; optional
// Instead of parameters it may have values_per_parameter (name -> n: n numbers evenly spaced from -500 to 500), and
// instead of all of these a list "spaces" of such objects. Other keys are ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "solver/model.hpp"
#include "solver/source_text.hpp"

namespace warpsmith {

struct ModelFromText {
    std::string name;
    Model model;
    std::optional<std::uint64_t> expected_count;
};

// Throw Error with file, line and column when the text is not a space file.
std::vector<ModelFromText> read_spaces(const SourceText& source);
std::vector<ModelFromText> load_spaces(const std::string& path);
ModelFromText load_space(const std::string& path);  // also when the file holds more than one

}  // namespace warpsmith
