// Splits text into tokens: expressions in Python syntax, with or without C's logical operators, and ConstrINT text.
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

enum class Language : std::uint8_t {
    python,
    python_and_c,  // also && || !
    constrint,     // no text in quotes, and # starts a comment
};

// The last token is the end. Complains about characters that the language does not have, about numbers beyond 64 bits,
// and about more than 100,000 tokens.
std::vector<Token> tokens_of(const SourceText& source, Language language = Language::python);

}  // namespace warpsmith
