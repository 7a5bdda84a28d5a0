// Walks over the tokens of a text: looks, accepts, requires, and complains where something else was expected.
#pragma once

#include <string_view>
#include <vector>

#include "solver/lexer.hpp"
#include "solver/source_text.hpp"

namespace warpsmith {

class TokenReader {
  public:
    static constexpr int kMaxNesting = 200;

    TokenReader(const SourceText& source, Language language) : source_(source), tokens_(tokens_of(source, language)) {}

    const Token& current() const { return tokens_[position_]; }
    void advance() { position_ += current().kind == TokenKind::end ? 0 : 1; }

    bool at(std::string_view spelling) const;  // of a symbol or a name
    bool accept(std::string_view spelling);    // steps over it when it is there
    void require(std::string_view spelling);   // complains when it is not there
    [[noreturn]] void expected(std::string_view what) const;

    // Counts how deep a recursion over the text is while it is in scope, and complains when it is too deep. A pair of
    // brackets counts twice: for the expression in them and for the sign that may stand before it.
    class Nesting {
      public:
        explicit Nesting(TokenReader& reader);
        ~Nesting() { --reader_.nesting_; }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;

      private:
        TokenReader& reader_;
    };

  private:
    const SourceText& source_;
    std::vector<Token> tokens_;
    std::size_t position_ = 0;
    int nesting_ = 0;
};

}  // namespace warpsmith
