#include "solver/constrint_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/token_reader.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxLine = 2000;  // of a constraint as it is shown
constexpr std::int64_t kMaxExponent = 62;

bool is_constraint(const Syntax& syntax) {
    bool of_terms = syntax.op == Op::equal || syntax.op == Op::less_equal;
    bool of_constraints = syntax.op == Op::logical_and || syntax.op == Op::logical_or;
    return syntax.form == Form::comparison || (syntax.form == Form::operation && (of_terms || of_constraints));
}

class ConstrintParser {
  public:
    ConstrintParser(const SourceText& source, Brackets brackets)
        : source_(source), brackets_(brackets), tokens_(source, Language::constrint) {}

    std::vector<ConstrintRelation> run() {
        std::vector<ConstrintRelation> relations;
        while (true) {
            while (accept(";")) {
            }
            if (at_end()) {
                return relations;
            }
            std::size_t begin = offset();
            Syntax meaning = alternatives();
            std::string text = line_of(begin, offset());
            add(relations, std::move(meaning), text);
            if (!at_end() && !at(";")) {
                tokens_.expected("an operator or \";\"");
            }
        }
    }

  private:
    // Brackets that do not count are stepped over wherever the text is looked at.
    void skip() {
        while (brackets_ == Brackets::dropped && (tokens_.at("(") || tokens_.at(")"))) {
            tokens_.advance();
        }
    }
    bool at(std::string_view spelling) {
        skip();
        return tokens_.at(spelling);
    }
    bool accept(std::string_view spelling) {
        skip();
        return tokens_.accept(spelling);
    }
    bool at_end() {
        skip();
        return tokens_.current().kind == TokenKind::end;
    }
    std::size_t offset() {
        skip();
        return tokens_.current().offset;
    }

    // A conjunction at the top, which brackets can make, is several constraints.
    static void add(std::vector<ConstrintRelation>& relations, Syntax meaning, const std::string& text) {
        if (meaning.form == Form::operation && meaning.op == Op::logical_and) {
            for (Syntax& part : meaning.parts) {
                add(relations, std::move(part), text);
            }
            return;
        }
        relations.push_back({std::move(meaning), text});
    }

    std::string line_of(std::size_t begin, std::size_t end) const {
        std::string line;
        bool comment = false;
        for (char character : std::string_view(source_.text).substr(begin, end - begin)) {
            comment = (comment || character == '#') && character != '\n';
            bool space = character == ' ' || character == '\n' || character == '\t' || character == '\r';
            if (!comment && !(space && (line.empty() || line.back() == ' '))) {
                line += space ? ' ' : character;
            }
            if (line.size() > kMaxLine) {
                return line + "...";
            }
        }
        while (!line.empty() && line.back() == ' ') {
            line.pop_back();
        }
        return line;
    }

    Syntax operation(Op op, std::size_t where, Syntax left, Syntax right) const {
        std::vector<Syntax> parts;
        parts.push_back(std::move(left));
        parts.push_back(std::move(right));
        return with_parts(source_, {.form = Form::operation, .op = op, .offset = where}, std::move(parts));
    }

    Syntax term(Syntax syntax) const {
        if (is_constraint(syntax)) {
            complain(source_, syntax.offset, "a constraint stands where a term is expected");
        }
        return syntax;
    }
    Syntax constraint(Syntax syntax) {
        if (!is_constraint(syntax)) {
            tokens_.expected("\"==\" or \"<=\"");
        }
        return syntax;
    }

    // a | b; blank alternatives count for nothing, so that || can be written.
    Syntax alternatives() {
        while (accept("|")) {
        }
        Syntax left = relation();
        while (true) {
            std::size_t where = offset();
            bool more = false;
            while (accept("|")) {
                more = true;
            }
            if (!more || at_end() || at(";") || at(")")) {
                return left;
            }
            Syntax right = constraint(relation());
            left = operation(Op::logical_or, where, constraint(std::move(left)), std::move(right));
        }
    }

    Syntax relation() {
        Syntax left = sum();
        std::size_t where = offset();
        if (brackets_ == Brackets::dropped && accept("%")) {
            Syntax remainder = operation(Op::modulo, where, std::move(left), sum());
            where = offset();
            require_zero();
            return operation(Op::equal, where, std::move(remainder), number(0, where));
        }
        if (accept("<=")) {
            return compared(Op::less_equal, where, term(std::move(left)), term(sum()));
        }
        if (accept("==")) {
            return compared(Op::equal, where, term(std::move(left)), term(sum()));
        }
        return brackets_ == Brackets::counted ? std::move(left) : constraint(std::move(left));
    }

    static Syntax number(std::int64_t value, std::size_t where) {
        return {.form = Form::constant, .offset = where, .value = value};
    }

