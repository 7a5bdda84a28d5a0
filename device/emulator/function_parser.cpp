#include "device/emulator/function_parser.hpp"

#include <charconv>

#include "device/emulator/declaration.hpp"

namespace warpsmith::emulator {
namespace {

using syntax::Instruction;
using syntax::StateSpace;

constexpr std::size_t kDeepestScope = 256;          // inline assembly nests two or three
constexpr std::uint32_t kMostRegisters = 1U << 22;  // per function; a thread has 255 and unrolled PTX names some 10^5

}  // namespace

FunctionParser::FunctionParser(Lexer& lexer, syntax::Function& function) : lexer_(lexer), function_(function) {}

void FunctionParser::parse() {
    open_scope();
    for (std::uint32_t v = 0; v < function_.variables.size(); ++v) {
        scopes_.back().variables[function_.variables[v].name] = v;
    }
    while (!scopes_.empty()) {
        if (lexer_.peek().kind == Token::Kind::end) {
            lexer_.fail("expected '}' at the end of function '" + function_.name + "'");
        }
        parse_statement();
    }
}

void FunctionParser::open_scope() {
    if (scopes_.size() >= kDeepestScope) {
        lexer_.fail("expected fewer nested scopes");
    }
    const std::uint32_t id = static_cast<std::uint32_t>(function_.scope_parents.size());
    function_.scope_parents.push_back(scopes_.empty() ? 0 : scopes_.back().id);
    scopes_.push_back({.id = id});
}

void FunctionParser::parse_statement() {
    if (lexer_.accept("{")) {
        open_scope();
    } else if (lexer_.accept("}")) {
        scopes_.pop_back();
    } else if (!lexer_.accept(";") && !parse_directive()) {
        parse_instruction();
    }
}

bool FunctionParser::parse_directive() {
    const std::string_view text = lexer_.peek().text;
    if (lexer_.peek().kind != Token::Kind::word || text[0] != '.') {
        return false;
    }
    if (lexer_.accept(".reg")) {
        parse_registers();
    } else if (lexer_.accept(".loc")) {
        parse_location();
        return true;  // ends at the line's end, without a semicolon
    } else if (lexer_.accept(".pragma")) {
        lexer_.take();
    } else if (const std::optional<StateSpace> space = space_named(text)) {
        lexer_.take();
        do {
            syntax::Variable variable = parse_variable(lexer_, *space);
            scopes_.back().variables[variable.name] = static_cast<std::uint32_t>(function_.variables.size());
            function_.variables.push_back(std::move(variable));
        } while (lexer_.accept(","));
    } else {
        lexer_.fail("expected a directive that can stand in a function");
    }
    lexer_.expect(";");
    return true;
}

void FunctionParser::parse_registers() {
    const Type type = parse_type(lexer_);
    do {
        const std::string name(lexer_.take().text);
        if (lexer_.accept("<")) {
            const std::int64_t count = parse_integer(lexer_);
            scopes_.back().ranges[name] = {type, static_cast<std::uint64_t>(count)};
            lexer_.expect(">");
        } else {
            add_register(scopes_.back(), name, type);
        }
    } while (lexer_.accept(","));
}

std::array<std::uint32_t, 3> FunctionParser::parse_place() {
    std::array<std::uint32_t, 3> place;
    for (std::uint32_t& number : place) {
        number = static_cast<std::uint32_t>(parse_integer(lexer_));
    }
    return place;
}

// .loc file line column [, function_name symbol [+ offset], inlined_at file line column]
void FunctionParser::parse_location() {
    const std::array<std::uint32_t, 3> place = parse_place();
    syntax::LocationEntry entry{.at = {place[0], place[1]}, .column = place[2]};
    while (lexer_.accept(",")) {
        if (lexer_.accept("function_name")) {
            lexer_.take();
            if (lexer_.accept("+")) {
                parse_integer(lexer_);
            }
        } else {
            lexer_.expect("inlined_at");
            const auto caller = known_locations_.find(parse_place());
            entry.caller = caller == known_locations_.end() ? 0 : caller->second;
        }
    }
    location_ = static_cast<std::uint32_t>(function_.locations.size());
    known_locations_[place] = location_;
    function_.locations.push_back(entry);
}

std::uint32_t FunctionParser::add_register(Scope& scope, const std::string& name, Type type) {
    if (function_.registers.size() >= kMostRegisters) {
        lexer_.fail("expected fewer registers in function '" + function_.name + "'");
    }
    const std::uint32_t index = static_cast<std::uint32_t>(function_.registers.size());
    function_.registers.push_back({name, type});
    scope.registers[name] = index;
    return index;
}

std::optional<std::uint32_t> FunctionParser::find_register(const std::string& name) {
    std::size_t digits = name.size();
    while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9') {
        --digits;
    }
    std::uint64_t number = 0;
    const bool numbered = digits < name.size() &&
                          std::from_chars(name.data() + digits, name.data() + name.size(), number).ec == std::errc();
    for (std::size_t s = scopes_.size(); s-- > 0;) {
        const auto found = scopes_[s].registers.find(name);
        if (found != scopes_[s].registers.end()) {
            return found->second;
        }
        const auto range = numbered ? scopes_[s].ranges.find(name.substr(0, digits)) : scopes_[s].ranges.end();
        if (range != scopes_[s].ranges.end() && number < range->second.count) {
            return add_register(scopes_[s], name, range->second.type);
        }
    }
    return std::nullopt;
}

