#include "solver/value_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "solver/scalar.hpp"
#include "solver/syntax.hpp"

namespace warpsmith {
namespace {

// A number, a text (which the syntax tree owns), or a list of such things.
struct Thing {
    Scalar scalar = Int128{0};
    std::vector<Thing> items;
    bool is_list = false;
};

struct Binding {
    std::string_view name;
    Thing value;
};

class Evaluator {
  public:
    explicit Evaluator(const SourceText& source) : source_(source) {}

    // Recurses no deeper than the tree, which is at most Expr::kMaxDepth.
    Thing value_of(const Syntax& syntax) {
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
                return call(syntax);
            case Form::list:
                return list_of(syntax, syntax.parts);
            default: {
                Thing list{.is_list = true};
                loop(syntax, 1, list.items);
                return list;
            }
        }
    }

    std::vector<Value> values(const Syntax& syntax) {
        Thing list = value_of(syntax);
        if (!list.is_list) {
            complain(source_, syntax.offset, "expected a list of values, such as [1, 2] or list(range(1, 9))");
        }
        std::vector<Value> values;
        for (const Thing& item : list.items) {
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
    void spend(const Syntax& where, std::size_t steps) {
        spent_ += std::min(steps, kMaxListValues);
        if (spent_ > kMaxListValues) {
            complain(source_, where.offset,
                     fmt::format("this list takes more than {} steps to make; shorten it", kMaxListValues));
        }
    }

    Thing checked(const Syntax& where, const Scalar& scalar) const {
        const auto* failure = std::get_if<Failure>(&scalar);
        const auto* real = std::get_if<double>(&scalar);
        if (failure != nullptr || (real != nullptr && !std::isfinite(*real))) {
            complain(source_, where.offset, failure != nullptr ? failure->reason : "a number that is not finite");
        }
        return {.scalar = scalar};
    }

    Scalar scalar_of(const Syntax& syntax) {
        Thing thing = value_of(syntax);
        if (thing.is_list) {
            complain(source_, syntax.offset, "expected a number or a text, found a list");
        }
        return thing.scalar;
    }

    Int128 integer_of(const Syntax& syntax) {
        Scalar scalar = scalar_of(syntax);
        const auto* integer = std::get_if<Int128>(&scalar);
        constexpr Int128 kLargest = Int128{1} << 62;  // differences of two still fit
        if (integer == nullptr || *integer > kLargest || *integer < -kLargest) {
            complain(source_, syntax.offset, "expected an integer within 62 bits");
        }
        return *integer;
    }

    Thing list_at(const Syntax& syntax) {
        Thing thing = value_of(syntax);
        if (!thing.is_list) {
            complain(source_, syntax.offset, "expected a list");
        }
        return thing;
    }

    Thing list_of(const Syntax& where, std::span<const Syntax> parts) {
        spend(where, parts.size());
        Thing list{.is_list = true};
        for (const Syntax& part : parts) {
            list.items.push_back(value_of(part));
        }
        return list;
    }

    Thing binding(const Syntax& name) {
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

    static std::size_t size_of(const Thing& thing) {
        std::size_t size = 1;
        for (const Thing& item : thing.items) {
            size += size_of(item);
        }
        return size;
    }

    Thing operation(const Syntax& syntax) {
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
        Thing left = value_of(parts[0]);
        Thing right = value_of(parts[1]);
        if (left.is_list || right.is_list) {
            return list_operation(syntax, std::move(left), std::move(right));
        }
        return checked(syntax, compute(syntax.op, left.scalar, right.scalar));
    }

    Thing list_operation(const Syntax& syntax, Thing left, Thing right) {
        if (syntax.op == Op::add && left.is_list && right.is_list) {
            spend(syntax, right.items.size());
            std::ranges::move(right.items, std::back_inserter(left.items));
            return left;
        }
        if (syntax.op == Op::multiply && left.is_list != right.is_list) {
            const Thing& list = left.is_list ? left : right;
            const Thing& times = left.is_list ? right : left;
            return repeated(syntax, list, times.scalar);
        }
        complain(source_, syntax.offset, "lists can only be added, or repeated with * and a number");
    }

    Thing repeated(const Syntax& syntax, const Thing& list, const Scalar& times) {
        const auto* integer = std::get_if<Int128>(&times);
        if (integer == nullptr) {
            complain(source_, syntax.offset, "a list is repeated by an integer");
        }
        Thing result{.is_list = true};
        Int128 count = list.items.empty() ? Int128{0} : std::clamp(*integer, Int128{0}, Int128{kMaxListValues});
        for (Int128 i = 0; i < count; ++i) {
            spend(syntax, size_of(list));
            std::ranges::copy(list.items, std::back_inserter(result.items));
        }
        return result;
    }

    Thing comparison(const Syntax& syntax) {
        Scalar left = scalar_of(syntax.parts[0]);
        Scalar result = Int128{1};
        for (std::size_t i = 0; i < syntax.links.size() && truth(result); ++i) {
            const Syntax& right_side = syntax.parts[i + 1];
            Link link = syntax.links[i];
            if (link == Link::in || link == Link::not_in) {
                Thing list = list_at(right_side);
                bool found = std::ranges::any_of(list.items, [&](const Thing& item) {
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
    void loop(const Syntax& comprehension, std::size_t index, std::vector<Thing>& made) {
        if (index == comprehension.parts.size()) {
            made.push_back(value_of(comprehension.parts[0]));
            return;
        }
        const Syntax& clause = comprehension.parts[index];
        Thing list = list_at(clause.parts[0]);
        std::size_t outer = bindings_.size();
        for (Thing& item : list.items) {
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

    void bind(const Syntax& clause, Thing item) {
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

    Thing call(const Syntax& syntax);
    Thing range(const Syntax& syntax);
    Thing converted(const Syntax& syntax);
    Thing folded(const Syntax& syntax, Op op);

    void require_arguments(const Syntax& syntax, std::size_t fewest, std::size_t most) const {
        if (syntax.parts.size() < fewest || syntax.parts.size() > most) {
            complain(source_, syntax.offset,
                     fmt::format("\"{}\" takes {}{} arguments, here are {}", syntax.name, fewest,
                                 most == fewest ? "" : fmt::format(" to {}", most), syntax.parts.size()));
        }
    }

    const SourceText& source_;
    std::vector<Binding> bindings_;
    std::size_t spent_ = 0;
};

constexpr std::size_t kMostArguments = 1000;

Thing Evaluator::call(const Syntax& syntax) {
    const std::string& name = syntax.name;
    if (name == "range") {
        return range(syntax);
    }
    if (name == "int" || name == "float") {
        return converted(syntax);
    }
    if (name == "min" || name == "max" || name == "sum") {
        return folded(syntax, name == "min" ? Op::minimum : name == "max" ? Op::maximum : Op::add);
    }
    if (name == "abs" || name == "pow") {
        require_arguments(syntax, name == "abs" ? 1 : 2, name == "abs" ? 1 : 2);
        Scalar first = scalar_of(syntax.parts[0]);
        return checked(syntax, name == "abs" ? compute(Op::absolute, first)
                                             : compute(Op::power, first, scalar_of(syntax.parts[1])));
    }
    if (name == "list" || name == "tuple" || name == "sorted" || name == "len") {
        require_arguments(syntax, 1, 1);
        Thing list = list_at(syntax.parts[0]);
        if (name == "len") {
            return {.scalar = static_cast<Int128>(list.items.size())};
        }
        if (name == "sorted") {
            bool plain = std::ranges::none_of(list.items, &Thing::is_list);
            bool texts = plain && !list.items.empty() && std::holds_alternative<std::string_view>(list.items[0].scalar);
            bool alike = std::ranges::all_of(list.items, [&](const Thing& item) {
                return std::holds_alternative<std::string_view>(item.scalar) == texts;
            });
            if (!plain || !alike) {
                complain(source_, syntax.offset, "only numbers, or only texts, can be sorted");
            }
            std::ranges::stable_sort(list.items, [](const Thing& left, const Thing& right) {
                return std::is_lt(compare(left.scalar, right.scalar));
            });
        }
        return list;
    }
    complain(source_, syntax.offset,
             fmt::format("there is no function \"{}\"; there are range, list, tuple, sorted, len, min, max, sum, abs, "
                         "pow, int and float",
                         name));
}

Thing Evaluator::range(const Syntax& syntax) {
    require_arguments(syntax, 1, 3);
    std::vector<Int128> limits;
    for (const Syntax& part : syntax.parts) {
        limits.push_back(integer_of(part));
    }
    Int128 start = limits.size() == 1 ? Int128{0} : limits[0];
    Int128 stop = limits.size() == 1 ? limits[0] : limits[1];
    Int128 step = limits.size() == 3 ? limits[2] : Int128{1};
    if (step == 0) {
        complain(source_, syntax.offset, "the step of a range cannot be 0");
    }
    Int128 distance = step > 0 ? stop - start : start - stop;
    Int128 size = distance <= 0 ? Int128{0} : (distance - 1) / (step > 0 ? step : -step) + 1;
    spend(syntax, static_cast<std::size_t>(size));
    Thing list{.is_list = true};
    for (Int128 i = 0; i < size; ++i) {
        list.items.push_back({.scalar = start + i * step});
    }
    return list;
}

Thing Evaluator::converted(const Syntax& syntax) {
    require_arguments(syntax, 1, 1);
    Scalar scalar = scalar_of(syntax.parts[0]);
    if (std::holds_alternative<std::string_view>(scalar)) {
        complain(source_, syntax.offset, "only numbers can be converted");
    }
    const auto* real = std::get_if<double>(&scalar);
    if (syntax.name == "float") {
        return real != nullptr ? Thing{.scalar = scalar}
                               : Thing{.scalar = static_cast<double>(std::get<Int128>(scalar))};
    }
    constexpr double kLargest = 0x1p62;
    if (real != nullptr && !(std::fabs(*real) < kLargest)) {
        complain(source_, syntax.offset, "an integer beyond 62 bits");
    }
    return real != nullptr ? Thing{.scalar = static_cast<Int128>(*real)} : Thing{.scalar = scalar};
}

// Of several arguments or of the items of one list, as in Python.
Thing Evaluator::folded(const Syntax& syntax, Op op) {
    require_arguments(syntax, 1, op == Op::add ? 1 : kMostArguments);
    Thing list = syntax.parts.size() == 1 ? list_at(syntax.parts[0]) : list_of(syntax, syntax.parts);
    if (list.items.empty() && op != Op::add) {
        complain(source_, syntax.offset, fmt::format("\"{}\" of an empty list", syntax.name));
    }
    Scalar result = list.items.empty() || op == Op::add ? Scalar(Int128{0}) : list.items.front().scalar;
    for (const Thing& item : list.items) {
        if (item.is_list) {
            complain(source_, syntax.offset, "expected numbers, found a list of lists");
        }
        result = checked(syntax, compute(op, result, item.scalar)).scalar;
    }
    return {.scalar = result};
}

}  // namespace

std::vector<Value> parse_value_list(const SourceText& source) {
    Syntax syntax = parse_syntax(source, Language::python_and_c);
    return Evaluator(source).values(syntax);
}

}  // namespace warpsmith
