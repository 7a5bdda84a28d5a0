#include "solver/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>

namespace warpsmith {
namespace {

constexpr std::size_t kMaxTokens = 100'000;
constexpr std::size_t kBytesPerToken = 4;  // of usual texts, rather less than more

// What people write who come from another language.
struct Hint {
    std::string_view wrong;
    std::string_view advice;
};

constexpr Hint kPythonHints[] = {{"&&", "write `and`"},
                                 {"||", "write `or`"},
                                 {"!", "write `not`"},
                                 {"=", "write `==` to compare"},
                                 {"&", "bitwise operators are not supported; write `and`"},
                                 {"|", "bitwise operators are not supported; write `or`"},
                                 {"^", "write `**` for powers"},
                                 {"?", "write `a if condition else b`"}};
constexpr Hint kConstrintHints[] = {{">=", "there is only `<=`; swap the sides"},
                                    {">", "there is only `<=`; swap the sides"},
                                    {"<", "there is only `<=`; add 1 to the smaller side"},
                                    {"-", "there is no subtraction; add to the other side"},
                                    {"/", "there is no division; multiply the other side"},
                                    {"=", "write `==`"},
                                    {"&", "write `;` between constraints that must both hold"}};

// Longer symbols come before those they start with.
constexpr std::string_view kPythonSymbols[] = {"**", "//", "<=", ">=", "==", "!=", "+", "-", "*", "/", "%",
                                               "<",  ">",  "(",  ")",  "[",  "]",  "{", "}", ",", ":"};
constexpr std::string_view kPythonAndCSymbols[] = {"**", "//", "<=", ">=", "==", "!=", "&&", "||", "+", "-", "*", "/",
                                                   "%",  "<",  ">",  "(",  ")",  "[",  "]",  "{",  "}", ",", ":", "!"};
constexpr std::string_view kConstrintSymbols[] = {"<=", "==", "+", "*", "%", "^", "|", ";", "(", ")", "[", "]", ","};

struct Grammar {
    std::span<const std::string_view> symbols;
    std::span<const Hint> hints;
    bool has_text = true;
    bool has_comments = false;
};

Grammar grammar_of(Language language) {
    switch (language) {
        case Language::python:
            return {.symbols = kPythonSymbols, .hints = kPythonHints};
        case Language::python_and_c:
            return {.symbols = kPythonAndCSymbols, .hints = kPythonHints};
        default:
            return {.symbols = kConstrintSymbols, .hints = kConstrintHints, .has_text = false, .has_comments = true};
    }
}

bool is_digit(char character) {
    return character >= '0' && character <= '9';
}
bool is_letter(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character == '_';
}
bool is_space(char character) {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

class Lexer {
  public:
    Lexer(const SourceText& source, Language language)
        : source_(source), text_(source.text), grammar_(grammar_of(language)) {}

    std::vector<Token> run() {
        std::vector<Token> tokens;
        tokens.reserve(std::min(text_.size() / kBytesPerToken + 2, kMaxTokens));
        do {
            skip_spaces();
            tokens.push_back(next());
            if (tokens.size() > kMaxTokens) {
                complain(source_, position_, fmt::format("more than {} words and symbols; split the text", kMaxTokens));
            }
        } while (tokens.back().kind != TokenKind::end);
        return tokens;
    }

  private:
    char peek(std::size_t ahead = 0) const {
        return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
    }

    void skip_spaces() {
        while (is_space(peek()) || (grammar_.has_comments && peek() == '#')) {
            bool comment = peek() == '#';
            position_ = comment ? std::min(text_.find('\n', position_), text_.size()) : position_ + 1;
        }
    }

    Token next() {
        if (position_ == text_.size()) {
            return {.kind = TokenKind::end, .offset = position_};
        }
        char start = peek();
        if (is_digit(start) || (start == '.' && is_digit(peek(1)))) {
            return number();
        }
        if (is_letter(start)) {
            std::size_t begin = position_;
            while (is_letter(peek()) || is_digit(peek())) {
                ++position_;
            }
            return token(TokenKind::name, begin);
        }
        return grammar_.has_text && (start == '\'' || start == '"') ? text() : symbol();
    }

    Token token(TokenKind kind, std::size_t begin, Value value = {}) const {
        return {kind, text_.substr(begin, position_ - begin), begin, std::move(value)};
    }

    void skip_digits() {
        while (is_digit(peek())) {
            ++position_;
        }
    }

    Token number() {
        std::size_t begin = position_;
        skip_digits();
        bool whole = true;
        if (peek() == '.') {
            whole = false;
            ++position_;
            skip_digits();
        }
        std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
            whole = false;
            position_ += 1 + sign;
            skip_digits();
        }
        if (is_letter(peek())) {
            complain(source_, position_, "a number runs into a name; put an operator between them");
        }
        return token(TokenKind::number, begin, whole ? Value(parsed<std::int64_t>(begin)) : parsed<double>(begin));
    }

    template <class Number>
    Number parsed(std::size_t begin) const {
        Number number{};
        auto [end, error] = std::from_chars(text_.data() + begin, text_.data() + position_, number);
        if (error != std::errc{} || end != text_.data() + position_) {
            complain(source_, begin, "this number does not fit into 64 bits");
        }
        return number;
    }

    Token text() {
        std::size_t begin = position_;
        char quote = text_[position_++];
        std::string content;
        while (peek() != quote) {
            position_ += peek() == '\\' ? 1 : 0;
            if (position_ >= text_.size()) {
                complain(source_, begin, "this text has no closing quote");
            }
            content += text_[position_++];
        }
        ++position_;
        return token(TokenKind::text, begin, std::move(content));
    }

    Token symbol() {
        for (std::string_view symbol : grammar_.symbols) {
            if (symbol.front() == peek() && text_.substr(position_).starts_with(symbol)) {
                position_ += symbol.size();
                return token(TokenKind::symbol, position_ - symbol.size());
            }
        }
        for (const Hint& hint : grammar_.hints) {
            if (text_.substr(position_).starts_with(hint.wrong)) {
                complain(source_, position_,
                         fmt::format("\"{}\" is not an operator here; {}", hint.wrong, hint.advice));
            }
        }
        complain(source_, position_, "this character has no meaning here");
    }

    const SourceText& source_;
    std::string_view text_;
    Grammar grammar_;
    std::size_t position_ = 0;
};

}  // namespace

std::vector<Token> tokens_of(const SourceText& source, Language language) {
    return Lexer(source, language).run();
}

}  // namespace warpsmith
