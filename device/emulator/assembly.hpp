// What a row of the instruction table works with: one PTX instruction, and the code that it becomes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "device/emulator/program.hpp"
#include "device/emulator/syntax.hpp"
#include "device/emulator/types.hpp"

namespace warpsmith::emulator {

// Thrown while one instruction is translated: it becomes an instruction that reports `reason` when it is executed.
struct Unsupported {
    std::string reason;
};

// The words behind an opcode, each to be taken once: what is left over is not supported.
class Modifiers {
  public:
    // Of "add.rn.f32" all but the first word.
    explicit Modifiers(std::string_view opcode);

    // Takes `word` wherever it stands.
    bool take(std::string_view word);

    // Takes the first of these words that is there; its index, or the number of words.
    std::size_t take_one_of(std::span<const std::string_view> words);

    // Takes the next word that is a type. Throws Unsupported when there is none.
    Type take_type();
    bool has_type() const;

    // Takes every word that starts so (cache hints).
    void drop_prefixed(std::string_view prefix);

    bool empty() const { return words_.empty(); }
    std::string text() const;

  private:
    std::vector<std::string_view> words_;
};

// Where the registers and variables of one function are, by their index in the syntax. Registers get their slots as
// they are named.
struct FrameLayout {
    std::uint32_t next = kFirstSlot;
    std::unordered_map<std::uint32_t, Slot> registers;
    std::unordered_map<std::uint32_t, ParamStorage> parameters;       // of functions; an entry's are offsets
    std::unordered_map<std::uint32_t, std::uint32_t> entry_offsets;   // of an entry's parameters
    std::unordered_map<std::uint32_t, std::uint32_t> locals;          // offset in local memory
    std::unordered_map<std::uint32_t, std::uint32_t> module_indices;  // static variables: in Program::variables

    // Room of `bytes`, aligned for whole vectors. Throws Error when a frame would grow over 64 MiB.
    Slot reserve(std::size_t bytes);
};

// Constants that the module uses, each once.
using KnownConstants = std::map<std::pair<std::uint64_t, unsigned>, Slot>;

// Predicates are told from other registers by this width: one bit per lane.
constexpr unsigned kPredicateBits = 1;

// Width of a register of this type.
inline unsigned slot_bits(Type type) {
    return type == Type::pred ? kPredicateBits : traits(type).bits;
}

// Every slot starts at a whole vector of the host.
constexpr std::size_t kSlotAlignment = 64;

// Where a label's address has to be put once it is known.
struct Fixup {
    std::size_t instruction = 0;  // its `extra`
    std::string label;
    std::uint32_t scope = 0;
};

class Assembly {
  public:
    Assembly(Program& program, KnownConstants& known, const syntax::Function& function, std::uint32_t function_index,
             FrameLayout& frame)
        : program_(program), known_(known), function_(function), function_index_(function_index), frame_(frame) {}

    void start(const syntax::Instruction& instruction);

    const syntax::Instruction& instruction() const { return *instruction_; }
    const syntax::Function& function() const { return function_; }
    std::uint32_t function_index() const { return function_index_; }
    Program& program() { return program_; }
    Function& translated() { return program_.functions[function_index_]; }
    Modifiers& modifiers() { return modifiers_; }

    // Throws Unsupported unless there are `count` operands (and, with `most`, at most that many).
    void expect_operands(std::size_t count, std::size_t most = 0) const;
    std::size_t operands() const { return instruction_->operands.size(); }
    const syntax::Operand& operand(std::size_t index) const { return instruction_->operands[index]; }

    // The slot of a source: a register of that width, a constant, a special register or an address. Throws Unsupported
    // on any other operand.
    Slot read(const syntax::Operand& operand, unsigned bits);
    Slot read(std::size_t index, unsigned bits) { return read(operand(index), bits); }
    Slot read_predicate(const syntax::Operand& operand);

    // The slot of a destination register of that width; a place that nobody reads for the sink.
    Slot write(const syntax::Operand& operand, unsigned bits);
    Slot write(std::size_t index, unsigned bits) { return write(operand(index), bits); }
    Slot write_predicate(const syntax::Operand& operand) { return write(operand, kPredicateBits); }

    // Width of a register operand, 0 when the operand is none.
    unsigned register_bits(const syntax::Operand& operand) const;

    // A constant in all lanes.
    Slot constant(std::uint64_t value, unsigned bits);

    // The index in Program::slots of a list of operands, each of that width.
    std::uint32_t read_list(std::span<const syntax::Operand> operands, unsigned bits);
    std::uint32_t write_list(std::span<const syntax::Operand> operands, unsigned bits);
    std::uint32_t list(std::span<const Slot> slots);

    // A slot that this instruction alone uses.
    Slot scratch(unsigned bits) { return frame_.reserve(bits * kLanes / 8); }

    // Room of a .param variable of this function; nothing when the operand does not name one.
    std::optional<ParamStorage> parameter(const syntax::Operand& operand);

    // Offset of a parameter of this kernel. Throws Unsupported when the operand names none.
    std::uint32_t entry_parameter_offset(const syntax::Operand& operand) const;

    // Adds an instruction, which inherits guard, location and text. The reference is good until the next.
    Instruction& emit(Handler run, Class count_as, Slot dst = 0, Slot a = 0, Slot b = 0, Slot c = 0);

    // When the last instruction that this one became writes to `from`, it writes to `to` instead. Whether it was so.
    bool retarget(Slot from, Slot to);

    // The instruction's `extra` becomes the address of the label that the operand names.
    void patch_label(Instruction& instruction, const std::string& label);

    // The index in Program::branch_tables of a .branchtargets list, whose labels are put in when all are known.
    std::uint32_t branch_table(const std::string& name);

    // Registers of 32 bits that the instruction names so far, those of guards and addresses not among them.
    const std::vector<Slot>& read_registers() const { return read_registers_; }
    const std::vector<Slot>& written_registers() const { return written_registers_; }

    const std::vector<Fixup>& fixups() const { return fixups_; }
    // Pairs of an index in syntax::Function::branch_tables and one in Program::branch_tables.
    const std::vector<std::pair<std::size_t, std::uint32_t>>& table_fixups() const { return table_fixups_; }
    void forget_fixups_from(std::size_t instruction);

  private:
    syntax::Location own_location(std::uint32_t location) const;
    Slot register_slot(std::uint32_t index);
    Slot typed_register(const syntax::Operand& operand, unsigned bits);
    Slot read_special(const syntax::Operand& operand, unsigned bits);
    Slot read_variable(const syntax::Operand& operand, unsigned bits);
    Slot read_symbol(const syntax::Operand& operand, unsigned bits);
    Slot relocated(std::uint32_t variable, std::int64_t addend, unsigned bits);

    Program& program_;
    KnownConstants& known_;
    const syntax::Function& function_;
    std::uint32_t function_index_;
    FrameLayout& frame_;
    std::vector<Fixup> fixups_;
    std::vector<std::pair<std::size_t, std::uint32_t>> table_fixups_;
    std::vector<Slot> read_registers_, written_registers_;
    const syntax::Instruction* instruction_ = nullptr;
    Modifiers modifiers_{""};
    std::size_t first_ = 0;  // in Program::code, of what this instruction becomes
    std::uint32_t text_ = 0;
    syntax::Location location_;
};

// One row of the instruction table: how an opcode is translated. `opcode` is the first word, or the whole opcode with
// all its modifiers.
struct OpcodeRow {
    std::string_view opcode;
    void (*translate)(Assembly& assembly);
};

}  // namespace warpsmith::emulator
