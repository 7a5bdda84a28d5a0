// Which instructions of a function touch registers that a wgmma names, or that moves connect with such.
#pragma once

#include <utility>
#include <vector>

#include "device/emulator/assembly.hpp"

namespace warpsmith::emulator {

class RegisterUses {
  public:
    // Functions without wgmma.mma_async have none.
    explicit RegisterUses(const syntax::Function& function);

    // The instruction that the assembly is at became the code from `pc` on.
    void note(const Assembly& assembly, std::size_t pc);

    // Puts into Program::uses what the checks have to know.
    void tell(Program& program) const;

  private:
    struct Use {
        std::size_t pc = 0;
        std::vector<Slot> reads, writes;
        bool moves = false;
        bool is_move() const { return moves && !reads.empty(); }
    };
    std::vector<Slot> reachable() const;

    bool wanted_;
    std::vector<Slot> named_;  // by a wgmma
    std::vector<Use> uses_;
};

}  // namespace warpsmith::emulator
