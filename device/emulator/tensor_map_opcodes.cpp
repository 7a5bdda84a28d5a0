// tensormap.replace and tensormap.cp_fenceproxy, on the emulator's own encoding of tensor maps.
#include <algorithm>
#include <cstring>

#include "device/emulator/check.hpp"
#include "device/emulator/checker.hpp"
#include "device/emulator/copy_out.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/tensor_map.hpp"
#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

struct FieldRow {
    std::string_view word;
    TensorMapField field;
    u32 bits;
    u32 ordinals;  // 0: the field is one
};
constexpr FieldRow kFields[] = {
    {"global_address", TensorMapField::global_address, 64, 0},
    {"rank", TensorMapField::rank, 32, 0},
    {"box_dim", TensorMapField::box_dim, 32, 5},
    {"global_dim", TensorMapField::global_dim, 32, 5},
    {"global_stride", TensorMapField::global_stride, 64, 4},
    {"element_stride", TensorMapField::element_stride, 32, 5},
    {"elemtype", TensorMapField::element_type, 32, 0},
    {"interleave_layout", TensorMapField::interleave_layout, 32, 0},
    {"swizzle_mode", TensorMapField::swizzle_mode, 32, 0},
    {"swizzle_atomicity", TensorMapField::swizzle_atomicity, 32, 0},
    {"fill_mode", TensorMapField::fill_mode, 32, 0},
};

void write_piece(Warp& warp, const Instruction& instruction, u32 lanes, const Access& access, u32 bytes) {
    check_store(warp, instruction, lanes, access, bytes, nullptr);
}

// `a` is the map's address, `b` the value, of `bytes` bytes. `aux` is the field, `extra` its ordinal, `offset` the
// Space.
void replace_field(Warp& warp, const Instruction& instruction, u32 lanes) {
    for_each_lane(lanes, [&](unsigned lane) {
        const Copier copier{warp, instruction, lane};
        const std::optional<Piece> piece =
            find_piece(copier, static_cast<Space>(instruction.offset), warp.source<u64>(instruction.a)[lane],
                       kTensorMapBytes, kTensorMapAlignment);
        if (!piece) {
            return;
        }
        if (!piece->region.writable) {
            copier.report(FindingKind::out_of_bounds, piece->address, "writing read-only memory");
            return;
        }
        check_piece(copier, *piece, kTensorMapBytes, check_load);
        check_piece(copier, *piece, kTensorMapBytes, write_piece);
        const bool wide = instruction.bytes == sizeof(u64);
        const u64 value = wide ? warp.source<u64>(instruction.b)[lane] : warp.source<u32>(instruction.b)[lane];
        try {
            replace_in_tensor_map(std::span<std::byte, kTensorMapBytes>(piece->host(), kTensorMapBytes),
                                  static_cast<TensorMapField>(instruction.aux), instruction.extra, value);
        } catch (const Error& error) {
            stop(warp, instruction, lane, FindingKind::trap, error.what());
        }
    });
    warp.changed = true;
    ++warp.worker->changes;
}

u32 ordinal_of(const syntax::Operand& operand, const FieldRow& row) {
    if (operand.kind != syntax::Operand::Kind::integer || operand.bits >= row.ordinals) {
        throw Unsupported{"an ordinal that is no number below " + std::to_string(row.ordinals)};
    }
    return static_cast<u32>(operand.bits);
}

void translate_replace(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool tile = modifiers.take("tile"), map = modifiers.take("b1024");
    const FieldRow* const row = std::find_if(std::begin(kFields), std::end(kFields),
                                             [&](const FieldRow& field) { return modifiers.take(field.word); });
    if (!tile || !map || row == std::end(kFields) || !modifiers.take(row->bits == 64 ? "b64" : "b32")) {
        throw Unsupported{"this field of a tensor map"};
    }
    const MemoryModifiers how = take_memory_modifiers(modifiers);
    const bool counted = row->ordinals != 0;
    assembly.expect_operands(counted ? 3 : 2);
    const Slot address = read_address(assembly, assembly.operand(0));
    const Slot value = assembly.read(counted ? 2 : 1, row->bits);
    const u32 ordinal = counted ? ordinal_of(assembly.operand(1), *row) : 0;
    Instruction& instruction = assembly.emit(replace_field, Class::store_shared, 0, address, value);
    instruction.aux = static_cast<u32>(row->field);
    instruction.extra = ordinal;
    instruction.offset = static_cast<s64>(how.space);
    instruction.bytes = static_cast<u16>(row->bits / 8);
}

// tensormap.cp_fenceproxy.global.shared::cta.tensormap::generic.release.gpu.sync.aligned [to], [from], 128: the lanes
// of a warp copy a tensor map once, and what they did before is seen with it. `a` is where to, `b` where from.
template <Scope scope>
void copy_map(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    const Copier copier{warp, instruction, first_lane(lanes)};
    const std::optional<Piece> from = find_piece(copier, Space::shared, warp.source<u64>(instruction.b)[copier.lane],
                                                 kTensorMapBytes, kTensorMapAlignment);
    const std::optional<Piece> to = find_piece(copier, Space::global, warp.source<u64>(instruction.a)[copier.lane],
                                               kTensorMapBytes, kTensorMapAlignment);
    if (from && to && !to->region.writable) {
        copier.report(FindingKind::out_of_bounds, to->address, "writing read-only memory");
    } else if (from && to) {
        check_piece(copier, *from, kTensorMapBytes, check_load);
        check_piece(copier, *to, kTensorMapBytes, write_piece);
        std::memcpy(to->host(), from->host(), kTensorMapBytes);
    }
    if (warp.worker->checker != nullptr) {
        warp.worker->checker->ordering().fence(*warp.order, lanes, scope);
    }
    warp.changed = true;
    ++warp.worker->changes;
    warp.advance();
}

void translate_copy(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    for (const std::string_view word : {"global", "shared::cta", "tensormap::generic", "release", "sync", "aligned"}) {
        if (!modifiers.take(word)) {
            throw Unsupported{"a copy of a tensor map without ." + std::string(word)};
        }
    }
    constexpr std::string_view kScopes[] = {"cta", "cluster", "gpu", "sys"};
    const std::size_t scope = modifiers.take_one_of(kScopes);
    assembly.expect_operands(3);
    const syntax::Operand& size = assembly.operand(2);
    if (scope == std::size(kScopes) || size.kind != syntax::Operand::Kind::integer || size.bits != kTensorMapBytes) {
        throw Unsupported{"a copy of another size than 128, or without a scope"};
    }
    const Slot to = read_address(assembly, assembly.operand(0)), from = read_address(assembly, assembly.operand(1));
    assembly.emit(scope == 0 ? copy_map<Scope::block> : copy_map<Scope::device>, Class::store_global, 0, to, from)
        .flow = Flow::control;
}

void translate_tensormap(Assembly& assembly) {
    if (assembly.modifiers().take("replace")) {
        translate_replace(assembly);
    } else if (assembly.modifiers().take("cp_fenceproxy")) {
        translate_copy(assembly);
    } else {
        throw Unsupported{"this operation"};
    }
}

}  // namespace

std::span<const OpcodeRow> tensor_map_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"tensormap", translate_tensormap}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
