// cp.async.bulk.tensor: copies of a box of a tensor that a tensor map describes; tiles alone, no im2col.
//
// A box lies in shared memory row behind row, the innermost dimension first, its 16-byte chunks swizzled by the address
// that they have there. What hangs over the tensor is filled when it is loaded and left out when it is stored.
#include <algorithm>
#include <cstring>

#include "device/emulator/atomic.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/copy_async.hpp"
#include "device/emulator/copy_out.hpp"
#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/tensor_map.hpp"

namespace warpsmith::emulator {

using namespace short_names;
using syntax::Operand;

namespace {

constexpr u64 kBoxAlignment = 128;

// Of an instruction: `a` the tensor map, `b` the place in shared memory. Slots from `extra` on: coordinates, then of a
// load the mbarrier and, where there is one, the mask of blocks. `aux` is the rank and these:
constexpr u32 kRankBits = 0xFF, kHasMask = 256;
// `offset` of a reduction counts in kReductions from 1.

using Coordinates = std::array<s64, kMostTensorDims>;

std::optional<TensorTile> find_tile(const Copier& copier) {
    const u64 address = copier.warp.source<u64>(copier.instruction.a)[copier.lane];
    const std::optional<Piece> piece =
        find_piece(copier, Space::generic, address, kTensorMapBytes, kTensorMapAlignment);
    if (!piece) {
        return std::nullopt;
    }
    check_piece(copier, *piece, kTensorMapBytes, check_load);
    const std::optional<TensorTile> tile =
        decode_tensor_map(std::span<const std::byte, kTensorMapBytes>(piece->host(), kTensorMapBytes));
    if (!tile) {
        stop(copier.warp, copier.instruction, copier.lane, FindingKind::trap,
             "there is no tensor map here that the emulator made; pass one as an argument of its own");
        return std::nullopt;
    }
    if (tile->rank != (copier.instruction.aux & kRankBits)) {
        stop(copier.warp, copier.instruction, copier.lane, FindingKind::trap,
             "a tensor map of " + std::to_string(tile->rank) + " dimensions");
        return std::nullopt;
    }
    return tile;
}

Coordinates coordinates_of(const Copier& copier) {
    Coordinates coordinates{};
    for (u32 dim = 0; dim < (copier.instruction.aux & kRankBits); ++dim) {
        coordinates[dim] =
            copier.warp.source<s32>(copier.warp.program->slots[copier.instruction.extra + dim])[copier.lane];
    }
    return coordinates;
}

// The parts of the box that lie in the tensor, a row at most each: where in memory, and where in the box.
std::vector<OutgoingRun> inside(const TensorTile& tile, const Coordinates& first) {
    const u64 rows = tile.box_bytes() / tile.row_bytes(), size = tile.traits().bytes;
    const s64 from = std::max<s64>(0, -first[0]);
    const s64 to = std::min<s64>(tile.box[0], static_cast<s64>(tile.dims[0]) - first[0]);
    std::vector<OutgoingRun> runs;
    for (u64 row = 0; row < rows && from < to; ++row) {
        u64 address = tile.address + static_cast<u64>(first[0] + from) * size, rest = row;
        bool outside = false;
        for (u32 dim = 1; dim < tile.rank; ++dim) {
            const s64 place = first[dim] + static_cast<s64>(rest % tile.extent(dim) * tile.step[dim]);
            outside = outside || place < 0 || place >= static_cast<s64>(tile.dims[dim]);
            address += static_cast<u64>(place) * tile.stride_bytes[dim - 1];
            rest /= tile.extent(dim);
        }
        if (!outside) {
            runs.push_back({.address = address,
                            .at = row * tile.row_bytes() + static_cast<u64>(from) * size,
                            .bytes = static_cast<u64>(to - from) * size});
        }
    }
    return runs;
}

// To tf32 and without subnormal numbers, as the element type says. Which way ties go is not documented: as in
// cvt.rna.tf32, away from zero.
void convert(TensorElement element, std::byte* bytes, u64 size) {
    const bool rounds = element == TensorElement::tf32 || element == TensorElement::tf32_ftz;
    const bool flushes = element == TensorElement::f32_ftz || element == TensorElement::tf32_ftz;
    constexpr u32 kInfinity = 0x7F800000, kHalfUnit = 0x1000, kKept = ~u32{0x1FFF};
    for (u64 at = 0; (rounds || flushes) && at < size; at += sizeof(u32)) {
        u32 bits;
        std::memcpy(&bits, bytes + at, sizeof bits);
        const u32 magnitude = bits & ~(u32{1} << 31), sign = bits ^ magnitude;
        bits = flushes && magnitude < 0x00800000 ? sign : bits;
        bits = rounds && magnitude > kInfinity ? kFloatNaN & kKept
               : rounds                        ? (bits + (magnitude < kInfinity ? kHalfUnit : 0)) & kKept
                                               : bits;
        std::memcpy(bytes + at, &bits, sizeof bits);
    }
}

// NaN in every bit but the sign is what 16-bit and single precision have for "out of bounds".
void fill(const TensorTile& tile, std::vector<std::byte>& data) {
    const std::size_t size = tile.traits().bytes;
    std::fill(data.begin(), data.end(), tile.fill == OutsideFill::nans ? std::byte{0xFF} : std::byte{0});
    for (std::size_t at = size - 1; tile.fill == OutsideFill::nans && at < data.size(); at += size) {
        data[at] = std::byte{0x7F};
    }
}

// The box as it will lie at `address`; nothing when its tensor reaches beyond its memory.
std::optional<std::vector<std::byte>> load_box(const Copier& copier, const TensorTile& tile, u64 address) {
    std::vector<std::byte> box(tile.box_bytes());
    fill(tile, box);
    for (const OutgoingRun& run : inside(tile, coordinates_of(copier))) {
        const std::optional<Piece> source = find_piece(copier, Space::global, run.address, run.bytes, 1);
        if (!source) {
            return std::nullopt;
        }
        check_piece(copier, *source, run.bytes, check_load);
        std::memcpy(box.data() + run.at, source->host(), run.bytes);
        convert(tile.element, box.data() + run.at, run.bytes);
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
    const std::optional<TensorTile> tile = find_tile(copier);
    if (!tile) {
        return;
    }
    const std::optional<Piece> target = find_piece(copier, Space::cluster, warp.source<u64>(instruction.b)[copier.lane],
                                                   tile->box_bytes(), kBoxAlignment);
    const Slot* const more = warp.program->slots.data() + instruction.extra + tile->rank;
    const std::optional<u64> barrier =
        target ? find_barrier(copier, *target, warp.source<u64>(more[0])[copier.lane]) : std::nullopt;
    if (!barrier) {
        return;
    }
    if (std::optional<std::vector<std::byte>> data = load_box(copier, *tile, target->address)) {
        const bool masked = (instruction.aux & kHasMask) != 0;
        start_bulk_copies(*target->region.owner,
                          {.barrier = *barrier,
                           .target = target->offset(),
                           .data = std::move(*data),
                           .warp = &warp,
                           .lane = copier.lane,
                           .pc = copier.pc()},
                          masked ? std::optional<u32>(warp.source<u16>(more[1])[copier.lane]) : std::nullopt);
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
    const std::optional<TensorTile> tile = find_tile(copier);
    if (!tile) {
        return;
    }
    const std::optional<Piece> source =
        find_piece(copier, Space::shared, copier.warp.source<u64>(copier.instruction.b)[copier.lane], tile->box_bytes(),
                   kBoxAlignment);
    const std::optional<Reduction> reduction = reduction_of(copier, *tile);
    if (source && reduction) {
        start_copy_out(copier, *source,
                       {.bytes = tile->box_bytes(),
                        .runs = inside(*tile, coordinates_of(copier)),
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
Slot read_map(Assembly& assembly, const Operand& operand, u32 rank, std::vector<Slot>& slots) {
    if (operand.kind != Operand::Kind::address || operand.parts.size() != 2 || operand.parts[1].parts.size() != rank) {
        throw Unsupported{"other than one coordinate per dimension"};
    }
    for (const Operand& coordinate : operand.parts[1].parts) {
        slots.push_back(assembly.read(coordinate, 32));
    }
    return read_address(assembly, operand);
}

// Words of tiles of whole rows, which are all that is done.
void refuse_other_modes(Modifiers& modifiers) {
    modifiers.take("tile");
    constexpr std::string_view kModes[] = {"im2col",        "im2col_no_offs", "im2col::w",    "im2col::w::128",
                                           "tile::gather4", "tile::scatter4", "cta_group::1", "cta_group::2"};
    const std::size_t mode = modifiers.take_one_of(kModes);
    if (mode < std::size(kModes)) {
        throw Unsupported{"tensor copies with ." + std::string(kModes[mode])};
    }
}

void translate_load(Assembly& assembly, u32 rank, bool multicast) {
    assembly.expect_operands(multicast ? 4 : 3, 5);
    std::vector<Slot> slots;
    const Slot map = read_map(assembly, assembly.operand(1), rank, slots);
    const Slot target = read_address(assembly, assembly.operand(0));
    slots.push_back(read_address(assembly, assembly.operand(2)));
    if (multicast) {
        slots.push_back(assembly.read(3, 16));
    }
    const u32 list = assembly.list(slots);
    Instruction& instruction = assembly.emit(copy_box<load_lane>, Class::copy_async, 0, map, target);
    instruction.extra = list;
    instruction.aux = rank | (multicast ? kHasMask : 0);
}

void translate_store(Assembly& assembly, u32 rank, s64 operation) {
    assembly.expect_operands(2, 3);
    std::vector<Slot> slots;
    const Slot map = read_map(assembly, assembly.operand(0), rank, slots);
    const Slot source = read_address(assembly, assembly.operand(1));
    const u32 list = assembly.list(slots);
    Instruction& instruction = assembly.emit(copy_box<store_lane>, Class::copy_async, 0, map, source);
    instruction.extra = list;
    instruction.aux = rank;
    instruction.offset = operation;
    instruction.has_order = operation != 0;
}

void translate_tensormap(Assembly&) {
    throw Unsupported{"changing a tensor map in a kernel"};
}

constexpr OpcodeRow kOpcodes[] = {{"tensormap", translate_tensormap}};

}  // namespace

// What comes behind "cp{.reduce}.async.bulk{.prefetch}.tensor".
void translate_bulk_tensor(Assembly& assembly, bool reduces) {
    Modifiers& modifiers = assembly.modifiers();
    const u32 rank = take_rank(modifiers);
    const bool signals = modifiers.take("mbarrier::complete_tx::bytes"), out = modifiers.take("bulk_group");
    const bool multicast = modifiers.take("multicast::cluster");
    refuse_other_modes(modifiers);
    for (const std::string_view word : {"shared::cluster", "shared::cta", "global", "L2"}) {
        modifiers.take(word);
    }
    modifiers.drop_prefixed("L2::");
    const std::size_t operation = reduces ? modifiers.take_one_of(kReductions) : 0;
    if (operation == std::size(kReductions)) {
        throw Unsupported{"this reduction"};
    }
    if (signals) {
        translate_load(assembly, rank, multicast);
    } else if (out) {
        translate_store(assembly, rank, reduces ? static_cast<s64>(operation + 1) : 0);
    } else {
        assembly.emit(nothing, Class::copy_async);  // a prefetch
    }
}

std::span<const OpcodeRow> tensor_map_opcodes() {
    return kOpcodes;
}

}  // namespace warpsmith::emulator
