// A row of the table of mma.sync: a shape, its types and what executes it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "device/emulator/program.hpp"
#include "device/emulator/types.hpp"

namespace warpsmith::emulator {

struct MmaRow {
    std::string_view shape;
    Type d, a, b, c;
    std::uint32_t registers[4];  // of D, A, B, C
    unsigned bits;               // of each
    std::uint32_t macs;
    Handler run;
    std::string_view bit_operation = {};  // of 1-bit elements: "xor" or "and"
};

// Those whose registers hold bytes of 8 x 8 results, 4-bit or 1-bit elements.
std::span<const MmaRow> narrow_mma_rows();

}  // namespace warpsmith::emulator