std::optional<std::uint32_t> FunctionParser::find_variable(const std::string& name) const {
    for (std::size_t s = scopes_.size(); s-- > 0;) {
        const auto found = scopes_[s].variables.find(name);
        if (found != scopes_[s].variables.end()) {
            return found->second;
        }
    }
    return std::nullopt;
}

void FunctionParser::parse_guard(Instruction& instruction) {
    instruction.guard_negated = lexer_.accept("!");
    const std::optional<std::uint32_t> reg = find_register(std::string(lexer_.peek().text));
    if (!reg || function_.registers[*reg].type != Type::pred) {
        lexer_.fail("expected a predicate register behind '@'");
    }
    lexer_.take();
    instruction.guard = *reg;
}

void FunctionParser::parse_instruction() {
    Instruction instruction{.location = location_, .scope = scopes_.back().id, .ptx_line = lexer_.peek().line};
    if (lexer_.accept("@")) {
        parse_guard(instruction);
    }
    if (lexer_.peek().kind != Token::Kind::word) {
        lexer_.fail("expected an instruction");
    }
    instruction.opcode = lexer_.take().text;
    if (!instruction.guard && lexer_.accept(":")) {
        parse_label_or_prototype(instruction.opcode);
        return;
    }
    parse_trailing_operands(instruction);
    function_.body.push_back(std::move(instruction));
}

void FunctionParser::parse_trailing_operands(Instruction& instruction) {
    while (!lexer_.accept(";")) {
        instruction.operands.push_back(parse_operand(0));
        if (!lexer_.accept(",") && !lexer_.peek().is(";")) {
            lexer_.fail("expected ',' or ';' in '" + instruction.opcode + "'");
        }
    }
}

// A call prototype tells nothing that the call and the callee do not.
void FunctionParser::parse_label_or_prototype(const std::string& name) {
    if (lexer_.accept(".callprototype")) {
        while (lexer_.peek().kind != Token::Kind::end && !lexer_.accept(";")) {
            lexer_.take();
        }
        return;
    }
    if (lexer_.accept(".branchtargets") || lexer_.accept(".calltargets")) {
        syntax::BranchTable table{.name = name, .scope = scopes_.back().id};
        do {
            table.labels.emplace_back(lexer_.take().text);
        } while (lexer_.accept(","));
        lexer_.expect(";");
        function_.branch_tables.push_back(std::move(table));
        return;
    }
    function_.labels.push_back({name, scopes_.back().id, function_.body.size()});
}

void skip_braces(Lexer& lexer) {
    lexer.expect("{");
    for (int depth = 1; depth > 0;) {
        const Token token = lexer.take();
        if (token.kind == Token::Kind::end) {
            lexer.fail("expected '}'");
        }
        depth += token.is("{") ? 1 : token.is("}") ? -1 : 0;
    }
}

}  // namespace warpsmith::emulator
