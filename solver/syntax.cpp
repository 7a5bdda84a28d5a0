#include "solver/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "solver/token_reader.hpp"

namespace warpsmith {
namespace {

template <class Meaning>
struct Spelling {
    std::string_view spelling;
    Meaning meaning;
};
constexpr Spelling<Link> kComparisons[] = {{"==", Link::equal},  {"!=", Link::not_equal},
                                           {"<", Link::less},    {"<=", Link::less_equal},
                                           {">", Link::greater}, {">=", Link::greater_equal}};
constexpr Spelling<Op> kSums[] = {{"+", Op::add}, {"-", Op::subtract}};
constexpr Spelling<Op> kProducts[] = {
    {"*", Op::multiply}, {"//", Op::floor_divide}, {"/", Op::real_divide}, {"%", Op::modulo}};

constexpr std::size_t kMaxClauses = 21;  // and the element; who walks over them may recurse

constexpr std::string_view kKeywords[] = {"and", "or", "not", "if", "else", "in", "for", "is", "lambda", "None"};

class SyntaxParser {
  public:
    SyntaxParser(const SourceText& source, Language language) : source_(source), tokens_(source, language) {}

    Syntax run() {
        Syntax result = expression();
        if (tokens_.current().kind != TokenKind::end) {
            tokens_.expected("an operator or the end");
        }
        return result;
    }

  private:
    template <class Meaning>
    std::optional<Meaning> accept_any(std::span<const Spelling<Meaning>> known) {
        for (const Spelling<Meaning>& candidate : known) {
            if (tokens_.accept(candidate.spelling)) {
                return candidate.meaning;
            }
        }
        return std::nullopt;
    }

    Syntax node(Form form, std::size_t offset, std::vector<Syntax> parts) const {
        return with_parts(source_, {.form = form, .offset = offset}, std::move(parts));
    }

    // The parts are moved in one by one: an initializer_list would copy whole trees.
    template <class... Parts>
    Syntax operation(Op op, std::size_t offset, Parts&&... operands) const {
        std::vector<Syntax> parts;
        parts.reserve(sizeof...(operands));
        (parts.push_back(std::forward<Parts>(operands)), ...);
        return with_parts(source_, {.form = Form::operation, .op = op, .offset = offset}, std::move(parts));
    }

    // Every way to nest an expression in another goes through here, through `sign` or through `negation`.
    Syntax expression() {
        TokenReader::Nesting nesting(tokens_);
        Syntax value = disjunction();
        std::size_t offset = tokens_.current().offset;
        if (!tokens_.accept("if")) {
            return value;
        }
        Syntax condition = disjunction();
        tokens_.require("else");
        return operation(Op::select, offset, std::move(condition), std::move(value), expression());
    }

    Syntax disjunction() {
        Syntax left = conjunction();
        for (std::size_t offset = next(); tokens_.accept("or") || tokens_.accept("||"); offset = next()) {
            left = operation(Op::logical_or, offset, std::move(left), conjunction());
        }
        return left;
    }

    Syntax conjunction() {
        Syntax left = negation();
        for (std::size_t offset = next(); tokens_.accept("and") || tokens_.accept("&&"); offset = next()) {
            left = operation(Op::logical_and, offset, std::move(left), negation());
        }
        return left;
    }

    Syntax negation() {
        std::size_t offset = next();
        if (!tokens_.accept("not")) {
            return comparison();
        }
        TokenReader::Nesting nesting(tokens_);
        return operation(Op::logical_not, offset, negation());
    }

    Syntax comparison() {
        Syntax left = sum();
        std::size_t offset = next();
        std::optional<Link> link = accept_link();
        if (!link) {
            return left;
        }
        std::vector<Syntax> parts;
        std::vector<Link> links;
        parts.reserve(2);
        parts.push_back(std::move(left));
        for (; link; link = accept_link()) {
            links.push_back(*link);
            parts.push_back(sum());
        }
        return with_parts(source_, {.form = Form::comparison, .offset = offset, .links = std::move(links)},
                          std::move(parts));
    }

    std::optional<Link> accept_link() {
        if (tokens_.accept("in")) {
            return Link::in;
        }
        if (tokens_.accept("not")) {
            tokens_.require("in");
            return Link::not_in;
        }
        return accept_any<Link>(kComparisons);
    }

    Syntax sum() {
        Syntax left = product();
        for (std::size_t offset = next(); std::optional<Op> op = accept_any<Op>(kSums); offset = next()) {
            left = operation(*op, offset, std::move(left), product());
        }
        return left;
    }

    Syntax product() {
        Syntax left = sign();
        for (std::size_t offset = next(); std::optional<Op> op = accept_any<Op>(kProducts); offset = next()) {
            left = operation(*op, offset, std::move(left), sign());
        }
        return left;
    }

    Syntax sign() {
        TokenReader::Nesting nesting(tokens_);
        std::size_t offset = next();
        if (tokens_.accept("+")) {
            return sign();
        }
        if (tokens_.accept("!")) {  // as in C: it binds like a sign
            return operation(Op::logical_not, offset, sign());
        }
        return tokens_.accept("-") ? operation(Op::negate, offset, sign()) : power();
    }

