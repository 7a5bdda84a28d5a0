// Reads models from T1 tuning-input files, as Kernel Tuner, KTT and BAT exchange them.
//
// Of the JSON object, only the space is read:
//   ConfigurationSpace
//     TuningParameters   list of {"Name": text, "Values": a Python list in a text, or a list}
//     Conditions         list of {"Expression": text} or of expressions; optional
//   General.BenchmarkName, else KernelSpecification.KernelName: the name of the model; optional
// Older files of BAT start these names with a small letter and call the conditions constraints; they are read too.
// Texts are Python, and && || ! are taken as in C. Values of the types int, uint, float, bool (as 0 or 1) and string
// are what the text says, whatever "Type" is. Other keys are ignored.
#pragma once

#include "solver/json_text.hpp"
#include "solver/model_text.hpp"

namespace warpsmith {

// Throw Error with file, line and column when the text is not such a file.
ModelFromText read_t1(const SourceText& source);
ModelFromText read_t1(const SourceText& source, const Json& document);

bool is_t1(const Json& document);

}  // namespace warpsmith
