#include "device/emulator/lexer.hpp"

#include <bit>
#include <charconv>
#include <string>

#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '%' ||
           c == '.';
}

}  // namespace

Token Lexer::take() {
    const Token taken = token_;
    advance();
    return taken;
}

bool Lexer::accept(std::string_view text) {
    if (!token_.is(text)) {
        return false;
    }
    advance();
    return true;
}

void Lexer::expect(std::string_view text) {
    if (!accept(text)) {
        fail("expected '" + std::string(text) + "'");
    }
}

void Lexer::fail(std::string_view what) const {
    const std::string found = token_.kind == Token::Kind::end ? "the end" : "'" + std::string(token_.text) + "'";
    throw Error("reading PTX: line " + std::to_string(token_.line) + ": " + std::string(what) + " but found " + found +
                "; pass the text that NVRTC or nvcc -ptx wrote");
}

void Lexer::skip_blank() {
    while (position_ < source_.size()) {
        if (starts("//")) {
            position_ = std::min(source_.find('\n', position_), source_.size());
        } else if (starts("/*")) {
            const std::size_t end = std::min(source_.find("*/", position_ + 2), source_.size());
            for (; position_ < end; ++position_) {
                line_ += source_[position_] == '\n';
            }
            position_ = std::min(end + 2, source_.size());
        } else if (source_[position_] == '\n') {
            ++line_;
            ++position_;
        } else if (source_[position_] == ' ' || source_[position_] == '\t' || source_[position_] == '\r' ||
                   source_[position_] == '\0') {
            ++position_;
        } else {
            return;
        }
    }
}

Token Lexer::scan_word() {
    const std::size_t begin = position_;
    while (position_ < source_.size()) {
        if (is_word(source_[position_])) {
            ++position_;
        } else if (starts("::")) {
            position_ += 2;
        } else {
            break;
        }
    }
    return {.kind = Token::Kind::word, .text = source_.substr(begin, position_ - begin), .line = line_};
}

Token Lexer::scan_string() {
    const std::size_t begin = ++position_;
    while (position_ < source_.size() && source_[position_] != '"' && source_[position_] != '\n') {
        ++position_;
    }
    const Token token{.kind = Token::Kind::string, .text = source_.substr(begin, position_ - begin), .line = line_};
    position_ += position_ < source_.size() && source_[position_] == '"';
    return token;
}

Token Lexer::scan_number() {
    const std::size_t begin = position_;
    int base = 10;
    Token token{.kind = Token::Kind::integer, .line = line_};
    const auto prefixed = [&](std::string_view lower, std::string_view upper) {
        return (starts(lower) || starts(upper)) && position_ + 2 < source_.size() && is_hex(source_[position_ + 2]);
    };
    if (prefixed("0x", "0X")) {
        base = 16;
    } else if (prefixed("0f", "0F")) {
        base = 16;
        token.kind = Token::Kind::float32;
    } else if (prefixed("0d", "0D")) {
        base = 16;
        token.kind = Token::Kind::float64;
    } else if (prefixed("0b", "0B")) {
        base = 2;
    } else if (source_[position_] == '0' && position_ + 1 < source_.size() && is_digit(source_[position_ + 1])) {
        base = 8;
    }
    const char* const first = source_.data() + position_ + (base == 16 || base == 2 ? 2 : 0);
    const char* const last = source_.data() + source_.size();
    std::from_chars_result read = std::from_chars(first, last, token.bits, base);
    if (base == 10 && read.ptr != last && (*read.ptr == '.' || *read.ptr == 'e' || *read.ptr == 'E')) {
        double value = 0;
        read = std::from_chars(first, last, value);
        token.kind = Token::Kind::float64;
        token.bits = std::bit_cast<std::uint64_t>(value);
    }
    position_ = static_cast<std::size_t>(read.ptr - source_.data());
    if (position_ < source_.size() && source_[position_] == 'U') {
        ++position_;
    }
    token.text = source_.substr(begin, position_ - begin);
    if (read.ec != std::errc()) {
        token_ = token;
        fail("expected a number that fits in 64 bits");
    }
    return token;
}

void Lexer::advance() {
    skip_blank();
    if (position_ >= source_.size()) {
        token_ = {.kind = Token::Kind::end, .line = line_};
    } else if (is_digit(source_[position_])) {
        token_ = scan_number();
    } else if (is_word(source_[position_])) {
        token_ = scan_word();
    } else if (source_[position_] == '"') {
        token_ = scan_string();
    } else {
        token_ = {.kind = Token::Kind::punctuation, .text = source_.substr(position_, 1), .line = line_};
        ++position_;
    }
}

}  // namespace warpsmith::emulator
