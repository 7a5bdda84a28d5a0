// cp.async.bulk.tensor: copies of a part of a tensor that a tensor map describes.
//
// It lies in shared memory row behind row, the innermost dimension first, its 16-byte chunks swizzled by the address
// that they have there. What hangs over the tensor is filled when it is loaded and left out when it is stored.
#include <algorithm>
#include <cstring>

#include "device/emulator/atomic.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/copy_async.hpp"
#include "device/emulator/copy_out.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/tensor_elements.hpp"
#include "device/emulator/tensor_map.hpp"
#include "device/emulator/tensor_walk.hpp"
#include "solver/error.hpp"

namespace warpsmith::emulator {

using namespace short_names;
using syntax::Operand;

namespace {

constexpr u64 kBoxAlignment = 128;

// Of an instruction: `a` the tensor map, `b` the place in shared memory. Slots from `extra` on: coordinates, offsets of
// im2col, then of a load the mbarrier and, where there is one, the mask of blocks. `aux` is this:
struct Form {
    WalkMode mode = WalkMode::tile;
    u32 rank = 0;
    bool has_offsets = false, has_mask = false;

    u32 packed() const {
        return static_cast<u32>(mode) | rank << 8 | (has_offsets ? 1U : 0U) << 16 | (has_mask ? 1U : 0U) << 17;
    }
    static Form of(u32 bits) {
        return {static_cast<WalkMode>(bits & 0xFF), bits >> 8 & 0xFF, (bits >> 16 & 1) != 0, (bits >> 17 & 1) != 0};
    }
    u32 coordinates() const { return mode == WalkMode::four_rows ? kMostTensorDims : rank; }
    u32 offsets() const { return has_offsets ? rank - 2 : 0; }
};
// `offset` of a reduction counts in kReductions from 1.

TensorWalk walk_of(const Copier& copier) {
    const Form form = Form::of(copier.instruction.aux);
    const Slot* const slots = copier.warp.program->slots.data() + copier.instruction.extra;
    TensorWalk walk{.mode = form.mode};
    for (u32 i = 0; i < form.coordinates(); ++i) {
        walk.first[i] = copier.warp.source<s32>(slots[i])[copier.lane];
    }
    for (u32 i = 0; i < form.offsets(); ++i) {
        walk.offsets[i] = copier.warp.source<u16>(slots[form.coordinates() + i])[copier.lane];
    }
    return walk;
}

std::optional<TensorTile> find_tile(const Copier& copier, const TensorWalk& walk) {
    const u64 address = copier.warp.source<u64>(copier.instruction.a)[copier.lane];
    const std::optional<Piece> piece =
        find_piece(copier, Space::generic, address, kTensorMapBytes, kTensorMapAlignment);
    if (!piece) {
        return std::nullopt;
    }
    check_piece(copier, *piece, kTensorMapBytes, check_load);
    std::string what;
    try {
        const TensorTile tile =
            decode_tensor_map(std::span<const std::byte, kTensorMapBytes>(piece->host(), kTensorMapBytes));
        const u32 rank = Form::of(copier.instruction.aux).rank;
        what = tile.rank != rank ? "a tensor map of " + std::to_string(tile.rank) + " dimensions" : defect(tile, walk);
        if (what.empty()) {
            return tile;
        }
    } catch (const Error& error) {
        what = error.what();
    }
    stop(copier.warp, copier.instruction, copier.lane, FindingKind::trap, what);
    return std::nullopt;
}

// The box as it will lie at `address`; nothing when its tensor reaches beyond its memory.
std::optional<std::vector<std::byte>> load_box(const Copier& copier, const TensorTile& tile, const TensorWalk& walk,
                                               u64 address) {
    std::vector<std::byte> box(walk.bytes(tile));
    fill_outside(tile, box);
    for (const OutgoingRun& run : runs_inside(tile, walk)) {
        const std::optional<Piece> source = find_piece(copier, Space::global, run.address, run.bytes, 1);
        if (!source) {
            return std::nullopt;
        }
        check_piece(copier, *source, run.bytes, check_load);
        std::memcpy(box.data() + run.at, source->host(), run.bytes);
        convert_elements(tile.element, box.data() + run.at, run.bytes);
    }
    if (tile.swizzle == Swizzle::none) {
        return box;
    }
    std::vector<std::byte> placed(box.size());
    constexpr u64 kChunk = 16;
    for (u64 at = 0; at < box.size(); at += kChunk) {
        std::memcpy(placed.data() + (swizzled(tile.swizzle, address + at) - address), box.data() + at, kChunk);
    }
    return placed;
}

void load_lane(const Copier& copier) {
    Warp& warp = copier.warp;
    const Instruction& instruction = copier.instruction;
    const TensorWalk walk = walk_of(copier);
    const std::optional<TensorTile> tile = find_tile(copier, walk);
    if (!tile) {
        return;
    }
    const std::optional<Piece> target = find_piece(copier, Space::cluster, warp.source<u64>(instruction.b)[copier.lane],
                                                   walk.bytes(*tile), kBoxAlignment);
    const Form form = Form::of(instruction.aux);
    const Slot* const more = warp.program->slots.data() + instruction.extra + form.coordinates() + form.offsets();
    const std::optional<u64> barrier =
        target ? find_barrier(copier, *target, warp.source<u64>(more[0])[copier.lane]) : std::nullopt;
    if (!barrier) {
        return;
    }
    if (std::optional<std::vector<std::byte>> data = load_box(copier, *tile, walk, target->address)) {
        start_bulk_copies(*target->region.owner,
                          {.barrier = *barrier,
                           .target = target->offset(),
                           .data = std::move(*data),
                           .warp = &warp,
                           .lane = copier.lane,
                           .pc = copier.pc()},
                          form.has_mask ? std::optional<u32>(warp.source<u16>(more[1])[copier.lane]) : std::nullopt);
    }
}

// In the order of TensorElement.
constexpr Type kTypes[] = {Type::u8,  Type::u16, Type::u32,  Type::s32, Type::u64, Type::s64, Type::f16,
                           Type::f32, Type::f64, Type::bf16, Type::f32, Type::f32, Type::f32};

// Bits have types of their own; nothing, and a finding, when the element type has no such reduction.
std::optional<Reduction> reduction_of(const Copier& copier, const TensorTile& tile) {
    if (copier.instruction.offset == 0) {
        return Reduction{};
    }
    const std::string_view operation = kReductions[static_cast<std::size_t>(copier.instruction.offset - 1)];
    const bool on_bits = operation == "and" || operation == "or" || operation == "xor";
    const Type type = kTypes[static_cast<std::size_t>(tile.element)];
    try {
        return find_reduction(operation, !on_bits ? type : bytes(type) == 8 ? Type::b64 : Type::b32, false);
    } catch (const Unsupported&) {
        stop(copier.warp, copier.instruction, copier.lane, FindingKind::unsupported_instruction,
             "no such reduction is there for " + std::string(tile.traits().name));
        return std::nullopt;
    }
}

void store_lane(const Copier& copier) {
    const TensorWalk walk = walk_of(copier);
    const std::optional<TensorTile> tile = find_tile(copier, walk);
    if (!tile) {
        return;
    }
    const std::optional<Piece> source =
        find_piece(copier, Space::shared, copier.warp.source<u64>(copier.instruction.b)[copier.lane], walk.bytes(*tile),
                   kBoxAlignment);
    const std::optional<Reduction> reduction = reduction_of(copier, *tile);
    if (source && reduction) {
        start_copy_out(copier, *source,
                       {.bytes = walk.bytes(*tile),
                        .runs = runs_inside(*tile, walk),
                        .swizzle = static_cast<u8>(tile->swizzle),
                        .combine = reduction->combine,
                        .element_bytes = reduction->element_bytes});
    }
}

template <void (*copy_lane)(const Copier&)>
void copy_box(Warp& warp, const Instruction& instruction, u32 lanes) {
    for_each_lane(lanes, [&](unsigned lane) { copy_lane({warp, instruction, lane}); });
    warp.changed = true;
    ++warp.worker->changes;
}

void nothing(Warp&, const Instruction&, u32) {}

struct RankRow {
    std::string_view word;
    u32 rank;
};
constexpr RankRow kRanks[] = {{"1d", 1}, {"2d", 2}, {"3d", 3}, {"4d", 4}, {"5d", 5}};

u32 take_rank(Modifiers& modifiers) {
    for (const RankRow& row : kRanks) {
        if (modifiers.take(row.word)) {
            return row.rank;
        }
    }
    throw Unsupported{"tensors of this rank"};
}

// [map, {coordinates}]: the slot of the map's address; the coordinates' are added to `slots`.
Slot read_map(Assembly& assembly, const Operand& operand, const Form& form, std::vector<Slot>& slots) {
    if (operand.kind != Operand::Kind::address || operand.parts.size() != 2 ||
        operand.parts[1].parts.size() != form.coordinates()) {
        throw Unsupported{"another number of coordinates"};
    }
    for (const Operand& coordinate : operand.parts[1].parts) {
        slots.push_back(assembly.read(coordinate, 32));
    }
    return read_address(assembly, operand);
}

struct ModeRow {
    std::string_view word;
    WalkMode mode;
    bool loads, stores, reduces;
    u32 least_rank, most_rank;
};
constexpr ModeRow kModes[] = {
    {"tile", WalkMode::tile, true, true, true, 1, 5},
    {"tile::gather4", WalkMode::four_rows, true, false, false, 2, 2},
    {"tile::scatter4", WalkMode::four_rows, false, true, false, 2, 2},
    {"im2col", WalkMode::im2col, true, false, false, 3, 5},
    {"im2col_no_offs", WalkMode::im2col, false, true, true, 3, 5},
};

Form take_form(Modifiers& modifiers, bool loads, bool reduces) {
    Form form{.rank = take_rank(modifiers)};
    for (const ModeRow& row : kModes) {
        if (!modifiers.take(row.word)) {
            continue;
        }
        if (!(loads     ? row.loads
              : reduces ? row.reduces
                        : row.stores) ||
            form.rank < row.least_rank || form.rank > row.most_rank) {
            throw Unsupported{"." + std::string(row.word) + " in this form"};
        }
        form.mode = row.mode;
        form.has_offsets = loads && row.mode == WalkMode::im2col;
        break;
    }
    return form;
}

// [map, {coordinates}], then [mbarrier] {offsets}, mask, policy where a load has them.
void translate_load(Assembly& assembly, Form form) {
    const std::size_t offsets_at = 3, mask_at = form.has_offsets ? 4 : 3;
    const std::size_t policy_at = form.has_mask ? mask_at + 1 : mask_at;
    assembly.expect_operands(policy_at, policy_at + 1);
    if (assembly.operands() > policy_at && !assembly.operand(policy_at).parts.empty()) {
        throw Unsupported{"offsets without .im2col"};
    }
    std::vector<Slot> slots;
    const Slot map = read_map(assembly, assembly.operand(1), form, slots);
    const Slot target = read_address(assembly, assembly.operand(0));
    if (form.has_offsets) {
        const Operand& offsets = assembly.operand(offsets_at);
        if (offsets.parts.size() != form.offsets()) {
            throw Unsupported{"another number of im2col offsets"};
        }
        for (const Operand& offset : offsets.parts) {
            slots.push_back(assembly.read(offset, 16));
        }
    }
    slots.push_back(read_address(assembly, assembly.operand(2)));
    if (form.has_mask) {
        slots.push_back(assembly.read(mask_at, 16));
    }
    const u32 list = assembly.list(slots);
    Instruction& instruction = assembly.emit(copy_box<load_lane>, Class::copy_async, 0, map, target);
    instruction.extra = list;
    instruction.aux = form.packed();
}

void translate_store(Assembly& assembly, const Form& form, s64 operation) {
    assembly.expect_operands(2, 3);
    std::vector<Slot> slots;
    const Slot map = read_map(assembly, assembly.operand(0), form, slots);
    const Slot source = read_address(assembly, assembly.operand(1));
    const u32 list = assembly.list(slots);
    Instruction& instruction = assembly.emit(copy_box<store_lane>, Class::copy_async, 0, map, source);
    instruction.extra = list;
    instruction.aux = form.packed();
    instruction.offset = operation;
    instruction.has_order = operation != 0;
}

}  // namespace

// What comes behind "cp{.reduce}.async.bulk{.prefetch}.tensor".
void translate_bulk_tensor(Assembly& assembly, bool reduces, bool prefetches) {
    Modifiers& modifiers = assembly.modifiers();
    const bool signals = modifiers.take("mbarrier::complete_tx::bytes"), out = modifiers.take("bulk_group");
    if ((signals ? 1 : 0) + (out ? 1 : 0) + (prefetches ? 1 : 0) != 1 || (reduces && !out)) {
        throw Unsupported{"a tensor copy that ends so"};
    }
    Form form = take_form(modifiers, !out, reduces);
    form.has_mask = modifiers.take("multicast::cluster");
    for (const std::string_view word : {"shared::cluster", "shared::cta", "global", "L2"}) {
        modifiers.take(word);
    }
    modifiers.drop_prefixed("L2::");
    const std::size_t operation = reduces ? modifiers.take_one_of(kReductions) : 0;
    if (operation == std::size(kReductions)) {
        throw Unsupported{"this reduction"};
    }
    if (signals) {
        translate_load(assembly, form);
    } else if (out) {
        translate_store(assembly, form, reduces ? static_cast<s64>(operation + 1) : 0);
    } else {
        assembly.emit(nothing, Class::copy_async);
    }
}

}  // namespace warpsmith::emulator
