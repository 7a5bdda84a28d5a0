#include "solver/value_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "solver/list_functions.hpp"
#include "solver/syntax.hpp"

namespace warpsmith {
namespace {

struct Binding {
    std::string_view name;
    ListItem value;
};

class Evaluator {
  public:
    explicit Evaluator(const SourceText& source) : source_(source), budget_(source) {}

    // Recurses no deeper than the tree, which is at most Expr::kMaxDepth.
    ListItem value_of(const Syntax& syntax) {
        spend(syntax, 1);
        switch (syntax.form) {
            case Form::constant:
                return {.scalar = to_scalar(syntax.value)};
            case Form::name:
                return binding(syntax);
            case Form::operation:
                return operation(syntax);
            case Form::comparison:
                return comparison(syntax);
            case Form::call:
                return call_list_function(source_, syntax, list_of(syntax, syntax.parts).items, budget_);
            case Form::list:
                return list_of(syntax, syntax.parts);
            default: {
                ListItem list{.is_list = true};
                loop(syntax, 1, list.items);
                return list;
            }
        }
    }

    std::vector<Value> values(const Syntax& syntax) {
        ListItem list = value_of(syntax);
        if (!list.is_list) {
            complain(source_, syntax.offset, "expected a list of values, such as [1, 2] or list(range(1, 9))");
        }
        std::vector<Value> values;
        for (const ListItem& item : list.items) {
            std::optional<Value> value = item.is_list ? std::nullopt : to_value(item.scalar);
            if (!value) {
                complain(source_, syntax.offset,
                         item.is_list ? "a value is a list; expected numbers, truth values and texts"
                                      : "a value does not fit into 64 bits");
            }
            values.push_back(std::move(*value));
        }
        return values;
    }

  private:
    void spend(const Syntax& where, std::size_t steps) { budget_.spend(where.offset, steps); }

    ListItem checked(const Syntax& where, const Scalar& scalar) const {
        return checked_item(source_, where.offset, scalar);
    }

    Scalar scalar_of(const Syntax& syntax) {
        ListItem thing = value_of(syntax);
        if (thing.is_list) {
            complain(source_, syntax.offset, "expected a number or a text, found a list");
        }
        return thing.scalar;
    }

    ListItem list_at(const Syntax& syntax) {
        ListItem thing = value_of(syntax);
        if (!thing.is_list) {
            complain(source_, syntax.offset, "expected a list");
        }
        return thing;
    }

    ListItem list_of(const Syntax& where, std::span<const Syntax> parts) {
        spend(where, parts.size());
        ListItem list{.is_list = true};
        for (const Syntax& part : parts) {
            list.items.push_back(value_of(part));
        }
        return list;
    }

    ListItem binding(const Syntax& name) {
        for (auto bound = bindings_.rbegin(); bound != bindings_.rend(); ++bound) {
            if (bound->name == name.name) {
                spend(name, size_of(bound->value));
                return bound->value;
            }
        }
        complain(
            source_, name.offset,
            fmt::format("there is no name \"{}\" here; values can only use the names of their own `for`", name.name));
    }

    static std::size_t size_of(const ListItem& thing) {
        std::size_t size = 1;
        for (const ListItem& item : thing.items) {
            size += size_of(item);
        }
        return size;
    }

    ListItem operation(const Syntax& syntax) {
        const std::vector<Syntax>& parts = syntax.parts;
        if (syntax.op == Op::select) {
            return value_of(parts[truth(scalar_of(parts[0])) ? 1 : 2]);
        }
        if (syntax.op == Op::logical_and || syntax.op == Op::logical_or) {
            Scalar left = scalar_of(parts[0]);
            bool decided = truth(left) == (syntax.op == Op::logical_or);
            return {.scalar = decided ? left : scalar_of(parts[1])};
        }
        if (parts.size() == 1) {
            return checked(syntax, compute(syntax.op, scalar_of(parts[0])));
        }
        ListItem left = value_of(parts[0]);
        ListItem right = value_of(parts[1]);
        if (left.is_list || right.is_list) {
            return list_operation(syntax, std::move(left), std::move(right));
        }
        return checked(syntax, compute(syntax.op, left.scalar, right.scalar));
    }

