#include "device/emulator/declaration.hpp"

#include <algorithm>
#include <bit>

namespace warpsmith::emulator {
namespace {

using syntax::Initialiser;
using syntax::StateSpace;
using syntax::Variable;

constexpr std::size_t kLargestVariable = std::size_t{1} << 40;  // far over any GPU's memory, far under overflow

struct SpaceRow {
    std::string_view directive;
    StateSpace space;
};

constexpr SpaceRow kSpaces[] = {
    {".global", StateSpace::global}, {".const", StateSpace::constant}, {".shared", StateSpace::shared},
    {".local", StateSpace::local},   {".param", StateSpace::param},
};

// What a pointer parameter points to (.ptr .global .align 16) tells nothing about the parameter itself.
bool accept_pointer_attribute(Lexer& lexer) {
    if (!lexer.accept(".ptr")) {
        return false;
    }
    while (space_named(lexer.peek().text)) {
        lexer.take();
    }
    if (lexer.accept(".align")) {
        parse_integer(lexer);
    }
    return true;
}

// .attribute(.managed) changes where a variable lives, not what a kernel computes.
bool accept_attribute(Lexer& lexer) {
    if (!lexer.accept(".attribute")) {
        return false;
    }
    while (lexer.peek().kind != Token::Kind::end && !lexer.accept(")")) {
        lexer.take();
    }
    return true;
}

// 0xFF00(symbol) takes one byte of an address, generic(symbol) its generic address.
Initialiser parse_initial_value(Lexer& lexer) {
    Initialiser value;
    const bool negative = lexer.accept("-");
    const Token token = lexer.take();
    if (token.kind == Token::Kind::word) {
        value.symbol = token.text;
        if (token.text == "generic" && lexer.accept("(")) {
            value.symbol = lexer.take().text;
            lexer.expect(")");
        }
        if (lexer.accept("+")) {
            value.bits = static_cast<std::uint64_t>(parse_integer(lexer));
        }
        return value;
    }
    value.bits = negative ? 0 - token.bits : token.bits;
    value.floating32 = token.kind == Token::Kind::float32;
    value.floating64 = token.kind == Token::Kind::float64;
    if (token.kind == Token::Kind::integer && lexer.accept("(")) {
        value.masked = true;
        for (std::uint64_t mask = token.bits; mask > 0xFF; mask >>= 8) {
            value.mask_shift += 8;
        }
        value.bits = 0;
        value.symbol = lexer.take().text;
        if (value.symbol == "generic" && lexer.accept("(")) {
            value.symbol = lexer.take().text;
            lexer.expect(")");
        }
        lexer.expect(")");
    }
    return value;
}

// Nested braces ({{1,2},{3,4}}) are read in memory order.
void parse_initialiser(Lexer& lexer, Variable& variable) {
    int depth = 0;
    do {
        while (lexer.accept("{")) {
            ++depth;
        }
        if (!lexer.peek().is("}")) {
            variable.initial.push_back(parse_initial_value(lexer));
        }
        while (depth > 0 && lexer.accept("}")) {
            --depth;
        }
    } while (lexer.accept(",") || (depth > 0 && lexer.peek().kind != Token::Kind::end));
}

std::size_t parse_dimensions(Lexer& lexer, std::size_t bytes, bool& open) {
    while (lexer.accept("[")) {
        if (lexer.accept("]")) {
            open = true;
            continue;
        }
        const std::uint64_t extent = static_cast<std::uint64_t>(parse_integer(lexer));
        lexer.expect("]");
        if (extent > kLargestVariable || bytes * extent > kLargestVariable) {
            lexer.fail("expected a variable of less than 2^40 bytes");
        }
        bytes *= extent;
    }
    return bytes;
}

}  // namespace

std::optional<StateSpace> space_named(std::string_view directive) {
    for (const SpaceRow& row : kSpaces) {
        if (row.directive == directive) {
            return row.space;
        }
    }
    return std::nullopt;
}

std::int64_t parse_integer(Lexer& lexer) {
    const bool negative = lexer.accept("-");
    if (lexer.peek().kind != Token::Kind::integer) {
        lexer.fail("expected an integer");
    }
    const std::uint64_t bits = lexer.take().bits;
    return static_cast<std::int64_t>(negative ? 0 - bits : bits);
}

Type parse_type(Lexer& lexer) {
    const std::string_view text = lexer.peek().text;
    const std::optional<Type> type = text.empty() ? std::nullopt : type_named(text.substr(1));
    if (!type || text[0] != '.') {
        lexer.fail("expected a type");
    }
    lexer.take();
    return *type;
}

Variable parse_variable(Lexer& lexer, StateSpace space) {
    Variable variable{.space = space};
    std::size_t explicit_align = 0, lanes = 1;
    bool typed = false;
    while (lexer.peek().kind == Token::Kind::word && lexer.peek().text.starts_with('.')) {
        if (lexer.accept(".align")) {
            explicit_align =
                std::bit_ceil(static_cast<std::size_t>(std::clamp<std::int64_t>(parse_integer(lexer), 1, 1024)));
        } else if (lexer.accept(".v2")) {
            lanes = 2;
        } else if (lexer.accept(".v4")) {
            lanes = 4;
        } else if (!accept_pointer_attribute(lexer) && !accept_attribute(lexer)) {
            variable.type = parse_type(lexer);
            typed = true;
        }
    }
    if (!typed || lexer.peek().kind != Token::Kind::word) {
        lexer.fail("expected a type and a name");
    }
    variable.name = lexer.take().text;
    const std::size_t element = bytes(variable.type) * lanes;
    bool open = false;
    variable.bytes = parse_dimensions(lexer, element, open);
    variable.align = std::max(explicit_align, element);
    if (lexer.accept("=")) {
        parse_initialiser(lexer, variable);
    }
    if (open) {
        variable.bytes = variable.initial.size() * element;
    }
    if (variable.initial.size() * bytes(variable.type) > variable.bytes) {
        lexer.fail("expected no more initial values than '" + variable.name + "' has elements");
    }
    return variable;
}

}  // namespace warpsmith::emulator