    // The original looks for the very characters "== 0", and for nothing after them.
    void require_zero() {
        std::size_t where = offset();
        bool exact = std::string_view(source_.text).substr(where).starts_with("== 0");
        if (!accept("==")) {
            tokens_.expected("\"== 0\"; a remainder can only be compared with 0");
        }
        if (!exact || tokens_.current().spelling != "0") {
            complain(source_, where,
                     "a remainder can only be compared with 0, written \"== 0\" with one space: the original takes "
                     "anything else for a name");
        }
        tokens_.advance();
        if (!at_end() && !at(";") && !at("|")) {
            tokens_.expected("\";\" after \"== 0\"");
        }
    }

    Syntax compared(Op op, std::size_t where, Syntax left, Syntax right) {
        if (at("==") || at("<=") || at("%")) {
            tokens_.expected("\";\": a constraint has one comparison");
        }
        bool swapped = left.form == Form::list;
        Syntax& list = swapped ? left : right;
        Syntax& other = swapped ? right : left;
        if (list.form != Form::list) {
            return operation(op, where, std::move(left), std::move(right));
        }
        if (op != Op::equal || other.form == Form::list) {
            complain(source_, list.offset, "a list can only be compared with a term, with ==");
        }
        std::vector<Syntax> parts;
        parts.push_back(std::move(other));
        parts.push_back(std::move(list));
        return with_parts(source_, {.form = Form::comparison, .offset = where, .links = {Link::in}}, std::move(parts));
    }

    Syntax plain(Syntax syntax) const {
        if (syntax.form == Form::list) {
            complain(source_, syntax.offset, "a list can only be a whole side of ==");
        }
        return term(std::move(syntax));
    }

    Syntax sum() {
        Syntax left = product();
        for (std::size_t where = offset(); accept("+"); where = offset()) {
            Syntax right = plain(product());
            left = operation(Op::add, where, plain(std::move(left)), std::move(right));
        }
        return left;
    }

    Syntax product() {
        Syntax left = power();
        for (std::size_t where = offset();; where = offset()) {
            bool remainder = brackets_ == Brackets::counted && accept("%");
            if (!remainder && !accept("*")) {
                return left;
            }
            Syntax right = plain(power());
            left = operation(remainder ? Op::modulo : Op::multiply, where, plain(std::move(left)), std::move(right));
        }
    }

    Syntax power() {
        Syntax base = atom();
        std::size_t where = offset();
        if (!accept("^")) {
            return base;
        }
        Syntax exponent = atom();
        const auto* number = std::get_if<std::int64_t>(&exponent.value);
        if (exponent.form != Form::constant || number == nullptr || *number < 1 || *number > kMaxExponent) {
            complain(source_, exponent.offset, fmt::format("an exponent is a number from 1 to {}", kMaxExponent));
        }
        if (at("^")) {
            tokens_.expected("another operator: a power of a power is not in the language");
        }
        return operation(Op::power, where, plain(std::move(base)), std::move(exponent));
    }

    Syntax atom() {
        skip();
        const Token here = tokens_.current();
        if (brackets_ == Brackets::counted && accept("(")) {
            TokenReader::Nesting nesting(tokens_);
            Syntax inside = conjunction();
            tokens_.require(")");
            return inside;
        }
        if (accept("[")) {
            return list(here.offset);
        }
        if (here.kind != TokenKind::number && here.kind != TokenKind::name) {
            tokens_.expected("a name, a number or a list");
        }
        tokens_.advance();
        skip();
        TokenKind next = tokens_.current().kind;
        if (next == TokenKind::number || next == TokenKind::name || tokens_.at("[")) {
            tokens_.expected("an operator");
        }
        if (here.kind == TokenKind::number) {
            return integer(here);
        }
        if (here.spelling.size() > kMaxName) {
            complain(source_, here.offset, fmt::format("a name has more than {} letters", kMaxName));
        }
        return {.form = Form::name, .offset = here.offset, .name = std::string(here.spelling)};
    }

    Syntax integer(const Token& token) const {
        if (std::get_if<std::int64_t>(&token.value) == nullptr) {
            complain(source_, token.offset, "numbers are whole here");
        }
        return {.form = Form::constant, .offset = token.offset, .value = token.value};
    }

    // Inside brackets that count: constraints with ; between them, or a term.
    Syntax conjunction() {
        Syntax left = alternatives();
        for (std::size_t where = offset(); accept(";"); where = offset()) {
            if (at(")") || at(";")) {
                continue;
            }
            Syntax right = constraint(alternatives());
            left = operation(Op::logical_and, where, constraint(std::move(left)), std::move(right));
        }
        return left;
    }

    Syntax list(std::size_t where) {
        std::vector<Syntax> parts;
        do {
            if (tokens_.current().kind != TokenKind::number) {
                tokens_.expected("a number");
            }
            parts.push_back(integer(tokens_.current()));
            tokens_.advance();
        } while (tokens_.accept(","));
        tokens_.require("]");
        return with_parts(source_, {.form = Form::list, .offset = where}, std::move(parts));
    }

    const SourceText& source_;
    Brackets brackets_;
    TokenReader tokens_;
};

}  // namespace

std::vector<ConstrintRelation> parse_constrint(const SourceText& source, Brackets brackets) {
    return ConstrintParser(source, brackets).run();
}

}  // namespace warpsmith