    ListItem list_operation(const Syntax& syntax, ListItem left, ListItem right) {
        if (syntax.op == Op::add && left.is_list && right.is_list) {
            spend(syntax, right.items.size());
            std::ranges::move(right.items, std::back_inserter(left.items));
            return left;
        }
        if (syntax.op == Op::multiply && left.is_list != right.is_list) {
            const ListItem& list = left.is_list ? left : right;
            const ListItem& times = left.is_list ? right : left;
            return repeated(syntax, list, times.scalar);
        }
        complain(source_, syntax.offset, "lists can only be added, or repeated with * and a number");
    }

    ListItem repeated(const Syntax& syntax, const ListItem& list, const Scalar& times) {
        const auto* integer = std::get_if<Int128>(&times);
        if (integer == nullptr) {
            complain(source_, syntax.offset, "a list is repeated by an integer");
        }
        ListItem result{.is_list = true};
        Int128 count = list.items.empty() ? Int128{0} : std::clamp(*integer, Int128{0}, Int128{kMaxListValues});
        for (Int128 i = 0; i < count; ++i) {
            spend(syntax, size_of(list));
            std::ranges::copy(list.items, std::back_inserter(result.items));
        }
        return result;
    }

    ListItem comparison(const Syntax& syntax) {
        Scalar left = scalar_of(syntax.parts[0]);
        Scalar result = Int128{1};
        for (std::size_t i = 0; i < syntax.links.size() && truth(result); ++i) {
            const Syntax& right_side = syntax.parts[i + 1];
            Link link = syntax.links[i];
            if (link == Link::in || link == Link::not_in) {
                ListItem list = list_at(right_side);
                bool found = std::ranges::any_of(list.items, [&](const ListItem& item) {
                    return !item.is_list && truth(compute(Op::equal, left, item.scalar));
                });
                result = Int128{found == (link == Link::in) ? 1 : 0};
                left = Failure{"a list in a comparison"};
            } else {
                Scalar right = scalar_of(right_side);
                result = checked(syntax, compute(op_of(link), left, right)).scalar;
                left = right;
            }
        }
        return {.scalar = result};
    }

    // One clause of a comprehension: its element is parts[0], its clauses follow.
    void loop(const Syntax& comprehension, std::size_t index, std::vector<ListItem>& made) {
        if (index == comprehension.parts.size()) {
            made.push_back(value_of(comprehension.parts[0]));
            return;
        }
        const Syntax& clause = comprehension.parts[index];
        ListItem list = list_at(clause.parts[0]);
        std::size_t outer = bindings_.size();
        for (ListItem& item : list.items) {
            spend(clause, 1);
            bind(clause, std::move(item));
            bool kept = std::ranges::all_of(std::span(clause.parts).subspan(1),
                                            [&](const Syntax& filter) { return truth(scalar_of(filter)); });
            if (kept) {
                loop(comprehension, index + 1, made);
            }
            bindings_.resize(outer);
        }
    }

    void bind(const Syntax& clause, ListItem item) {
        if (clause.targets.size() == 1) {
            bindings_.push_back({clause.targets.front(), std::move(item)});
            return;
        }
        if (!item.is_list || item.items.size() != clause.targets.size()) {
            complain(source_, clause.offset,
                     fmt::format("expected lists of {} values, one for each name", clause.targets.size()));
        }
        for (std::size_t i = 0; i < clause.targets.size(); ++i) {
            bindings_.push_back({clause.targets[i], std::move(item.items[i])});
        }
    }

    const SourceText& source_;
    std::vector<Binding> bindings_;
    ListBudget budget_;
};

}  // namespace

std::vector<Value> parse_value_list(const SourceText& source) {
    Syntax syntax = parse_syntax(source, Language::python_and_c);
    return Evaluator(source).values(syntax);
}

}  // namespace warpsmith
