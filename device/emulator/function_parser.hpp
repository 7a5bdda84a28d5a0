// Reads the body of one PTX function: statements, scopes, and the names of registers and local variables.
#pragma once

#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "device/emulator/lexer.hpp"
#include "device/emulator/syntax.hpp"

namespace warpsmith::emulator {

class FunctionParser {
  public:
    // Reads into `function`, whose parameters are already there. The lexer stands behind the opening brace and stops
    // behind the closing one.
    FunctionParser(Lexer& lexer, syntax::Function& function);
    void parse();

  private:
    // ".reg .b32 %r<100>" declares names by a prefix and a count; a register exists once it is used.
    struct RegisterRange {
        Type type;
        std::uint64_t count;
    };
    struct Scope {
        std::uint32_t id = 0;
        std::unordered_map<std::string, std::uint32_t> registers, variables;
        std::unordered_map<std::string, RegisterRange> ranges;
    };

    void open_scope();
    void parse_statement();
    bool parse_directive();
    void parse_registers();
    void parse_location();
    std::array<std::uint32_t, 3> parse_place();
    void parse_label_or_prototype(const std::string& name);
    void parse_instruction();
    void parse_guard(syntax::Instruction& instruction);
    void parse_trailing_operands(syntax::Instruction& instruction);

    syntax::Operand parse_operand(int depth);
    syntax::Operand parse_simple_operand();
    syntax::Operand parse_name(const Token& token);
    syntax::Operand parse_address(int depth);
    syntax::Operand parse_list(syntax::Operand::Kind kind, std::string_view close, int depth);
    std::int64_t parse_offset();

    std::optional<std::uint32_t> find_register(const std::string& name);
    std::optional<std::uint32_t> find_variable(const std::string& name) const;
    std::uint32_t add_register(Scope& scope, const std::string& name, Type type);

    Lexer& lexer_;
    syntax::Function& function_;
    std::vector<Scope> scopes_;                                              // open ones, innermost last
    std::uint32_t location_ = 0;                                             // of the next instruction
    std::map<std::array<std::uint32_t, 3>, std::uint32_t> known_locations_;  // file, line, column: the last one
};

// Moves past a braced block of whatever content.
void skip_braces(Lexer& lexer);

}  // namespace warpsmith::emulator
