// What a GPU answered, as files: one per group, one line per case, so that a change is seen in a diff.
//   # key: value                           of the machine
//   NAME <tab> DIGEST <tab> HEX            results as stored, or
//   NAME <tab> DIGEST <tab> error: WORDS
#pragma once

#include <map>

#include "tests/conformance/run_case.hpp"

namespace warpsmith::conformance {

struct Golden {
    std::string about;                      // the first file's header
    std::map<std::string, Answer> answers;  // of cases that are still the same
};

void write_golden(const std::string& folder, const std::string& header, const std::vector<Case>& cases,
                  const std::vector<Answer>& answers);
// Lines of other kernels or inputs than today's are left out. Throws Error on a line that cannot be read.
Golden read_golden(const std::string& folder, const std::vector<Case>& cases);

}  // namespace warpsmith::conformance
