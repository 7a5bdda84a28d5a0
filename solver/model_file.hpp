// The one door for models in text: space files, T1 tuning-input files and ConstrINT text, told apart by their content.
#pragma once

#include <string>

#include "solver/constrint_text.hpp"
#include "solver/model_text.hpp"

namespace warpsmith {

// What starts with { is JSON: with ConfigurationSpace a T1 file, else a space file that holds one space. Anything else
// is ConstrINT text, where `brackets` says what brackets mean. Throws Error with file, line and column, and says what
// the text was taken for.
ModelFromText read_model(const SourceText& source, Brackets brackets = Brackets::dropped);
ModelFromText load_model(const std::string& path, Brackets brackets = Brackets::dropped);

}  // namespace warpsmith
