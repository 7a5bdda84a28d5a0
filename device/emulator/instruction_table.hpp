// The instruction table as a whole: from an opcode to how it is translated.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {

class InstructionTable {
  public:
    InstructionTable();

    // Translates one instruction. Throws Unsupported when no row is for it, or when the row does not take its
    // modifiers.
    void translate(Assembly& assembly) const;

  private:
    std::unordered_map<std::string, const LaneRow*> lanes_;          // "add.s32/2": opcode and number of sources
    std::unordered_map<std::string_view, const OpcodeRow*> others_;  // "ld"
};

}  // namespace warpsmith::emulator
