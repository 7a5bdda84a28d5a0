#include "solver/parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/lexer.hpp"

namespace warpsmith {
namespace {

constexpr int kMaxNesting = 200;

struct Operator {
    std::string_view spelling;
    Op op;
};
constexpr Operator kComparisons[] = {{"==", Op::equal},      {"!=", Op::not_equal}, {"<", Op::less},
                                     {"<=", Op::less_equal}, {">", Op::greater},    {">=", Op::greater_equal}};
constexpr Operator kSums[] = {{"+", Op::add}, {"-", Op::subtract}};
constexpr Operator kProducts[] = {
    {"*", Op::multiply}, {"//", Op::floor_divide}, {"/", Op::real_divide}, {"%", Op::modulo}};

struct Function {
    std::string_view name;
    Op op;
    std::size_t fewest, most;  // arguments
};
constexpr std::size_t kAnyNumber = 1000;
constexpr Function kFunctions[] = {{"min", Op::minimum, 2, kAnyNumber},
                                   {"max", Op::maximum, 2, kAnyNumber},
                                   {"abs", Op::absolute, 1, 1},
                                   {"pow", Op::power, 2, 2}};

constexpr std::string_view kKeywords[] = {"and", "or", "not", "if", "else", "in", "for", "is", "lambda"};

class Parser {
  public:
    Parser(const SourceText& source, const Model& model) : source_(source), model_(model), tokens_(tokens_of(source)) {}

    Expr run() {
        Expr result = expression();
        if (token().kind != TokenKind::end) {
            expected("an operator or the end");
        }
        return result;
    }

  private:
    const Token& token() const { return tokens_[position_]; }

    bool at(std::string_view spelling) const {
        return token().spelling == spelling && (token().kind == TokenKind::symbol || token().kind == TokenKind::name);
    }

    bool accept(std::string_view spelling) {
        bool found = at(spelling);
        position_ += found ? 1 : 0;
        return found;
    }

    void require(std::string_view spelling) {
        if (!accept(spelling)) {
            expected(fmt::format("\"{}\"", spelling));
        }
    }

    [[noreturn]] void expected(std::string_view what) const {
        std::string found = token().kind == TokenKind::end ? "the end" : fmt::format("\"{}\"", token().spelling);
        complain(source_, token().offset, fmt::format("expected {}, found {}", what, found));
    }

    std::optional<Op> accept_any(std::span<const Operator> operators) {
        for (const Operator& candidate : operators) {
            if (token().kind == TokenKind::symbol && accept(candidate.spelling)) {
                return candidate.op;
            }
        }
        return std::nullopt;
    }

    template <class... Operands>
    Expr combine(Op op, const Operands&... operands) const {
        if (std::max({operands.depth()...}) >= Expr::kMaxDepth) {
            complain(source_, token().offset, fmt::format("more than {} operations in a row", Expr::kMaxDepth));
        }
        return Expr::apply(op, {operands...});
    }

    // Every way to nest an expression in another goes through here or through `sign` and `negation`.
    Expr expression() {
        Nesting nesting(*this);
        Expr value = disjunction();
        if (!accept("if")) {
            return value;
        }
        Expr condition = disjunction();
        require("else");
        return combine(Op::select, condition, value, expression());
    }

    Expr disjunction() {
        Expr left = conjunction();
        while (accept("or")) {
            left = combine(Op::logical_or, left, conjunction());
        }
        return left;
    }

    Expr conjunction() {
        Expr left = negation();
        while (accept("and")) {
            left = combine(Op::logical_and, left, negation());
        }
        return left;
    }

    Expr negation() {
        if (!accept("not")) {
            return comparison();
        }
        Nesting nesting(*this);
        return combine(Op::logical_not, negation());
    }

