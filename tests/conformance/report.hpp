// The comparison for people: differences, counts per group, and the table of docs/emulator.md.
#pragma once

#include <iosfwd>

#include "tests/conformance/verdict.hpp"

namespace warpsmith::conformance {

// Prints each case that is different, failed or unsupported, `show` differences of each, and counts per group. Whether
// nothing is different or failed.
bool report(const std::vector<Case>& cases, const std::vector<Verdict>& verdicts, std::size_t show, std::ostream& out);

// Markdown: a row per opcode.
void print_table(const std::vector<Case>& cases, const std::vector<Verdict>& verdicts, std::ostream& out);

}  // namespace warpsmith::conformance
