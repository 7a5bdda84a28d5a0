// Splits PTX text into words, numbers, strings and punctuation, each with its line.
#pragma once

#include <cstdint>
#include <string_view>

namespace warpsmith::emulator {

struct Token {
    enum class Kind : std::uint8_t {
        word,         // opcode, directive, name: letters, digits, _ $ % . and ::
        integer,      // bits holds the value
        float32,      // bits holds the IEEE-754 bits of 0fXXXXXXXX
        float64,      // bits holds those of 0dXXXXXXXXXXXXXXXX, or of a decimal number
        string,       // text without its quotes
        punctuation,  // one character
        end,
    };
    Kind kind = Kind::end;
    std::string_view text;  // points into the source
    std::uint64_t bits = 0;
    int line = 0;

    bool is(std::string_view expected) const {
        return (kind == Kind::word || kind == Kind::punctuation) && text == expected;
    }
};

class Lexer {
  public:
    // `source` must outlive the lexer and its tokens.
    explicit Lexer(std::string_view source) : source_(source) { advance(); }

    const Token& peek() const { return token_; }
    Token take();  // the current token; moves on

    // Moves on when the current token is `text`.
    bool accept(std::string_view text);

    // Moves on past `text`, or throws Error naming the line.
    void expect(std::string_view text);

    [[noreturn]] void fail(std::string_view what) const;

  private:
    void advance();
    void skip_blank();
    bool starts(std::string_view text) const { return source_.substr(position_, text.size()) == text; }
    Token scan_number();
    Token scan_word();
    Token scan_string();

    std::string_view source_;
    std::size_t position_ = 0;
    int line_ = 1;
    Token token_;
};

}  // namespace warpsmith::emulator
