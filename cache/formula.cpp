#include "cache/formula.hpp"

#include <limits>
#include <unordered_map>

#include "solver/evaluate.hpp"

namespace warpsmith {
namespace {

using Number = std::optional<std::int64_t>;

// Sizes are small: dividing 32 bits takes a fraction of the time.
bool is_short(std::int64_t a) {
    return a == static_cast<std::int32_t>(a) && a != std::numeric_limits<std::int32_t>::min();
}

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
    if (is_short(a) && is_short(b)) {
        const auto dividend = static_cast<std::int32_t>(a);
        const auto divisor = static_cast<std::int32_t>(b);
        return dividend / divisor - (dividend % divisor != 0 && (dividend < 0) != (divisor < 0) ? 1 : 0);
    }
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::int64_t floor_remainder(std::int64_t a, std::int64_t b) {
    const std::int64_t remainder = a % b;
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

bool divides_safely(std::int64_t a, std::int64_t b) {
    return b != 0 && !(b == -1 && a == std::numeric_limits<std::int64_t>::min());
}

// As Python means it; nothing for what does not stay among the whole numbers of 64 bits.
Number combine(Op op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    switch (op) {
        case Op::add:
            return __builtin_add_overflow(a, b, &result) ? Number() : result;
        case Op::subtract:
            return __builtin_sub_overflow(a, b, &result) ? Number() : result;
        case Op::multiply:
            return __builtin_mul_overflow(a, b, &result) ? Number() : result;
        case Op::floor_divide:
            return divides_safely(a, b) ? Number(floor_quotient(a, b)) : Number();
        case Op::modulo:
            return divides_safely(a, b) ? Number(floor_remainder(a, b)) : Number();
        case Op::minimum:
            return a < b ? a : b;
        case Op::maximum:
            return a < b ? b : a;
        case Op::equal:
            return a == b ? 1 : 0;
        case Op::not_equal:
            return a != b ? 1 : 0;
        case Op::less:
            return a < b ? 1 : 0;
        case Op::less_equal:
            return a <= b ? 1 : 0;
        case Op::greater:
            return a > b ? 1 : 0;
        case Op::greater_equal:
            return a >= b ? 1 : 0;
        default:  // powers and real division of something that depends on a size: no family has them
            return {};
    }
}

Number change(Op op, std::int64_t a) {
    switch (op) {
        case Op::named:
            return a;
        case Op::logical_not:
            return a == 0 ? 1 : 0;
        case Op::negate:
            return combine(Op::subtract, 0, a);
        case Op::absolute:
            return a < 0 ? combine(Op::subtract, 0, a) : a;
        default:
            return {};
    }
}

}  // namespace

// Lays expressions out, each shared part once.
class FormulaPlan::Builder {
  public:
    Builder(FormulaPlan& plan, const OpenSizes& sizes) : plan_(plan), sizes_(sizes) {}

    std::uint32_t add(const Expr& expr) {
        const auto found = made_.find(expr.node());
        if (found != made_.end()) {
            return found->second;
        }
        const Node node = made_node(expr);
        bool open = node.kind == Kind::size;
        for (std::size_t i = 0; node.kind == Kind::operation && i < expr.operands().size(); ++i) {
            open = open || plan_.open_[node.operands[i]];
        }
        plan_.nodes_.push_back(node);
        plan_.exprs_.push_back(expr);
        plan_.open_.push_back(open);
        const auto place = static_cast<std::uint32_t>(plan_.nodes_.size() - 1);
        made_.emplace(expr.node(), place);
        return place;
    }

    Outline outline(std::uint32_t root) const {
        Outline outline;
        std::unordered_map<std::uint32_t, std::uint32_t> places;
        take(root, outline, places);
        return outline;
    }

  private:
    Node made_node(const Expr& expr) {
        switch (expr.op()) {
            case Op::constant: {
                const auto* number = std::get_if<std::int64_t>(&expr.value());
                return number == nullptr ? Node{} : Node{.kind = Kind::number, .number = *number};
            }
            case Op::variable:
                return {.kind = Kind::variable, .number = static_cast<std::int64_t>(expr.index())};
            case Op::named:
                if (const auto size = sizes_.find(expr.name()); size != sizes_.end()) {
                    return {.kind = Kind::size, .number = static_cast<std::int64_t>(size->second)};
                }
                break;
            default:
                break;
        }
        Node node{.kind = Kind::operation, .op = expr.op()};
        for (std::size_t i = 0; i < expr.operands().size(); ++i) {
            node.operands[i] = add(expr.operands()[i]);
        }
        return node;
    }

