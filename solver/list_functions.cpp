#include "solver/list_functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "solver/value_list.hpp"

namespace warpsmith {
namespace {

class Call {
  public:
    Call(const SourceText& source, const Syntax& syntax, std::vector<ListItem> arguments, ListBudget& budget)
        : source_(source), syntax_(syntax), arguments_(std::move(arguments)), budget_(budget) {}

    ListItem range() {
        Int128 first = integer(0);
        Int128 start = arguments_.size() == 1 ? Int128{0} : first;
        Int128 stop = arguments_.size() == 1 ? first : integer(1);
        Int128 step = arguments_.size() == 3 ? integer(2) : Int128{1};
        if (step == 0) {
            fail("the step of a range cannot be 0");
        }
        Int128 distance = step > 0 ? stop - start : start - stop;
        Int128 size = distance <= 0 ? Int128{0} : (distance - 1) / (step > 0 ? step : -step) + 1;
        budget_.spend(syntax_.offset, static_cast<std::size_t>(size));
        ListItem list{.is_list = true};
        for (Int128 i = 0; i < size; ++i) {
            list.items.push_back({.scalar = start + i * step});
        }
        return list;
    }

    ListItem list() { return std::move(list_at(0)); }
    ListItem len() { return {.scalar = static_cast<Int128>(list_at(0).items.size())}; }

    ListItem sorted() {
        ListItem& list = list_at(0);
        auto is_text = [](const ListItem& item) { return std::holds_alternative<std::string_view>(item.scalar); };
        bool texts = !list.items.empty() && is_text(list.items.front());
        for (const ListItem& item : list.items) {
            if (item.is_list || is_text(item) != texts) {
                fail("only numbers, or only texts, can be sorted");
            }
        }
        std::ranges::stable_sort(list.items, [](const ListItem& left, const ListItem& right) {
            return std::is_lt(compare(left.scalar, right.scalar));
        });
        return std::move(list);
    }

    ListItem minimum() { return folded(Op::minimum); }
    ListItem maximum() { return folded(Op::maximum); }
    ListItem sum() { return folded(Op::add); }
    ListItem absolute() { return checked(compute(Op::absolute, scalar(0))); }
    ListItem power() { return checked(compute(Op::power, scalar(0), scalar(1))); }

    ListItem to_float() {
        const auto* integer = std::get_if<Int128>(&number(0));
        return integer != nullptr ? ListItem{.scalar = static_cast<double>(*integer)} : ListItem{.scalar = scalar(0)};
    }

    ListItem to_int() {
        const auto* real = std::get_if<double>(&number(0));
        constexpr double kLargest = 0x1p62;
        if (real != nullptr && !(std::fabs(*real) < kLargest)) {
            fail("an integer beyond 62 bits");
        }
        return real != nullptr ? ListItem{.scalar = static_cast<Int128>(*real)} : ListItem{.scalar = scalar(0)};
    }

  private:
    [[noreturn]] void fail(std::string_view what) const { complain(source_, syntax_.offset, what); }
    [[noreturn]] void fail_at(std::size_t index, std::string_view what) const {
        complain(source_, syntax_.parts[index].offset, what);
    }

    ListItem checked(const Scalar& scalar) const { return checked_item(source_, syntax_.offset, scalar); }

    const Scalar& scalar(std::size_t index) const {
        if (arguments_[index].is_list) {
            fail_at(index, "expected a number or a text, found a list");
        }
        return arguments_[index].scalar;
    }

    const Scalar& number(std::size_t index) const {
        if (std::holds_alternative<std::string_view>(scalar(index))) {
            fail_at(index, "only numbers can be converted");
        }
        return scalar(index);
    }

    Int128 integer(std::size_t index) const {
        const auto* integer = std::get_if<Int128>(&scalar(index));
        constexpr Int128 kLargest = Int128{1} << 62;  // differences of two still fit
        if (integer == nullptr || *integer > kLargest || *integer < -kLargest) {
            fail_at(index, "expected an integer within 62 bits");
        }
        return *integer;
    }

    ListItem& list_at(std::size_t index) {
        if (!arguments_[index].is_list) {
            fail_at(index, "expected a list");
        }
        return arguments_[index];
    }

    // Of several arguments, or of the items of one list.
    ListItem folded(Op op) {
        const std::vector<ListItem>& items = arguments_.size() == 1 ? list_at(0).items : arguments_;
        if (items.empty() && op != Op::add) {
            fail(fmt::format("\"{}\" of an empty list", syntax_.name));
        }
        Scalar result = op == Op::add ? Scalar(Int128{0}) : items.front().scalar;
        for (const ListItem& item : items) {
            if (item.is_list) {
                fail("expected numbers, found a list of lists");
            }
            result = checked(compute(op, result, item.scalar)).scalar;
        }
        return {.scalar = result};
    }

    const SourceText& source_;
    const Syntax& syntax_;
    std::vector<ListItem> arguments_;
    ListBudget& budget_;
};

struct ListFunction {
    std::string_view name;
    ListItem (Call::*run)();
    std::size_t fewest, most;  // arguments
};
constexpr std::size_t kAnyNumber = 1000;
constexpr ListFunction kListFunctions[] = {
    {"range", &Call::range, 1, 3},   {"list", &Call::list, 1, 1},      {"tuple", &Call::list, 1, 1},
    {"sorted", &Call::sorted, 1, 1}, {"len", &Call::len, 1, 1},        {"min", &Call::minimum, 1, kAnyNumber},
    {"sum", &Call::sum, 1, 1},       {"abs", &Call::absolute, 1, 1},   {"max", &Call::maximum, 1, kAnyNumber},
    {"pow", &Call::power, 2, 2},     {"float", &Call::to_float, 1, 1}, {"int", &Call::to_int, 1, 1}};

}  // namespace

void ListBudget::spend(std::size_t offset, std::size_t steps) {
    spent_ += std::min(steps, kMaxListValues);
    if (spent_ > kMaxListValues) {
        complain(source_, offset,
                 fmt::format("this list takes more than {} steps to make; shorten it", kMaxListValues));
    }
}

ListItem checked_item(const SourceText& source, std::size_t offset, const Scalar& scalar) {
    const auto* failure = std::get_if<Failure>(&scalar);
    const auto* real = std::get_if<double>(&scalar);
    if (failure != nullptr || (real != nullptr && !std::isfinite(*real))) {
        complain(source, offset, failure != nullptr ? failure->reason : "a number that is not finite");
    }
    return {.scalar = scalar};
}

ListItem call_list_function(const SourceText& source, const Syntax& call, std::vector<ListItem> arguments,
                            ListBudget& budget) {
    const ListFunction* function = std::ranges::find(kListFunctions, call.name, &ListFunction::name);
    if (function == std::end(kListFunctions)) {
        complain(
            source, call.offset,
            fmt::format("there is no function \"{}\"; there are range, list, tuple, sorted, len, min, max, sum, abs, "
                        "pow, int and float",
                        call.name));
    }
    if (arguments.size() < function->fewest || arguments.size() > function->most) {
        complain(source, call.offset,
                 fmt::format("\"{}\" takes {}{} arguments, here are {}", call.name, function->fewest,
                             function->most == function->fewest ? "" : fmt::format(" to {}", function->most),
                             arguments.size()));
    }
    return (Call(source, call, std::move(arguments), budget).*function->run)();
}

}  // namespace warpsmith
