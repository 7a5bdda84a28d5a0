#include "device/emulator/assembly.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "device/emulator/address_space.hpp"
#include "device/emulator/special_registers.hpp"
#include "device/emulator/warp.hpp"
#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

using syntax::Operand;

constexpr std::size_t kLargestFrame = std::size_t{64} << 20;  // some 500,000 registers

bool is_toolkit_header(std::string_view path) {
    const std::size_t include = path.rfind("/include/");
    return include != std::string_view::npos && path.substr(0, include).find("cuda") != std::string_view::npos;
}

}  // namespace

Slot FrameLayout::reserve(std::size_t bytes) {
    const Slot slot = next;
    const std::size_t end = (next + bytes + kSlotAlignment - 1) / kSlotAlignment * kSlotAlignment;
    if (bytes > kLargestFrame || end > kLargestFrame) {
        throw Error("translating PTX: the registers of one function take over 64 MiB; split the kernel");
    }
    next = static_cast<std::uint32_t>(end);
    return slot;
}

void Assembly::start(const syntax::Instruction& instruction) {
    instruction_ = &instruction;
    read_registers_.clear();
    written_registers_.clear();
    modifiers_ = Modifiers(instruction.opcode);
    first_ = program_.code.size();
    text_ = static_cast<std::uint32_t>(program_.texts.size());
    program_.texts.push_back(instruction.opcode);
    location_ = own_location(instruction.location);
}

// The innermost place that is not in a header of the CUDA toolkit, where nobody looks for the mistake.
syntax::Location Assembly::own_location(std::uint32_t location) const {
    const std::vector<syntax::LocationEntry>& entries = function_.locations;
    for (std::uint32_t at = location; at != 0 && at < entries.size(); at = entries[at].caller) {
        const std::uint32_t file = entries[at].at.file;
        if (file >= program_.files.size() || !is_toolkit_header(program_.files[file])) {
            return entries[at].at;
        }
        if (entries[at].caller >= at) {  // callers come before what they call
            break;
        }
    }
    return entries[location].at;
}

void Assembly::expect_operands(std::size_t count, std::size_t most) const {
    const std::size_t given = operands();
    if (given < count || given > std::max(count, most)) {
        throw Unsupported{std::to_string(given) + " operands where " + std::to_string(count) + " belong"};
    }
}

unsigned Assembly::register_bits(const Operand& operand) const {
    return operand.kind == Operand::Kind::reg ? slot_bits(function_.registers[operand.index].type) : 0;
}

std::uint32_t Assembly::entry_parameter_offset(const Operand& operand) const {
    const auto found = frame_.entry_offsets.find(operand.index);
    if (operand.kind != Operand::Kind::variable || found == frame_.entry_offsets.end()) {
        throw Unsupported{"a parameter that is none of this kernel"};
    }
    return found->second;
}

Instruction& Assembly::emit(Handler run, Class count_as, Slot dst, Slot a, Slot b, Slot c) {
    Instruction instruction{
        .run = run, .dst = dst, .a = a, .b = b, .c = c, .location = location_, .text = text_, .count_as = count_as};
    if (instruction_->guard) {
        instruction.guard = register_slot(*instruction_->guard);
        instruction.guard_flip = instruction_->guard_negated ? kAllLanes : 0;
        instruction.guarded = true;
    }
    program_.code.push_back(instruction);
    return program_.code.back();
}

bool Assembly::retarget(Slot from, Slot to) {
    if (program_.code.size() == first_ || program_.code.back().dst != from) {
        return false;
    }
    program_.code.back().dst = to;
    return true;
}

void Assembly::patch_label(Instruction& instruction, const std::string& label) {
    const std::size_t index = static_cast<std::size_t>(&instruction - program_.code.data());
    fixups_.push_back({index, label, instruction_->scope});
}

std::uint32_t Assembly::branch_table(const std::string& name) {
    for (std::size_t table = 0; table < function_.branch_tables.size(); ++table) {
        if (function_.branch_tables[table].name == name) {
            const std::uint32_t index = static_cast<std::uint32_t>(program_.branch_tables.size());
            program_.branch_tables.emplace_back();
            table_fixups_.emplace_back(table, index);
            return index;
        }
    }
    throw Unsupported{"the unknown branch table '" + name + "'"};
}

void Assembly::forget_fixups_from(std::size_t instruction) {
    std::erase_if(fixups_, [&](const Fixup& fixup) { return fixup.instruction >= instruction; });
}

}  // namespace warpsmith::emulator
