// The syntax tree of a PTX module: what was written, names of registers and local variables resolved, nothing checked
// against the instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "device/emulator/types.hpp"

namespace warpsmith::emulator::syntax {

enum class StateSpace : std::uint8_t { global, constant, shared, local, param };

struct Operand {
    enum class Kind : std::uint8_t {
        reg,       // index: into Function::registers
        special,   // name: "%tid.x"
        integer,   // bits
        float32,   // bits
        float64,   // bits
        variable,  // index: into Function::variables; offset
        symbol,    // name: a label, function or module variable; offset
        address,   // parts[0]: the base (reg, variable, symbol or integer); offset; parts[1]: tensor coordinates
        vector,    // parts: {a, b, c, d}
        list,      // parts: (a, b)
        pair,      // parts: d|p
        sink,      // _
    };
    Kind kind = Kind::sink;
    bool negated = false;  // !p
    std::uint32_t index = 0;
    std::uint64_t bits = 0;
    std::int64_t offset = 0;
    std::string name;
    std::vector<Operand> parts;
};

struct Location {
    std::uint32_t file = 0;  // as numbered by .file
    std::uint32_t line = 0;  // 0: not known
};

// One .loc: a place in the source, and where it was inlined.
struct LocationEntry {
    Location at;
    std::uint32_t column = 0;
    std::uint32_t caller = 0;  // index of the place that called it; 0: none
};

struct Instruction {
    std::string opcode;  // with all its modifiers
    std::vector<Operand> operands;
    std::optional<std::uint32_t> guard;  // register of @p
    bool guard_negated = false;
    std::uint32_t location = 0;  // in Function::locations
    std::uint32_t scope = 0;     // where its labels are looked up
    int ptx_line = 0;
};

struct Register {
    std::string name;
    Type type = Type::b32;
};

// A value that an initialiser holds: a number, or the address of a symbol plus an offset.
struct Initialiser {
    std::uint64_t bits = 0;
    bool floating32 = false, floating64 = false;
    std::string symbol;
    std::uint64_t mask_shift = 0;  // of 0xFF00(symbol): which byte of the address; 8 * byte
    bool masked = false;
};

struct Variable {
    std::string name;
    StateSpace space = StateSpace::global;
    Type type = Type::b8;
    std::size_t align = 1;
    std::size_t bytes = 0;
    bool is_extern = false;
    std::vector<Initialiser> initial;  // one per element, from the first
};

struct Label {
    std::string name;
    std::uint32_t scope = 0;
    std::size_t position = 0;  // index of the instruction that follows
};

// A .branchtargets list.
struct BranchTable {
    std::string name;
    std::uint32_t scope = 0;
    std::vector<std::string> labels;
};

struct Function {
    std::string name;
    bool is_entry = false;
    bool has_body = false;
    std::vector<std::uint32_t> results, parameters;  // indices into variables
    std::vector<Register> registers;
    std::vector<Variable> variables;
    std::vector<Instruction> body;
    std::vector<LocationEntry> locations = {{}};  // the first: not known
    std::vector<Label> labels;
    std::vector<BranchTable> branch_tables;
    std::vector<std::uint32_t> scope_parents;  // [scope] -> enclosing scope; scope 0 is the body
    std::vector<unsigned> required_block, max_block, required_cluster;
};

struct Module {
    std::string version, target;
    std::vector<Variable> variables;
    std::vector<Function> functions;
    std::vector<std::string> files;  // [number] -> path
};

}  // namespace warpsmith::emulator::syntax