    Syntax power() {
        Syntax base = atom();
        std::size_t offset = next();
        if (!tokens_.accept("**")) {
            return base;  // not by `? :`, which would copy the tree
        }
        return operation(Op::power, offset, std::move(base), sign());
    }

    Syntax atom() {
        const Token& here = tokens_.current();
        if (here.kind == TokenKind::number || here.kind == TokenKind::text) {
            tokens_.advance();
            return {.form = Form::constant, .offset = here.offset, .value = here.value};
        }
        if (tokens_.accept("[")) {
            return bracketed(here.offset, "]");
        }
        if (tokens_.accept("(")) {
            return bracketed(here.offset, ")");
        }
        if (here.kind != TokenKind::name || std::ranges::find(kKeywords, here.spelling) != std::end(kKeywords)) {
            tokens_.expected("a value");
        }
        tokens_.advance();
        if (here.spelling == "True" || here.spelling == "False") {
            return {.form = Form::constant, .offset = here.offset, .value = std::int64_t{here.spelling == "True"}};
        }
        if (!tokens_.accept("(")) {
            return {.form = Form::name, .offset = here.offset, .name = std::string(here.spelling)};
        }
        bool comma = false;
        Syntax arguments = items(here.offset, ")", comma);
        arguments.form = Form::call;
        arguments.name = here.spelling;
        return arguments;
    }

    // After the opening bracket: (a) is a, (a,) and [a] are lists, [a for ...] is a comprehension.
    Syntax bracketed(std::size_t offset, std::string_view closing) {
        bool comma = false;
        Syntax inside = items(offset, closing, comma);
        bool alone = inside.parts.size() == 1 && !comma;
        if (alone && (closing == ")" || inside.parts.front().form == Form::comprehension)) {
            Syntax only = std::move(inside.parts.front());
            return only;
        }
        return inside;
    }

    Syntax items(std::size_t offset, std::string_view closing, bool& comma) {
        std::vector<Syntax> parts;
        while (!tokens_.accept(closing)) {
            parts.push_back(expression());
            if (parts.size() == 1 && tokens_.at("for")) {
                parts.front() = comprehension(std::move(parts.front()));
            }
            if (!tokens_.at(closing)) {
                require_comma(closing);
                comma = true;
            }
        }
        return node(Form::list, offset, std::move(parts));
    }

    void require_comma(std::string_view closing) {
        if (!tokens_.accept(",")) {
            tokens_.expected(closing == "]" ? "\",\" or \"]\"" : "\")\"");
        }
    }

    Syntax comprehension(Syntax element) {
        std::size_t offset = next();
        std::vector<Syntax> parts;
        parts.push_back(std::move(element));
        while (tokens_.at("for")) {
            parts.push_back(clause());
            if (parts.size() > kMaxClauses) {
                complain(source_, offset, fmt::format("more than {} `for` in one list", kMaxClauses - 1));
            }
        }
        return node(Form::comprehension, offset, std::move(parts));
    }

    Syntax clause() {
        std::size_t offset = next();
        tokens_.require("for");
        std::vector<std::string> targets;
        bool bracket = tokens_.accept("(");
        do {
            targets.push_back(target());
        } while (tokens_.accept(","));
        if (bracket) {
            tokens_.require(")");
        }
        tokens_.require("in");
        std::vector<Syntax> parts;
        parts.push_back(disjunction());  // not expression(): an `if` that follows is a filter
        while (tokens_.accept("if")) {
            parts.push_back(disjunction());
        }
        return with_parts(source_, {.form = Form::clause, .offset = offset, .targets = std::move(targets)},
                          std::move(parts));
    }

    std::string target() {
        const Token& here = tokens_.current();
        if (here.kind != TokenKind::name || std::ranges::find(kKeywords, here.spelling) != std::end(kKeywords)) {
            tokens_.expected("a name");
        }
        std::string name(here.spelling);
        tokens_.advance();
        return name;
    }

    std::size_t next() const { return tokens_.current().offset; }

    const SourceText& source_;
    TokenReader tokens_;
};

}  // namespace

Op op_of(Link link) {
    constexpr Op kOps[] = {Op::equal, Op::not_equal, Op::less, Op::less_equal, Op::greater, Op::greater_equal};
    return kOps[static_cast<std::size_t>(link)];
}

Syntax with_parts(const SourceText& source, Syntax inner, std::vector<Syntax> parts) {
    for (const Syntax& part : parts) {
        inner.depth = std::max(inner.depth, part.depth + 1);
    }
    if (inner.depth > Expr::kMaxDepth) {
        complain(source, inner.offset, fmt::format("more than {} operations in a row", Expr::kMaxDepth));
    }
    inner.parts = std::move(parts);
    return inner;
}

Syntax parse_syntax(const SourceText& source, Language language) {
    return SyntaxParser(source, language).run();
}

}  // namespace warpsmith
