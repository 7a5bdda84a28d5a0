// Writes many solutions as lines of text or of JSON: what a value looks like is worked out once, not once per line.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "solver/solution_table.hpp"

namespace warpsmith {

class SolutionWriter {
  public:
    SolutionWriter(std::shared_ptr<const Scope> scope, bool json, std::FILE* file);

    // Whole lines, before it returns. Throws Error when the file does not take them.
    void write(const SolutionTable& solutions);

  private:
    std::string written(std::size_t variable, std::uint32_t code) const;
    void append(std::size_t variable, std::uint32_t code);
    void flush();

    std::shared_ptr<const Scope> scope_;
    bool json_;
    std::FILE* file_;
    std::vector<std::string> names_;               // by variable: what precedes its value
    std::vector<std::vector<std::string>> known_;  // by variable and code: name and value; empty: not yet written
    std::string lines_;
};

}  // namespace warpsmith
