// The operands of an instruction.
#include "device/emulator/declaration.hpp"
#include "device/emulator/function_parser.hpp"

namespace warpsmith::emulator {
namespace {

using syntax::Operand;

constexpr int kDeepestOperand = 4;  // [tensor, {x, y}] nests two

}  // namespace

std::int64_t FunctionParser::parse_offset() {
    std::uint64_t offset = 0;
    while (lexer_.peek().is("+") || lexer_.peek().is("-")) {
        const bool minus = lexer_.take().text == "-";
        const std::uint64_t term = static_cast<std::uint64_t>(parse_integer(lexer_));
        offset = minus ? offset - term : offset + term;
    }
    return static_cast<std::int64_t>(offset);
}

Operand FunctionParser::parse_name(const Token& token) {
    Operand operand{.name = std::string(token.text)};
    if (token.text == "_") {
        return operand;
    }
    if (token.text == "WARP_SZ") {
        operand.kind = Operand::Kind::integer;
        operand.bits = 32;
    } else if (const std::optional<std::uint32_t> reg = find_register(operand.name)) {
        operand.kind = Operand::Kind::reg;
        operand.index = *reg;
    } else if (const std::optional<std::uint32_t> variable = find_variable(operand.name)) {
        operand.kind = Operand::Kind::variable;
        operand.index = *variable;
    } else {
        operand.kind = token.text[0] == '%' ? Operand::Kind::special : Operand::Kind::symbol;
    }
    return operand;
}

Operand FunctionParser::parse_simple_operand() {
    const bool negated = lexer_.accept("!");
    const bool minus = !negated && lexer_.accept("-");
    const Token token = lexer_.take();
    if (token.kind == Token::Kind::word && !minus) {
        Operand operand = parse_name(token);
        operand.negated = negated;
        return operand;
    }
    Operand operand{.kind = Operand::Kind::integer, .bits = minus ? 0 - token.bits : token.bits};
    if (token.kind == Token::Kind::float32 || token.kind == Token::Kind::float64) {
        operand.kind = token.kind == Token::Kind::float32 ? Operand::Kind::float32 : Operand::Kind::float64;
        const std::uint64_t sign = operand.kind == Operand::Kind::float32 ? 0x80000000ULL : 1ULL << 63;
        operand.bits = minus ? token.bits ^ sign : token.bits;
    } else if (token.kind != Token::Kind::integer) {
        lexer_.fail("expected an operand before this; '" + std::string(token.text) + "' is none,");
    }
    return operand;
}

Operand FunctionParser::parse_list(Operand::Kind kind, std::string_view close, int depth) {
    Operand operand{.kind = kind};
    while (!lexer_.accept(close)) {
        operand.parts.push_back(parse_operand(depth + 1));
        if (!lexer_.accept(",") && !lexer_.peek().is(close)) {
            lexer_.fail("expected '" + std::string(close) + "'");
        }
    }
    return operand;
}

// [base], [base+offset], [base, {coordinates}]
Operand FunctionParser::parse_address(int depth) {
    Operand operand{.kind = Operand::Kind::address};
    operand.parts.push_back(parse_simple_operand());
    operand.offset = parse_offset();
    while (lexer_.accept(",")) {
        operand.parts.push_back(parse_operand(depth + 1));
    }
    lexer_.expect("]");
    return operand;
}

Operand FunctionParser::parse_operand(int depth) {
    if (depth > kDeepestOperand) {
        lexer_.fail("expected less nesting in an operand");
    }
    if (lexer_.accept("{")) {
        return parse_list(Operand::Kind::vector, "}", depth);
    }
    if (lexer_.accept("(")) {
        return parse_list(Operand::Kind::list, ")", depth);
    }
    if (lexer_.accept("[")) {
        return parse_address(depth);
    }
    Operand operand = parse_simple_operand();
    if (operand.kind == Operand::Kind::symbol || operand.kind == Operand::Kind::variable) {
        operand.offset = parse_offset();
    }
    if (lexer_.accept("|")) {
        Operand pair{.kind = Operand::Kind::pair};
        pair.parts.push_back(std::move(operand));
        pair.parts.push_back(parse_simple_operand());
        return pair;
    }
    return operand;
}

}  // namespace warpsmith::emulator