    // a < b < c means a < b and b < c.
    Expr comparison() {
        Expr left = sum();
        std::optional<Expr> chain;
        while (true) {
            bool negated = at("not");
            std::optional<Expr> link;
            if (negated || at("in")) {
                position_ += negated ? 1 : 0;
                require("in");
                link = membership(left);
                link = negated ? combine(Op::logical_not, *link) : *link;
            } else if (std::optional<Op> op = accept_any(kComparisons)) {
                Expr right = sum();
                link = combine(*op, left, right);
                left = right;
            } else {
                return chain.value_or(left);
            }
            chain = chain ? combine(Op::logical_and, *chain, *link) : *link;
        }
    }

    Expr membership(const Expr& element) {
        bool tuple = at("(");
        require(tuple ? "(" : "[");
        std::string_view closing = tuple ? ")" : "]";
        std::optional<Expr> any;
        while (!accept(closing)) {
            Expr same = combine(Op::equal, element, expression());
            any = any ? combine(Op::logical_or, *any, same) : same;
            if (!at(closing)) {
                require(",");
            }
        }
        return any.value_or(Expr(0));
    }

    Expr sum() {
        Expr left = product();
        while (std::optional<Op> op = accept_any(kSums)) {
            left = combine(*op, left, product());
        }
        return left;
    }

    Expr product() {
        Expr left = sign();
        while (std::optional<Op> op = accept_any(kProducts)) {
            left = combine(*op, left, sign());
        }
        return left;
    }

    Expr sign() {
        Nesting nesting(*this);
        if (accept("+")) {
            return sign();
        }
        return accept("-") ? combine(Op::negate, sign()) : power();
    }

    Expr power() {
        Expr base = atom();
        return accept("**") ? combine(Op::power, base, sign()) : base;
    }

    Expr atom() {
        const Token& here = token();
        if (here.kind == TokenKind::number || here.kind == TokenKind::text) {
            ++position_;
            return Expr::constant(here.value);
        }
        if (accept("(")) {
            Expr inner = expression();
            require(")");
            return inner;
        }
        if (here.kind != TokenKind::name || std::ranges::find(kKeywords, here.spelling) != std::end(kKeywords)) {
            expected("a value");
        }
        ++position_;
        return at("(") ? call(here) : reference(here);
    }

    Expr reference(const Token& name) const {
        if (name.spelling == "True" || name.spelling == "False") {
            return name.spelling == "True" ? 1 : 0;
        }
        if (std::optional<Expr> found = model_.find(name.spelling)) {
            return *found;
        }
        std::vector<std::string> names = model_.names();
        complain(source_, name.offset,
                 fmt::format("there is no parameter \"{}\"{}", name.spelling, did_you_mean(name.spelling, names)));
    }

    Expr call(const Token& name) {
        const auto* function = std::ranges::find(kFunctions, name.spelling, &Function::name);
        if (function == std::end(kFunctions)) {
            complain(source_, name.offset,
                     fmt::format("there is no function \"{}\"; there are min, max, abs and pow", name.spelling));
        }
        require("(");
        Expr result = expression();
        std::size_t arguments = 1;
        for (; accept(","); ++arguments) {
            result = combine(function->op, result, expression());
        }
        require(")");
        if (arguments < function->fewest || arguments > function->most) {
            complain(source_, name.offset,
                     fmt::format("\"{}\" takes {} arguments, here are {}", name.spelling,
                                 function->most == 1   ? "1"
                                 : function->most == 2 ? "2"
                                                       : "2 or more",
                                 arguments));
        }
        return function->most == 1 ? combine(function->op, result) : result;
    }

    // Counts how deep the recursion is while it is in scope.
    class Nesting {
      public:
        explicit Nesting(Parser& parser) : parser_(parser) {
            if (++parser_.nesting_ > 2 * kMaxNesting) {
                complain(parser_.source_, parser_.token().offset,
                         fmt::format("brackets and signs are nested more than {} deep", kMaxNesting));
            }
        }
        ~Nesting() { --parser_.nesting_; }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;

      private:
        Parser& parser_;
    };

    const SourceText& source_;
    const Model& model_;
    std::vector<Token> tokens_;
    std::size_t position_ = 0;
    int nesting_ = 0;
};

}  // namespace

Expr parse_expression(const SourceText& source, const Model& model) {
    return Parser(source, model).run();
}

}  // namespace warpsmith
