// Loads and stores of every width, vector and state space.
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "device/emulator/access.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/lanes.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

struct Wide {  // 128 bits
    u64 low, high;
    Wide() = default;
    constexpr explicit Wide(u64 value) : low(value), high(0) {}
};

template <class M>
WARPSMITH_INLINE M read_as(const std::byte* place) {
    M value;
    std::memcpy(&value, place, sizeof(M));
    return value;
}

// Into a register of R, with the sign repeated.
template <class R, class M>
WARPSMITH_INLINE R extended(M value) {
    if constexpr (std::is_integral_v<M> && std::is_signed_v<M>) {
        return static_cast<R>(static_cast<s64>(value));
    } else {
        return static_cast<R>(value);
    }
}

// One element of M per lane and vector component, into registers of R, extended by its sign. The components' slots are
// in Program::slots from `extra` on.
template <class M, class R>
void load(Warp& warp, const Instruction& instruction, u32 lanes) {
    Access access;
    const u32 good = resolve(warp, instruction, lanes, Use::read, access);
    check_load(warp, instruction, good, access, instruction.bytes);
    const u32 elements = Target::of(instruction.aux).elements;
    const Slot* const slots = warp.program->slots.data() + instruction.extra;
    for (u32 e = 0; e < elements; ++e) {
        alignas(64) R value[kLanes];
        for (unsigned l = 0; l < kLanes; ++l) {
            value[l] = extended<R>(read_as<M>(access.host[l] + e * sizeof(M)));
        }
        store_lanes(warp.target<R>(slots[e]), value, lanes);
    }
}

// A load that may wait for another thread: it is told apart from other loads to find loops that only spin.
template <Handler plain>
void polling(Warp& warp, const Instruction& instruction, u32 lanes) {
    plain(warp, instruction, lanes);
    warp.polled = true;
}

template <class M, class R>
void store(Warp& warp, const Instruction& instruction, u32 lanes) {
    Access access;
    const u32 good = resolve(warp, instruction, lanes, Use::write, access);
    const u32 elements = Target::of(instruction.aux).elements;
    const Slot* const slots = warp.program->slots.data() + instruction.extra;
    const StoredValue stored{slots, elements, sizeof(M), sizeof(R)};
    check_store(warp, instruction, good, access, instruction.bytes, &stored);
    for (u32 e = 0; e < elements; ++e) {
        const R* const value = warp.source<R>(slots[e]);
        for_each_lane(good,
                      [&](unsigned lane) { std::memcpy(access.host[lane] + e * sizeof(M), &value[lane], sizeof(M)); });
    }
    warp.changed = true;
    ++warp.worker->changes;
}

// Parameters of the kernel at a known place are the same in all lanes: one read.
template <class M, class R>
void load_entry_parameter(Warp& warp, const Instruction& instruction, u32 lanes) {
    const std::byte* place = warp.block->grid->parameters.data() + instruction.offset;
    const u32 elements = Target::of(instruction.aux).elements;
    for (u32 e = 0; e < elements; ++e, place += sizeof(M)) {
        const R value = extended<R>(read_as<M>(place));
        R* const target = warp.target<R>(warp.program->slots[instruction.extra + e]);
        for_each_lane(lanes, [&](unsigned lane) { target[lane] = value; });
    }
}

// Parameters of functions: `a` is the slot of the storage, `b` its bytes per lane.
template <class M, class R>
void load_parameter(Warp& warp, const Instruction& instruction, u32 lanes) {
    const std::byte* const storage = warp.source<std::byte>(instruction.a) + instruction.offset;
    const u32 elements = Target::of(instruction.aux).elements;
    for (u32 e = 0; e < elements; ++e) {
        R* const target = warp.target<R>(warp.program->slots[instruction.extra + e]);
        for_each_lane(lanes, [&](unsigned lane) {
            target[lane] = extended<R>(read_as<M>(storage + std::size_t{lane} * instruction.b + e * sizeof(M)));
        });
    }
}

template <class M, class R>
void store_parameter(Warp& warp, const Instruction& instruction, u32 lanes) {
    std::byte* const storage = warp.target<std::byte>(instruction.a) + instruction.offset;
    const u32 elements = Target::of(instruction.aux).elements;
    for (u32 e = 0; e < elements; ++e) {
        const R* const value = warp.source<R>(warp.program->slots[instruction.extra + e]);
        for_each_lane(lanes, [&](unsigned lane) {
            std::memcpy(storage + std::size_t{lane} * instruction.b + e * sizeof(M), &value[lane], sizeof(M));
        });
    }
}

// A memory type and a register width, and what executes them.
struct AccessRow {
    unsigned bits;  // in memory
    bool is_signed;
    unsigned register_bits;
    Handler load, poll, load_entry_parameter, load_parameter;
    Handler store, store_parameter;
};

template <class M, class R>
constexpr AccessRow row(bool is_signed = false) {
    return {8 * sizeof(M),        is_signed,           8 * sizeof(R),
            load<M, R>,           polling<load<M, R>>, load_entry_parameter<M, R>,
            load_parameter<M, R>, store<M, R>,         store_parameter<M, R>};
}

constexpr AccessRow kLoadStoreRows[] = {
    row<u8, u16>(),      row<u8, u32>(),      row<u8, u64>(),      row<s8, u16>(true), row<s8, u32>(true),
    row<s8, u64>(true),  row<u16, u16>(),     row<u16, u32>(),     row<u16, u64>(),    row<s16, u16>(true),
    row<s16, u32>(true), row<s16, u64>(true), row<u32, u32>(),     row<u32, u64>(),    row<s32, u32>(true),
    row<s32, u64>(true), row<u64, u64>(),     row<s64, u64>(true), row<Wide, Wide>(),
};

