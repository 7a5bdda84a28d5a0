// SPACE on the command line: a workload, whose family has the space, or a file that has it.
#pragma once

#include <string>

#include "solver/constrint_text.hpp"
#include "solver/model.hpp"

namespace warpsmith {

struct NamedModel {
    std::string name;  // the workload's key, or the name that the file gives
    Model model;
    double parse_ms = 0;  // to read the text and build the model
};

// A word that names a file, or could only name one, is a space file, a T1 file or ConstrINT text, whose brackets count
// if `brackets` says so; anything else is a workload for the target.
NamedModel read_space(const std::string& argument, const std::string& target, Brackets brackets = Brackets::dropped);

}  // namespace warpsmith
