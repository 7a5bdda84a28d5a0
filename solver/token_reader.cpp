#include "solver/token_reader.hpp"

#include <fmt/format.h>

namespace warpsmith {

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