const AccessRow& find_row(Type type, unsigned register_bits) {
    for (const AccessRow& candidate : kLoadStoreRows) {
        if (candidate.bits == traits(type).bits && candidate.is_signed == is_signed(type) &&
            candidate.register_bits == register_bits) {
            return candidate;
        }
    }
    throw Unsupported{"a " + std::to_string(traits(type).bits) + "-bit access with a register of " +
                      std::to_string(register_bits) + " bits"};
}

struct ElementCount {
    std::string_view word;
    u32 elements;
};
constexpr ElementCount kVectors[] = {{"v2", 2}, {"v4", 4}, {"v8", 8}};

struct Shape {
    std::span<const Operand> registers;
    u32 elements;
};

// The register operand, or those of a vector.
Shape take_shape(Modifiers& modifiers, const Operand& operand) {
    for (const ElementCount& vector : kVectors) {
        if (modifiers.take(vector.word)) {
            if (operand.kind != Operand::Kind::vector || operand.parts.size() != vector.elements) {
                throw Unsupported{"a vector of another size"};
            }
            return {operand.parts, vector.elements};
        }
    }
    return {{&operand, 1}, 1};
}

// Width of the registers: of the first that is no sink; constants and sinks take the memory's, at least 16 bits.
unsigned register_width(const Assembly& assembly, const Shape& shape, Type type) {
    for (const Operand& operand : shape.registers) {
        if (assembly.register_bits(operand) != 0) {
            return assembly.register_bits(operand);
        }
    }
    return std::max(16U, traits(type).bits);
}

constexpr Class kLoadClasses[] = {Class::load_global, Class::load_global,   Class::load_shared,  Class::load_shared,
                                  Class::load_local,  Class::load_constant, Class::load_constant};
constexpr Class kStoreClasses[] = {Class::store_global, Class::store_global, Class::store_shared, Class::store_shared,
                                   Class::store_local,  Class::store_local,  Class::store_global};

// ld.param and st.param of storage at a known place.
bool translate_parameter(Assembly& assembly, const AccessRow& row, u32 aux, u32 list, bool is_store) {
    const Operand& address = assembly.operand(is_store ? 0 : 1);
    if (address.kind != Operand::Kind::address || address.parts[0].kind != Operand::Kind::variable) {
        return false;
    }
    const std::uint64_t bytes = std::uint64_t{row.bits / 8} * Target::of(aux).elements;
    const std::uint64_t offset = static_cast<std::uint64_t>(address.offset);
    const syntax::Variable& variable = assembly.function().variables[address.parts[0].index];
    if (offset > variable.bytes || bytes > variable.bytes - offset) {
        throw Unsupported{"an access beyond parameter '" + variable.name + "'"};
    }
    if (const std::optional<ParamStorage> storage = assembly.parameter(address.parts[0])) {
        Instruction& instruction = assembly.emit(is_store ? row.store_parameter : row.load_parameter, Class::move);
        instruction.a = storage->slot;
        instruction.b = storage->bytes;
        instruction.offset = address.offset;
        instruction.aux = aux;
        instruction.extra = list;
        return true;
    }
    if (is_store) {
        throw Unsupported{"a store to a kernel parameter"};
    }
    const std::uint32_t place = assembly.entry_parameter_offset(address.parts[0]);
    Instruction& instruction = assembly.emit(row.load_entry_parameter, Class::load_constant);
    instruction.offset = place + address.offset;
    instruction.aux = aux;
    instruction.extra = list;
    return true;
}

void translate_access(Assembly& assembly, bool is_store) {
    Modifiers& modifiers = assembly.modifiers();
    const MemoryModifiers how = take_memory_modifiers(modifiers);
    assembly.expect_operands(2, 3);  // a cache policy may follow
    const Operand& value = assembly.operand(is_store ? 1 : 0);
    const Shape shape = take_shape(modifiers, value);
    const Type type = modifiers.take_type();
    const AccessRow& row = find_row(type, register_width(assembly, shape, type));
    const unsigned width = row.register_bits;
    const u32 list =
        is_store ? assembly.read_list(shape.registers, width) : assembly.write_list(shape.registers, width);
    const u32 aux = Target{.space = how.space, .elements = shape.elements}.packed();
    if (how.space == Space::param && translate_parameter(assembly, row, aux, list, is_store)) {
        return;
    }
    const Handler run = is_store ? row.store : how.ordered ? row.poll : row.load;
    const Class count_as = (is_store ? kStoreClasses : kLoadClasses)[static_cast<std::size_t>(how.space)];
    Instruction& instruction =
        emit_access(assembly, run, count_as, assembly.operand(is_store ? 0 : 1), how.space, shape.elements);
    instruction.bytes = static_cast<std::uint16_t>(row.bits / 8 * shape.elements);
    instruction.extra = list;
    instruction.order = order_of(how);
    instruction.has_order = how.ordered && how.space != Space::shared && how.space != Space::local;
}

void translate_ld(Assembly& assembly) {
    translate_access(assembly, false);
}
void translate_st(Assembly& assembly) {
    if (translate_store_async(assembly)) {
        return;
    }
    translate_access(assembly, true);
}

}  // namespace

std::span<const OpcodeRow> memory_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"ld", translate_ld}, {"ldu", translate_ld}, {"st", translate_st}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
