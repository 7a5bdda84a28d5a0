// Splits an expression in Python syntax into tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "solver/expr.hpp"
#include "solver/source_text.hpp"

namespace warpsmith {

enum class TokenKind : std::uint8_t { number, text, name, symbol, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::string_view spelling;  // as in the source; of a keyword or an operator, this is its identity
    std::size_t offset = 0;
    Value value;  // of a number or a text
};

// The last token is the end. Complains about characters that no expression has and about numbers beyond 64 bits.
std::vector<Token> tokens_of(const SourceText& source);

}  // namespace warpsmith
