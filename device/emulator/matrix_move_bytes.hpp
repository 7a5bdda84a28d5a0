// Forms of ldmatrix and stmatrix.
#pragma once

#include <cstdint>

#include "device/emulator/assembly.hpp"

namespace warpsmith::emulator {

constexpr std::uint32_t kMatrixRowBytes = 16;  // in shared memory, of every form

struct MatrixForm {
    std::uint32_t rows = 8;          // each at an address of its own
    std::uint32_t registers = 1;     // of one matrix
    std::uint32_t element_bits = 8;  // in shared memory
    Handler run = nullptr;           // its Instruction has the address in `a`, the number of matrices in `aux`, the
                                     // registers from `extra` on and the bits of an element in `offset`
};

// Of matrices of bytes, also of those that are packed elements of 6 or 4 bits in memory. Throws Unsupported where the
// modifiers name none.
MatrixForm take_byte_form(Modifiers& modifiers, bool is_store, bool transposed);

}  // namespace warpsmith::emulator
