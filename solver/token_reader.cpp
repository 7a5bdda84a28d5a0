#include "solver/token_reader.hpp"

#include <fmt/format.h>

namespace warpsmith {

// The first character tells nearly always: most of the time of reading an expression goes by asking what is next. (Not
// inline: parsers recurse, and their frames would grow.)
bool TokenReader::at(std::string_view spelling) const {
    const Token& token = current();
    return token.spelling.size() == spelling.size() && token.spelling.starts_with(spelling.front()) &&
           token.spelling == spelling && (token.kind == TokenKind::symbol || token.kind == TokenKind::name);
}

bool TokenReader::accept(std::string_view spelling) {
    const bool found = at(spelling);
    position_ += found ? 1 : 0;
    return found;
}

void TokenReader::require(std::string_view spelling) {
    if (!accept(spelling)) {
        expected(fmt::format("\"{}\"", spelling));
    }
}

void TokenReader::expected(std::string_view what) const {
    const Token& token = current();
    std::string found = token.kind == TokenKind::end ? "the end" : fmt::format("\"{}\"", token.spelling);
    complain(source_, token.offset, fmt::format("expected {}, found {}", what, found));
}

TokenReader::Nesting::Nesting(TokenReader& reader) : reader_(reader) {
    if (++reader_.nesting_ > 2 * kMaxNesting) {
        complain(reader_.source_, reader_.current().offset,
                 fmt::format("brackets and signs are nested more than {} deep", kMaxNesting));
    }
}

}  // namespace warpsmith
