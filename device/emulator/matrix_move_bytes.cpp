// ldmatrix and stmatrix of bytes (PTX ISA, "Warp-level matrix load instruction", for sm_100).
//
// A row of 16 elements has 16 bytes in shared memory: bytes, or packed elements of 6 or 4 bits and padding behind them,
// which become the low bits of bytes. A register holds 8 x 16 of them row by row; or, transposed, 16 rows of 8 columns:
// lane 4c + r has rows 4r to 4r + 3 of column c. Of a matrix of 16 x 8 that is stored transposed, lane 4r + c holds
// columns 2c and 2c + 1 of row r, then of row r + 8.
#include "device/emulator/matrix_move_bytes.hpp"

#include <algorithm>
#include <cstring>

#include "device/emulator/access.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/lanes.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

constexpr u32 kElements = kMatrixRowBytes;  // of a row
constexpr u32 kRows = 8, kTransposedRows = 16;

u32 mask_of(u32 rows) {
    return rows == kLanes ? kAllLanes : (1U << rows) - 1;
}

void unpack(const std::byte* row, u32 bits, u8* elements) {
    if (bits == 8) {
        std::memcpy(elements, row, kElements);
        return;
    }
    for (u32 i = 0; i < kElements; ++i) {
        const u32 at = i * bits;
        const u32 two = std::to_integer<u32>(row[at / 8]) | std::to_integer<u32>(row[at / 8 + 1]) << 8;
        elements[i] = static_cast<u8>(two >> at % 8 & ((1U << bits) - 1));
    }
}

// The padding of packed rows is not read.
void check_rows(Warp& warp, const Instruction& instruction, u32 good, Access access) {
    constexpr u32 step = 4;
    const u32 bytes = static_cast<u32>(instruction.offset) * kElements / 8;
    if (bytes == kMatrixRowBytes || bytes == kMatrixRowBytes / 2) {
        check_load(warp, instruction, good, access, bytes);
        return;
    }
    for (u32 done = 0; done < bytes; done += step) {
        check_load(warp, instruction, good, access, step);
        for (u32 lane = 0; lane < kLanes; ++lane) {
            access.address[lane] += step;
            access.host[lane] += step;
        }
    }
}

template <bool transposed>
void load_bytes(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    constexpr u32 rows = transposed ? kTransposedRows : kRows, registers = transposed ? 2 : 1;
    Access access;
    std::copy_n(warp.source<u64>(instruction.a), kLanes, access.address);
    const u32 good = resolve_addresses(warp, instruction, mask_of(rows * instruction.aux), Space::shared, Use::read,
                                       kMatrixRowBytes, access);
    check_rows(warp, instruction, good, access);
    for (u32 m = 0; m < instruction.aux; ++m) {
        u8 matrix[rows][kElements];
        for (u32 r = 0; r < rows; ++r) {
            unpack(access.host[m * rows + r], static_cast<u32>(instruction.offset), matrix[r]);
        }
        for (u32 i = 0; i < registers; ++i) {
            alignas(64) u8 value[4 * kLanes];
            for (u32 at = 0; at < 4 * kLanes; ++at) {
                const u32 lane = at / 4, byte = at % 4;
                value[at] = transposed ? matrix[lane % 4 * 4 + byte][i * kRows + lane / 4]
                                       : matrix[lane / 4][lane % 4 * 4 + byte];
            }
            alignas(64) u32 words[kLanes];
            std::memcpy(words, value, sizeof(words));
            store_lanes(warp.target<u32>(warp.program->slots[instruction.extra + m * registers + i]), words, lanes);
        }
    }
    warp.advance();
}

void store_bytes(Warp& warp, const Instruction& instruction, u32) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    Access access;
    std::copy_n(warp.source<u64>(instruction.a), kLanes, access.address);
    const u32 good = resolve_addresses(warp, instruction, mask_of(kRows * instruction.aux), Space::shared, Use::write,
                                       kMatrixRowBytes, access);
    check_store(warp, instruction, good, access, kMatrixRowBytes);
    for (u32 m = 0; m < instruction.aux; ++m) {
        const u8* const value = warp.source<u8>(warp.program->slots[instruction.extra + m]);
        u8 stored[kRows][kElements];
        for (u32 at = 0; at < 4 * kLanes; ++at) {
            const u32 lane = at / 4, byte = at % 4;
            stored[lane % 4 * 2 + byte % 2][byte / 2 * kRows + lane / 4] = value[at];
        }
        for_each_lane(good >> (m * kRows) & 0xFF,
                      [&](unsigned r) { std::memcpy(access.host[m * kRows + r], stored[r], kMatrixRowBytes); });
    }
    warp.changed = true;
    ++warp.worker->changes;
    warp.advance();
}

u32 take_element_bits(Modifiers& modifiers) {
    if (modifiers.take("b8")) {
        return 8;
    }
    if (modifiers.take("b8x16")) {
        return modifiers.take("b6x16_p32") ? 6 : modifiers.take("b4x16_p64") ? 4 : 0;
    }
    return 0;
}

}  // namespace

MatrixForm take_byte_form(Modifiers& modifiers, bool is_store, bool transposed) {
    const bool wide = modifiers.take("m16n16"), tall = !wide && modifiers.take("m16n8");
    const bool flat = !wide && !tall && modifiers.take("m8n16");
    const u32 bits = take_element_bits(modifiers);
    if (is_store && tall && transposed && bits == 8) {
        return {.rows = kRows, .registers = 1, .element_bits = bits, .run = store_bytes};
    }
    if (!is_store && wide && transposed && bits != 0) {
        return {.rows = kTransposedRows, .registers = 2, .element_bits = bits, .run = load_bytes<true>};
    }
    if (!is_store && flat && !transposed && bits != 0 && bits != 8) {
        return {.rows = kRows, .registers = 1, .element_bits = bits, .run = load_bytes<false>};
    }
    throw Unsupported{"matrices of this shape"};
}

}  // namespace warpsmith::emulator
