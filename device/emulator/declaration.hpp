// Reads PTX declarations of variables, which stand at module scope, in parameter lists and in function bodies alike.
#pragma once

#include "device/emulator/lexer.hpp"
#include "device/emulator/syntax.hpp"

namespace warpsmith::emulator {

// One variable; the lexer stands behind the state space (".global") and stops behind the name, its dimensions and its
// initialiser. Throws Error on a size over 2^40 bytes.
syntax::Variable parse_variable(Lexer& lexer, syntax::StateSpace space);

// The state space that a directive (".shared") names; nothing when it is another directive.
std::optional<syntax::StateSpace> space_named(std::string_view directive);

// A number, with a minus sign or without.
std::int64_t parse_integer(Lexer& lexer);

// The type that ".f32" names; throws Error when it is none.
Type parse_type(Lexer& lexer);

}  // namespace warpsmith::emulator
