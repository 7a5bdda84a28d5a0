#include "solver/parser.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace warpsmith {
namespace {

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

class Builder {
  public:
    Builder(const SourceText& source, const Model& model) : source_(source), model_(model) {}

    // Recurses no deeper than the tree, which is at most Expr::kMaxDepth.
    Expr build(const Syntax& syntax) const {
        switch (syntax.form) {
            case Form::constant:
                return Expr::constant(syntax.value);
            case Form::name:
                return reference(syntax);
            case Form::operation:
                return operation(syntax);
            case Form::comparison:
                return comparison(syntax);
            case Form::call:
                return call(syntax);
            default:
                complain(source_, syntax.offset, "a list can only stand after `in`");
        }
    }

  private:
    template <class... Operands>
    Expr combine(const Syntax& where, Op op, const Operands&... operands) const {
        std::uint64_t weight = (std::uint64_t{1} + ... + operands.weight());
        if (std::max({operands.depth()...}) >= Expr::kMaxDepth || weight > Expr::kMaxWeight) {
            complain(source_, where.offset,
                     fmt::format("the expression is more than {} operations deep or has more than {} parts; split it",
                                 Expr::kMaxDepth, Expr::kMaxWeight));
        }
        return Expr::apply(op, {operands...});
    }

    Expr reference(const Syntax& name) const {
        if (std::optional<Expr> found = model_.find(name.name)) {
            return *found;
        }
        std::vector<std::string> names = model_.names();
        complain(source_, name.offset,
                 fmt::format("there is no parameter \"{}\"{}", name.name, did_you_mean(name.name, names)));
    }

    Expr operation(const Syntax& syntax) const {
        Expr first = build(syntax.parts[0]);
        if (syntax.parts.size() == 1) {
            return combine(syntax, syntax.op, first);
        }
        Expr second = build(syntax.parts[1]);
        return syntax.parts.size() == 2 ? combine(syntax, syntax.op, first, second)
                                        : combine(syntax, syntax.op, first, second, build(syntax.parts[2]));
    }

    // a < b < c means a < b and b < c.
    Expr comparison(const Syntax& syntax) const {
        std::optional<Expr> chain;
        Expr left = build(syntax.parts[0]);
        for (std::size_t i = 0; i < syntax.links.size(); ++i) {
            const Syntax& right_side = syntax.parts[i + 1];
            std::optional<Expr> link;
            if (syntax.links[i] == Link::in || syntax.links[i] == Link::not_in) {
                link = membership(left, syntax, right_side);
                link = syntax.links[i] == Link::in ? *link : combine(syntax, Op::logical_not, *link);
            } else {
                Expr right = build(right_side);
                link = combine(syntax, op_of(syntax.links[i]), left, right);
                left = right;
            }
            chain = chain ? combine(syntax, Op::logical_and, *chain, *link) : *link;
        }
        return *chain;
    }

    Expr membership(const Expr& element, const Syntax& where, const Syntax& list) const {
        if (list.form != Form::list) {
            complain(source_, list.offset, "expected a list after `in`, such as [1, 2]");
        }
        if (&list != &where.parts.back()) {
            complain(source_, list.offset, "a list cannot be compared further; put the `in` between brackets");
        }
        return list.parts.empty() ? Expr(0) : any_of(element, where, list.parts);
    }

    // As a balanced tree, so that a long list is not a deep expression.
    Expr any_of(const Expr& element, const Syntax& where, std::span<const Syntax> choices) const {
        if (choices.size() == 1) {
            return combine(where, Op::equal, element, build(choices.front()));
        }
        std::size_t half = (choices.size() + 1) / 2;
        Expr left = any_of(element, where, choices.first(half));
        return combine(where, Op::logical_or, left, any_of(element, where, choices.subspan(half)));
    }

    Expr call(const Syntax& syntax) const {
        const auto* function = std::ranges::find(kFunctions, syntax.name, &Function::name);
        if (function == std::end(kFunctions)) {
            complain(source_, syntax.offset,
                     fmt::format("there is no function \"{}\"; there are min, max, abs and pow", syntax.name));
        }
        std::size_t arguments = syntax.parts.size();
        if (arguments < function->fewest || arguments > function->most) {
            complain(source_, syntax.offset,
                     fmt::format("\"{}\" takes {} arguments, here are {}", syntax.name,
                                 function->most == 1   ? "1"
                                 : function->most == 2 ? "2"
                                                       : "2 or more",
                                 arguments));
        }
        Expr result = build(syntax.parts[0]);
        if (function->most == 1) {
            return combine(syntax, function->op, result);
        }
        for (const Syntax& argument : std::span(syntax.parts).subspan(1)) {
            result = combine(syntax, function->op, result, build(argument));
        }
        return result;
    }

    const SourceText& source_;
    const Model& model_;
};

}  // namespace

Expr parse_expression(const SourceText& source, const Model& model, Language language) {
    return to_expr(parse_syntax(source, language), source, model);
}

Expr to_expr(const Syntax& syntax, const SourceText& source, const Model& model) {
    return Builder(source, model).build(syntax);
}

}  // namespace warpsmith
