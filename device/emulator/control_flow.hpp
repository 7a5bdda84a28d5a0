// Where the paths of a program join again: post-dominators, for the check of divergent barriers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "device/emulator/program.hpp"

namespace warpsmith::emulator {

class ControlFlow {
  public:
    explicit ControlFlow(const Program& program);

    // The first instruction behind the basic block of `pc` that every path to the end of the function comes to;
    // kNoReturn when there is none, or when nothing is done there but to return.
    std::uint32_t join(std::uint32_t pc) const;

    // Whether every path from `pc` to the end of the function comes to `later`.
    bool always_reaches(std::uint32_t pc, std::uint32_t later) const;

  private:
    struct BasicBlock {
        std::uint32_t first = 0, last = 0;  // [first, last)
        std::vector<std::uint32_t> next;    // blocks; of one that returns: none
        std::uint32_t join = kNoReturn;     // block
    };

    void split(const Function& function);
    void connect(std::size_t begin);
    void find_joins(std::size_t begin);
    std::vector<std::uint32_t> successors(std::uint32_t pc) const;

    const Program& program_;
    std::vector<BasicBlock> blocks_;
    std::vector<std::uint32_t> block_of_;  // [pc]
};

}  // namespace warpsmith::emulator
