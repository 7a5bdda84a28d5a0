// A PTX module translated for execution: each instruction a function and the places of its operands.
//
// Registers of one warp lie in a frame, [register][lane]: a 32-bit register is 128 contiguous bytes. A predicate is one
// 32-bit mask, bit per lane. Constants lie in a pool, each repeated for 32 lanes, so that a function reads registers
// and constants alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "device/emulator/counts.hpp"
#include "device/emulator/syntax.hpp"

namespace warpsmith::emulator {

struct Warp;
struct Instruction;

constexpr unsigned kLanes = 32;
constexpr std::uint32_t kAllLanes = 0xFFFFFFFFU;

// Byte offset of an operand: in the frame, or in the constant pool when kInConstants is set.
using Slot = std::uint32_t;
constexpr Slot kInConstants = 0x80000000U;

// What an instruction does to the program counter.
enum class Flow : std::uint8_t {
    straight,  // nothing: the next instruction follows
    branch,    // its handler sends `lanes` to one place and the other active lanes to the next instruction
    control,   // its handler moves the program counter, or makes the group wait; lanes that the guard takes out have
               // left
};

// Where the lanes that execute an instruction go.
enum class Successor : std::uint8_t {
    next,
    target,  // Instruction::extra
    table,   // one of Program::branch_tables[extra]
    none,    // they return, end, or give up
};

// Executes `instruction` for `lanes`, which is never empty.
using Handler = void (*)(Warp& warp, const Instruction& instruction, std::uint32_t lanes);

struct Instruction {
    Handler run = nullptr;
    Slot dst = 0, a = 0, b = 0, c = 0;
    Slot guard = 0;                // mask of the lanes that execute
    std::uint32_t guard_flip = 0;  // all ones for @!p
    std::uint32_t extra = 0;       // first of further operands in Program::slots, or an index into a table
    std::uint32_t aux = 0;         // what the handler makes of it
    std::int64_t offset = 0;       // of an address; an immediate
    syntax::Location location;
    std::uint32_t text = 0;   // in Program::texts: the instruction as written
    std::uint16_t bytes = 0;  // of one lane's memory access
    std::uint8_t order = 0;   // what the checks want to know: see check.hpp
    Class count_as = Class::other;
    bool guarded = false;
    Flow flow = Flow::straight;
    Successor successor = Successor::next;
    bool has_order = false;  // its result can depend on the order in which blocks run
};

// The first bytes of a frame: where each lane returns to, and the carry flag.
constexpr Slot kReturnSlot = 0;
constexpr Slot kCarrySlot = 128;
constexpr Slot kFirstSlot = 192;
constexpr std::uint32_t kNoReturn = 0xFFFFFFFFU;

// Storage of a .param variable in a frame: `bytes` per lane, lane after lane.
struct ParamStorage {
    Slot slot = 0;
    std::uint32_t bytes = 0;
};

struct Function {
    std::string name;
    bool is_entry = false;
    bool has_body = false;
    std::uint32_t first = 0, last = 0;  // [first, last) in code
    std::uint32_t frame_bytes = 0;
    std::uint32_t local_bytes = 0;
    std::vector<ParamStorage> results, parameters;
    std::vector<std::uint32_t> callees;    // functions called by name
    std::vector<std::uint32_t> variables;  // module variables it names
    bool calls_indirectly = false;
};

constexpr std::uint32_t kIndirect = 0xFFFFFFFFU;

struct Call {
    std::uint32_t function = kIndirect;
    Slot target = 0;           // 64-bit address when indirect
    std::uint32_t caller = 0;  // function
    std::vector<ParamStorage> arguments, results;
};

// A constant that is known at launch only: the address of a module variable plus an addend.
struct Relocation {
    Slot constant = 0;  // without kInConstants
    unsigned bytes = 8;
    std::uint32_t variable = 0;
    std::int64_t addend = 0;
};

// Of a bulk reduction.
struct Reduction {
    void (*combine)(std::byte* to, const std::byte* from) = nullptr;  // one element, atomically
    std::uint32_t element_bytes = 0;
};

// What an instruction does to registers that may be those of a wgmma.
struct RegisterUse {
    Handler run = nullptr;    // of the instruction, where the checks come first: see watched()
    std::uint32_t first = 0;  // in Program::slots: those that it reads, then those that it writes
    std::uint32_t reads = 0, writes = 0;
    bool moves = false;  // one register or constant to one register, and nothing else
};

struct Program {
    std::vector<Instruction> code;
    std::vector<std::uint32_t> next_control;  // [pc]: the first instruction at or behind it that is not straight
    std::vector<Slot> slots;                  // operand lists
    std::vector<Call> calls;
    std::vector<Reduction> reductions;
    std::vector<std::vector<std::uint32_t>> branch_tables;  // targets
    std::vector<std::string> texts;
    std::vector<std::byte> constants;
    std::vector<Relocation> relocations;
    std::vector<Function> functions;
    std::unordered_map<std::string, std::uint32_t> function_named;
    std::vector<syntax::Variable> variables;  // of the module, and the static shared ones of functions
    std::unordered_map<std::string, std::uint32_t> variable_named;
    std::vector<std::string> files;
    std::vector<RegisterUse> uses;  // [pc]; empty where there is no wgmma
    bool wants_workspace = false;   // of a cooperative launch
};

}  // namespace warpsmith::emulator
