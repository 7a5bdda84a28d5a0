// The special registers: %tid.x, %laneid, %clock64 and the others.
#pragma once

#include <string_view>

#include "device/emulator/program.hpp"

namespace warpsmith::emulator {

struct SpecialRegister {
    std::string_view name;
    Handler read_32 = nullptr;  // into 32 lanes of 32 bits
    Handler read_64 = nullptr;  // of 64 bits
    Handler read_predicate = nullptr;
    bool has_order = false;        // depends on when it is read
    bool wants_workspace = false;  // holds a part of Grid::workspace
};

// Null when there is none of this name ("%tid.x").
const SpecialRegister* special_register(std::string_view name);

}  // namespace warpsmith::emulator
