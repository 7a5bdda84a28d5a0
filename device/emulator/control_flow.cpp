#include "device/emulator/control_flow.hpp"

#include <algorithm>

namespace warpsmith::emulator {
namespace {

// Immediate dominators of a graph with one root, by the algorithm of Cooper, Harvey and Kennedy ("A simple, fast
// dominance algorithm", 2001). Nodes that the root does not reach have none.
class Dominators {
  public:
    Dominators(const std::vector<std::vector<std::uint32_t>>& next, std::uint32_t root)
        : next_(next), number_(next.size(), kNoReturn), dominator_(next.size(), kNoReturn) {
        number_nodes(root);
        std::vector<std::vector<std::uint32_t>> before(next.size());
        for (const std::uint32_t node : order_) {
            for (const std::uint32_t successor : next[node]) {
                before[successor].push_back(node);
            }
        }
        dominator_[root] = root;
        for (bool changed = true; changed;) {
            changed = false;
            for (std::size_t i = order_.size() - 1; i-- > 0;) {  // all but the root, which is the last to be left
                changed = improve(order_[i], before[order_[i]]) || changed;
            }
        }
    }

    const std::vector<std::uint32_t>& result() const { return dominator_; }

  private:
    // Depth first; a node's number is that of its leaving.
    void number_nodes(std::uint32_t root) {
        std::vector<std::pair<std::uint32_t, std::size_t>> open = {{root, 0}};
        std::vector<char> seen(next_.size(), 0);
        seen[root] = 1;
        while (!open.empty()) {
            auto& [node, child] = open.back();
            if (child == next_[node].size()) {
                number_[node] = static_cast<std::uint32_t>(order_.size());
                order_.push_back(node);
                open.pop_back();
                continue;
            }
            const std::uint32_t successor = next_[node][child++];
            if (seen[successor] == 0) {
                seen[successor] = 1;
                open.emplace_back(successor, 0);
            }
        }
    }

    bool improve(std::uint32_t node, const std::vector<std::uint32_t>& before) {
        std::uint32_t best = kNoReturn;
        for (const std::uint32_t candidate : before) {
            if (dominator_[candidate] != kNoReturn) {
                best = best == kNoReturn ? candidate : intersect(best, candidate);
            }
        }
        const bool changed = dominator_[node] != best;
        dominator_[node] = best;
        return changed;
    }

    std::uint32_t intersect(std::uint32_t one, std::uint32_t other) const {
        while (one != other) {
            while (number_[one] < number_[other]) {
                one = dominator_[one];
            }
            while (number_[other] < number_[one]) {
                other = dominator_[other];
            }
        }
        return one;
    }

    const std::vector<std::vector<std::uint32_t>>& next_;
    std::vector<std::uint32_t> number_, dominator_, order_;
};

}  // namespace

std::vector<std::uint32_t> ControlFlow::successors(std::uint32_t pc) const {
    const Instruction& instruction = program_.code[pc];
    std::vector<std::uint32_t> found;
    if (instruction.successor == Successor::target) {
        found.push_back(instruction.extra);
    } else if (instruction.successor == Successor::table) {
        found = program_.branch_tables[instruction.extra];
    }
    if (instruction.successor == Successor::next || instruction.guarded) {
        found.push_back(pc + 1);
    }
    return found;
}

void ControlFlow::split(const Function& function) {
    std::vector<char> leads(function.last - function.first + 1, 0);
    leads[0] = 1;
    for (std::uint32_t pc = function.first; pc < function.last; ++pc) {
        if (program_.code[pc].successor == Successor::next) {
            continue;
        }
        leads[pc + 1 - function.first] = 1;
        for (const std::uint32_t target : successors(pc)) {
            if (target >= function.first && target < function.last) {
                leads[target - function.first] = 1;
            }
        }
    }
    for (std::uint32_t pc = function.first; pc < function.last; ++pc) {
        if (leads[pc - function.first] != 0) {
            blocks_.push_back({.first = pc});
        }
        block_of_[pc] = static_cast<std::uint32_t>(blocks_.size() - 1);
        blocks_.back().last = pc + 1;
    }
}

void ControlFlow::connect(std::size_t begin) {
    for (std::size_t b = begin; b < blocks_.size(); ++b) {
        for (const std::uint32_t target : successors(blocks_[b].last - 1)) {
            if (target < program_.code.size() && block_of_[target] >= begin && block_of_[target] < blocks_.size()) {
                blocks_[b].next.push_back(block_of_[target]);
            }
        }
    }
}

// Dominators of the reversed graph, whose root is one more node, behind every block that returns.
void ControlFlow::find_joins(std::size_t begin) {
    const std::size_t count = blocks_.size() - begin;
    std::vector<std::vector<std::uint32_t>> reversed(count + 1);
    for (std::size_t b = 0; b < count; ++b) {
        for (const std::uint32_t next : blocks_[begin + b].next) {
            reversed[next - begin].push_back(static_cast<std::uint32_t>(b));
        }
        if (program_.code[blocks_[begin + b].last - 1].successor == Successor::none) {
            reversed[count].push_back(static_cast<std::uint32_t>(b));
        }
    }
    const Dominators dominators(reversed, static_cast<std::uint32_t>(count));
    for (std::size_t b = 0; b < count; ++b) {
        const std::uint32_t join = dominators.result()[b];
        blocks_[begin + b].join = join < count ? static_cast<std::uint32_t>(begin + join) : kNoReturn;
    }
}

ControlFlow::ControlFlow(const Program& program) : program_(program), block_of_(program.code.size(), 0) {
    for (const Function& function : program.functions) {
        if (function.has_body) {
            const std::size_t begin = blocks_.size();
            split(function);
            connect(begin);
            find_joins(begin);
        }
    }
}

std::uint32_t ControlFlow::join(std::uint32_t pc) const {
    const std::uint32_t join = blocks_[block_of_[pc]].join;
    if (join == kNoReturn || program_.code[blocks_[join].first].successor == Successor::none) {
        return kNoReturn;
    }
    return blocks_[join].first;
}

bool ControlFlow::always_reaches(std::uint32_t pc, std::uint32_t later) const {
    std::uint32_t block = block_of_[pc];
    if (block == block_of_[later]) {
        return later > pc;
    }
    while (block != kNoReturn && block != block_of_[later]) {
        block = blocks_[block].join;
    }
    return block != kNoReturn;
}

}  // namespace warpsmith::emulator
