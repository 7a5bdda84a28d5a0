// ldmatrix and stmatrix: matrices between shared memory and a warp's registers.
//
// A register of the warp, read as 64 half words, is a matrix of 8 x 8 in row-major order: lane 4r + c holds columns 2c
// and 2c + 1 of row r. Matrices of bytes are in matrix_move_bytes.cpp.
#include <algorithm>
#include <cstring>

#include "device/emulator/access.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/lanes.hpp"
#include "device/emulator/matrix_move_bytes.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

constexpr u32 kRows = 8, kRowBytes = kMatrixRowBytes;

void transpose(const u16* from, u16* to) {
    for (u32 r = 0; r < kRows; ++r) {
        for (u32 c = 0; c < kRows; ++c) {
            to[c * kRows + r] = from[r * kRows + c];
        }
    }
}

// `a` holds the addresses, those of matrix m in lanes 8m to 8m + 7; `aux` counts the matrices, `extra` lists the
// registers.
template <bool transposed>
void load_matrix(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    Access access;
    const u32 rows = kRows * instruction.aux, used = rows == kLanes ? kAllLanes : (1U << rows) - 1;
    std::copy_n(warp.source<u64>(instruction.a), kLanes, access.address);
    const u32 good = resolve_addresses(warp, instruction, used, Space::shared, Use::read, kRowBytes, access);
    check_load(warp, instruction, good, access, kRowBytes);
    for (u32 m = 0; m < instruction.aux; ++m) {
        alignas(64) u16 matrix[2 * kLanes], turned[2 * kLanes];
        for (u32 r = 0; r < kRows; ++r) {
            std::memcpy(matrix + std::size_t{r} * kRows, access.host[m * kRows + r], kRowBytes);
        }
        if (transposed) {
            transpose(matrix, turned);
        }
        alignas(64) u32 value[kLanes];
        std::memcpy(value, transposed ? turned : matrix, sizeof(value));
        store_lanes(warp.target<u32>(warp.program->slots[instruction.extra + m]), value, lanes);
    }
    warp.advance();
}

template <bool transposed>
void store_matrix(Warp& warp, const Instruction& instruction, u32) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    Access access;
    const u32 rows = kRows * instruction.aux, used = rows == kLanes ? kAllLanes : (1U << rows) - 1;
    std::copy_n(warp.source<u64>(instruction.a), kLanes, access.address);
    const u32 good = resolve_addresses(warp, instruction, used, Space::shared, Use::write, kRowBytes, access);
    check_store(warp, instruction, good, access, kRowBytes);
    for (u32 m = 0; m < instruction.aux; ++m) {
        alignas(64) u16 matrix[2 * kLanes], turned[2 * kLanes];
        std::memcpy(matrix, warp.source<u32>(warp.program->slots[instruction.extra + m]), sizeof(matrix));
        if (transposed) {
            transpose(matrix, turned);
        }
        for_each_lane(good >> (m * kRows) & 0xFF, [&](unsigned r) {
            std::memcpy(access.host[m * kRows + r], (transposed ? turned : matrix) + std::size_t{r} * kRows, kRowBytes);
        });
    }
    warp.changed = true;
    ++warp.worker->changes;
    warp.advance();
}

struct CountRow {
    std::string_view word;
    u32 matrices;
};
constexpr CountRow kCounts[] = {{"x1", 1}, {"x2", 2}, {"x4", 4}};

u32 take_matrices(Modifiers& modifiers) {
    for (const CountRow& row : kCounts) {
        if (modifiers.take(row.word)) {
            return row.matrices;
        }
    }
    throw Unsupported{"this number of matrices"};
}

MatrixForm take_form(Modifiers& modifiers, bool is_store, bool transposed) {
    if (modifiers.take("m8n8") && modifiers.take("b16")) {
        const Handler load = transposed ? load_matrix<true> : load_matrix<false>;
        const Handler store = transposed ? store_matrix<true> : store_matrix<false>;
        return {.rows = kRows, .registers = 1, .element_bits = 16, .run = is_store ? store : load};
    }
    return take_byte_form(modifiers, is_store, transposed);
}

void translate(Assembly& assembly, bool is_store) {
    Modifiers& modifiers = assembly.modifiers();
    modifiers.take("sync");
    modifiers.take("aligned");
    take_memory_modifiers(modifiers);
    const bool transposed = modifiers.take("trans");
    const u32 matrices = take_matrices(modifiers);
    const MatrixForm form = take_form(modifiers, is_store, transposed);
    if (matrices * form.rows > kLanes) {
        throw Unsupported{"this number of matrices"};
    }
    assembly.expect_operands(2);
    const Operand& registers = assembly.operand(is_store ? 1 : 0);
    const std::span<const Operand> parts =
        registers.kind == Operand::Kind::vector ? std::span<const Operand>(registers.parts) : std::span(&registers, 1);
    if (parts.size() != std::size_t{matrices} * form.registers) {
        throw Unsupported{"another number of registers"};
    }
    const Slot address = read_address(assembly, assembly.operand(is_store ? 0 : 1));
    const u32 list = is_store ? assembly.read_list(parts, 32) : assembly.write_list(parts, 32);
    Instruction& instruction = assembly.emit(form.run, Class::matrix_load, 0, address);
    instruction.extra = list;
    instruction.aux = matrices;
    instruction.offset = form.element_bits;
    instruction.bytes = kRowBytes;
    instruction.flow = Flow::control;
}

void translate_ldmatrix(Assembly& assembly) {
    translate(assembly, false);
}
void translate_stmatrix(Assembly& assembly) {
    translate(assembly, true);
}

void move_matrix(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    alignas(64) u16 matrix[2 * kLanes], turned[2 * kLanes];
    std::memcpy(matrix, warp.source<u32>(instruction.a), sizeof(matrix));
    transpose(matrix, turned);
    alignas(64) u32 value[kLanes];
    std::memcpy(value, turned, sizeof(value));
    store_lanes(warp.target<u32>(instruction.dst), value, lanes);
    warp.advance();
}

void translate_movmatrix(Assembly& assembly) {
    for (const std::string_view word : {"sync", "aligned", "m8n8", "trans", "b16"}) {
        assembly.modifiers().take(word);
    }
    assembly.expect_operands(2);
    const Slot a = assembly.read(1, 32);
    assembly.emit(move_matrix, Class::matrix_load, assembly.write(0, 32), a).flow = Flow::control;
}

}  // namespace

std::span<const OpcodeRow> matrix_move_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {
        {"ldmatrix", translate_ldmatrix}, {"stmatrix", translate_stmatrix}, {"movmatrix", translate_movmatrix}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
