// Operands of an instruction as slots: registers, constants, special registers and addresses.
#include <bit>
#include <cstring>

#include "device/emulator/address_space.hpp"
#include "device/emulator/assembly.hpp"
#include "device/emulator/special_registers.hpp"
#include "device/emulator/warp.hpp"

namespace warpsmith::emulator {
namespace {

using syntax::Operand;

// A floating constant as the bits of the wanted width.
std::uint64_t floating_bits(const Operand& operand, unsigned bits) {
    const bool single = operand.kind == Operand::Kind::float32;
    if (bits == 32) {
        const float narrowed = static_cast<float>(std::bit_cast<double>(operand.bits));
        return single ? operand.bits : std::bit_cast<std::uint32_t>(narrowed);
    }
    if (bits == 64) {
        const double widened = std::bit_cast<float>(static_cast<std::uint32_t>(operand.bits));
        return single ? std::bit_cast<std::uint64_t>(widened) : operand.bits;
    }
    throw Unsupported{"a floating constant of " + std::to_string(bits) + " bits"};
}

// The lane's address of a variable in local memory, whose place depends on the calls before.
void local_address(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    std::uint64_t* const target = warp.target<std::uint64_t>(instruction.dst);
    const std::uint64_t address = warp.local + static_cast<std::uint64_t>(instruction.offset);
    for_each_lane(lanes, [&](unsigned lane) { target[lane] = address; });
}

Slot noted(Slot slot, unsigned bits, std::vector<Slot>& registers) {
    if (bits == 32) {
        registers.push_back(slot);
    }
    return slot;
}

void invert_predicate(Warp& warp, const Instruction& instruction, std::uint32_t) {
    *warp.target<std::uint32_t>(instruction.dst) = ~warp.mask(instruction.a);
}

}  // namespace

Slot Assembly::register_slot(std::uint32_t index) {
    const auto found = frame_.registers.find(index);
    if (found != frame_.registers.end()) {
        return found->second;
    }
    const Slot slot = scratch(slot_bits(function_.registers[index].type));
    frame_.registers[index] = slot;
    return slot;
}

Slot Assembly::typed_register(const Operand& operand, unsigned bits) {
    if (register_bits(operand) != bits) {
        throw Unsupported{"register " + operand.name + " of " + std::to_string(register_bits(operand)) + " bits" +
                          " where " + std::to_string(bits) + " belong"};
    }
    return register_slot(operand.index);
}

Slot Assembly::read(const Operand& operand, unsigned bits) {
    if (operand.negated) {
        throw Unsupported{"a negated operand"};
    }
    switch (operand.kind) {
        case Operand::Kind::reg:
            return noted(typed_register(operand, bits), bits, read_registers_);
        case Operand::Kind::integer:
            return constant(operand.bits, bits);
        case Operand::Kind::float32:
        case Operand::Kind::float64:
            return constant(floating_bits(operand, bits), bits);
        case Operand::Kind::special:
            return read_special(operand, bits);
        case Operand::Kind::variable:
            return read_variable(operand, bits);
        case Operand::Kind::symbol:
            return read_symbol(operand, bits);
        default:
            throw Unsupported{"an operand of a form that does not belong here"};
    }
}

Slot Assembly::read_predicate(const Operand& operand) {
    if (operand.kind == Operand::Kind::integer) {
        return constant(operand.bits != 0 ? kAllLanes : 0, kPredicateBits);
    }
    Operand plain = operand;
    plain.negated = false;
    const Slot slot = read(plain, kPredicateBits);
    if (!operand.negated) {
        return slot;
    }
    const Slot inverse = scratch(kPredicateBits);
    emit(invert_predicate, Class::move, inverse, slot);
    return inverse;
}

Slot Assembly::write(const Operand& operand, unsigned bits) {
    if (operand.kind == Operand::Kind::sink) {
        return scratch(bits);
    }
    if (operand.kind != Operand::Kind::reg) {
        throw Unsupported{"a destination that is no register"};
    }
    if (operand.negated) {
        throw Unsupported{"a negated operand"};
    }
    return noted(typed_register(operand, bits), bits, written_registers_);
}

Slot Assembly::constant(std::uint64_t value, unsigned bits) {
    if (bits > 64) {
        throw Unsupported{"a constant of " + std::to_string(bits) + " bits"};
    }
    const bool predicate = bits == kPredicateBits;
    const std::size_t bytes = predicate ? 4 : bits / 8;
    const std::uint64_t kept = bytes == 8 ? value : value & ((std::uint64_t{1} << (8 * bytes)) - 1);
    const auto [place, is_new] = known_.try_emplace({kept, bits}, 0);
    if (is_new) {
        std::vector<std::byte>& pool = program_.constants;
        place->second = static_cast<Slot>(pool.size()) | kInConstants;
        pool.resize(pool.size() + (predicate ? kSlotAlignment : bytes * kLanes));
        std::byte* const first = pool.data() + (place->second & ~kInConstants);
        for (std::size_t copy = 0; copy < (predicate ? 1 : kLanes); ++copy) {
            std::memcpy(first + copy * bytes, &kept, bytes);
        }
    }
    return place->second;
}

// A constant that the launch fills in.
Slot Assembly::relocated(std::uint32_t variable, std::int64_t addend, unsigned bits) {
    if (bits != 32 && bits != 64) {
        throw Unsupported{"an address of " + std::to_string(bits) + " bits"};
    }
    std::vector<std::byte>& pool = program_.constants;
    const Slot slot = static_cast<Slot>(pool.size());
    pool.resize(pool.size() + bits / 8 * kLanes);
    program_.relocations.push_back({slot, bits / 8, variable, addend});
    translated().variables.push_back(variable);
    return slot | kInConstants;
}

Slot Assembly::read_special(const Operand& operand, unsigned bits) {
    const SpecialRegister* const found = special_register(operand.name);
    if (found == nullptr) {
        throw Unsupported{"the special register " + operand.name};
    }
    const Handler read_lanes = bits == 64 ? found->read_64 : bits == 32 ? found->read_32 : found->read_predicate;
    if (bits != 64 && bits != 32 && bits != kPredicateBits) {
        throw Unsupported{operand.name + " as " + std::to_string(bits) + " bits"};
    }
    const Slot slot = scratch(bits);
    Instruction& instruction = emit(read_lanes, Class::move, slot);
    instruction.has_order = found->has_order;
    program_.wants_workspace = program_.wants_workspace || found->wants_workspace;
    return slot;
}

Slot Assembly::read_variable(const Operand& operand, unsigned bits) {
    if (const auto local = frame_.locals.find(operand.index); local != frame_.locals.end()) {
        if (bits != 64) {
            throw Unsupported{"a local address of " + std::to_string(bits) + " bits"};
        }
        const Slot slot = scratch(64);
        Instruction& instruction = emit(local_address, Class::move, slot);
        instruction.offset = operand.offset + local->second;
        return slot;
    }
    if (const auto offset = frame_.entry_offsets.find(operand.index); offset != frame_.entry_offsets.end()) {
        return constant(offset->second + static_cast<std::uint64_t>(operand.offset), bits);
    }
    const auto index = frame_.module_indices.find(operand.index);
    if (index == frame_.module_indices.end()) {
        throw Unsupported{"the address of a function parameter"};
    }
    return relocated(index->second, operand.offset, bits);
}

Slot Assembly::read_symbol(const Operand& operand, unsigned bits) {
    const auto variable = program_.variable_named.find(operand.name);
    if (variable != program_.variable_named.end()) {
        return relocated(variable->second, operand.offset, bits);
    }
    const auto function = program_.function_named.find(operand.name);
    if (function != program_.function_named.end()) {
        return constant(kCodeWindow + kFunctionStride * function->second, bits);
    }
    throw Unsupported{"the unknown name '" + operand.name + "'"};
}

std::uint32_t Assembly::read_list(std::span<const Operand> operands, unsigned bits) {
    std::vector<Slot> slots;
    for (const Operand& operand : operands) {
        slots.push_back(read(operand, bits));
    }
    return list(slots);
}

std::uint32_t Assembly::list(std::span<const Slot> slots) {
    program_.slots.insert(program_.slots.end(), slots.begin(), slots.end());
    return static_cast<std::uint32_t>(program_.slots.size() - slots.size());
}

std::uint32_t Assembly::write_list(std::span<const Operand> operands, unsigned bits) {
    const std::uint32_t first = static_cast<std::uint32_t>(program_.slots.size());
    for (const Operand& operand : operands) {
        program_.slots.push_back(write(operand, bits));
    }
    return first;
}

std::optional<ParamStorage> Assembly::parameter(const Operand& operand) {
    const auto found = frame_.parameters.find(operand.index);
    if (operand.kind != Operand::Kind::variable || found == frame_.parameters.end()) {
        return std::nullopt;
    }
    return found->second;
}

}  // namespace warpsmith::emulator