    std::uint32_t take(std::uint32_t place, Outline& outline,
                       std::unordered_map<std::uint32_t, std::uint32_t>& places) const {
        const auto found = places.find(place);
        if (found != places.end()) {
            return found->second;
        }
        Node node = plan_.nodes_[place];
        const bool whole = !plan_.open_[place];
        for (std::size_t i = 0; !whole && node.kind == Kind::operation && i < plan_.exprs_[place].operands().size();
             ++i) {
            node.operands[i] = take(node.operands[i], outline, places);
        }
        outline.nodes.push_back(node);
        outline.sources.push_back(place);
        const auto its = static_cast<std::uint32_t>(outline.nodes.size() - 1);
        places.emplace(place, its);
        return its;
    }

    FormulaPlan& plan_;
    const OpenSizes& sizes_;
    std::unordered_map<const ExprNode*, std::uint32_t> made_;
};

FormulaPlan::FormulaPlan(const std::vector<Expr>& exprs, const OpenSizes& open) {
    Builder builder(*this, open);
    for (const Expr& expr : exprs) {
        outlines_.push_back(builder.outline(builder.add(expr)));
    }
}

std::vector<Formula> FormulaPlan::formulas(std::span<const std::int64_t> variables) const {
    std::vector<Formula::Result> results(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].kind == Kind::variable) {
            results[i] = {variables[static_cast<std::size_t>(nodes_[i].number)], true};
        } else if (!open_[i]) {
            results[i] = Formula::result(nodes_[i], {}, results.data());
        }
    }
    std::vector<Formula> formulas;
    formulas.reserve(outlines_.size());
    for (const Outline& outline : outlines_) {
        if (outline.nodes.size() > Formula::kMaxNodes) {
            formulas.push_back(Formula({Node{}}));
            continue;
        }
        std::vector<Node> nodes = outline.nodes;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (!open_[outline.sources[i]]) {
                nodes[i] = closed_node(outline.sources[i], results, variables);
            }
        }
        formulas.push_back(Formula(std::move(nodes)));
    }
    return formulas;
}

// What has no value in 64 bits, step by step, may have one all the same: the solver's own evaluator decides.
FormulaPlan::Node FormulaPlan::closed_node(std::uint32_t place, const std::vector<Formula::Result>& results,
                                           std::span<const std::int64_t> variables) const {
    if (results[place].present) {
        return {.kind = Kind::number, .number = results[place].number};
    }
    const Scalar scalar =
        evaluate_with(exprs_[place], [&](std::size_t variable) -> Scalar { return Int128{variables[variable]}; });
    const std::optional<Value> value = to_value(scalar);
    if (!value || !std::holds_alternative<std::int64_t>(*value)) {
        return {};
    }
    return {.kind = Kind::number, .number = std::get<std::int64_t>(*value)};
}

// All nodes are computed, one after another: quicker than deciding which are needed. One that is not needed may have no
// value.
std::optional<std::int64_t> Formula::value(std::span<const std::int64_t> sizes) const {
    std::array<Result, kMaxNodes> results;  // only as far as there are nodes
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        results[i] = result(nodes_[i], sizes, results.data());
    }
    const Result& whole = results[nodes_.size() - 1];
    return whole.present ? std::optional(whole.number) : std::nullopt;
}

Formula::Result Formula::result(const Node& node, std::span<const std::int64_t> sizes, const Result* results) {
    switch (node.kind) {
        case Kind::number:
            return {node.number, true};
        case Kind::size:
            return {sizes[static_cast<std::size_t>(node.number)], true};
        case Kind::variable:  // filled in before
        case Kind::nothing:
            return {};
        case Kind::operation:
            break;
    }
    const Result& first = results[node.operands[0]];
    if (!first.present) {
        return first;
    }
    Number number;
    switch (node.op) {
        case Op::select:
            return results[node.operands[first.number != 0 ? 1 : 2]];
        case Op::logical_and:
            return first.number == 0 ? first : results[node.operands[1]];
        case Op::logical_or:
            return first.number != 0 ? first : results[node.operands[1]];
        case Op::negate:
        case Op::logical_not:
        case Op::absolute:
        case Op::named:
            number = change(node.op, first.number);
            break;
        default: {
            const Result& second = results[node.operands[1]];
            number = second.present ? combine(node.op, first.number, second.number) : Number();
        }
    }
    return {number.value_or(0), number.has_value()};
}

}  // namespace warpsmith
