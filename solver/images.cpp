#include "solver/images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "solver/domains.hpp"
#include "solver/evaluate.hpp"

namespace warpsmith {
namespace {

bool mentions(const Expr& expr, std::size_t variable) {
    return expr.op() == Op::variable
               ? expr.index() == variable
               : std::ranges::any_of(expr.operands(), [&](const Expr& part) { return mentions(part, variable); });
}

// Whether `solved` can look for a solution of expr == value, and the values of expr, and of all its parts with the
// variable, rise with the variable, fall with it or do not change.
bool can_be_solved(const Expr& expr, std::size_t variable) {
    std::span<const Expr> operands = expr.operands();
    switch (expr.op()) {
        case Op::variable:
            return true;
        case Op::named:
        case Op::negate:
            return can_be_solved(operands[0], variable);
        case Op::add:
        case Op::subtract:
        case Op::multiply: {
            bool left = mentions(operands[0], variable);
            return left != mentions(operands[1], variable) && can_be_solved(operands[left ? 0 : 1], variable);
        }
        default:
            return false;
    }
}

constexpr Failure kUnsolvable{"it cannot be solved for the variable"};

// value / divisor, when it is whole; text when it is not: no integer is equal to that.
Scalar exact_quotient(const Scalar& value, const Scalar& divisor) {
    Scalar remainder = compute(Op::modulo, value, divisor);
    if (failed(remainder) || std::holds_alternative<Int128>(remainder)) {
        return truth(remainder) ? Scalar(std::string_view()) : compute(Op::floor_divide, value, divisor);
    }
    return kUnsolvable;
}

// The value of the variable with which expr == value. Operands that are not integers are not calculated with.
template <class Evaluate>
Scalar solved(const Expr& expr, std::size_t variable, const Scalar& value, const Evaluate& evaluate) {
    std::span<const Expr> operands = expr.operands();
    if (expr.op() == Op::variable || failed(value) || std::holds_alternative<std::string_view>(value)) {
        return value;
    }
    if (expr.op() == Op::named) {
        return solved(operands[0], variable, value, evaluate);
    }
    if (!std::holds_alternative<Int128>(value)) {
        return kUnsolvable;
    }
    if (expr.op() == Op::negate) {
        return solved(operands[0], variable, compute(Op::negate, value), evaluate);
    }
    const bool left = mentions(operands[0], variable);
    const Scalar other = evaluate(operands[left ? 1 : 0]);
    if (!failed(other) && !std::holds_alternative<Int128>(other)) {
        return kUnsolvable;
    }
    Scalar result;
    switch (expr.op()) {
        case Op::add:
            result = compute(Op::subtract, value, other);
            break;
        case Op::subtract:
            result = left ? compute(Op::add, value, other) : compute(Op::subtract, other, value);
            break;
        default:
            result = exact_quotient(value, other);
            break;
    }
    return solved(operands[left ? 0 : 1], variable, result, evaluate);
}

// The alternatives of which one must hold: a == b or c == d or ...
struct Equality {
    const Expr& side;  // has the variable
    const Expr& value;
};

bool collect_equalities(const Expr& condition, std::size_t variable, std::vector<Equality>& equalities) {
    std::span<const Expr> operands = condition.operands();
    if (condition.op() == Op::equal) {
        std::size_t side = mentions(operands[0], variable) ? 0 : 1;
        equalities.push_back({operands[side], operands[1 - side]});
        return !mentions(operands[1 - side], variable) && mentions(operands[side], variable) &&
               can_be_solved(operands[side], variable);
    }
    return condition.op() == Op::logical_or && collect_equalities(operands[0], variable, equalities) &&
           collect_equalities(operands[1], variable, equalities);
}

const Expr& leftmost_conjunct(const Expr& condition) {
    bool splits = condition.op() == Op::logical_and || condition.op() == Op::named;
    return splits ? leftmost_conjunct(condition.operands()[0]) : condition;
}

class Images {
  public:
    Images(const Model& model, const std::vector<Knowledge>& known, std::size_t constraint, std::size_t variable)
        : model_(model), known_(known), constraint_(constraint), variable_(variable), chosen_(known.size()) {}

    std::optional<std::vector<std::int64_t>> run(std::string& failure) {
        if (!prepare()) {
            return std::nullopt;
        }
        descend(0);
        if (failure_ != nullptr) {
            failure = fmt::format("\"{}\": {}", model_.constraints()[constraint_].reason, failure_);
        }
        if (gave_up_) {
            return std::nullopt;
        }
        std::ranges::sort(found_);
        found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
        return std::move(found_);
    }

  private:
    bool prepare() {
        const Expr& condition = leftmost_conjunct(model_.constraints()[constraint_].condition);
        variables_ = variables_in(condition);
        std::erase(variables_, variable_);
        bool listed = std::ranges::all_of(variables_, [&](std::size_t v) { return known_[v].listed; });
        if (!listed || !collect_equalities(condition, variable_, equalities_)) {
            return false;
        }
        checks_.resize(variables_.size() + 1);
        for (std::size_t c = 0; c < model_.constraints().size(); ++c) {
            std::vector<std::size_t> mentioned = variables_in(model_.constraints()[c].condition);
            if (!mentioned.empty() && std::ranges::includes(variables_, mentioned)) {
                auto last = std::ranges::find(variables_, mentioned.back());
                checks_[static_cast<std::size_t>(last - variables_.begin()) + 1].push_back(c);
            }
        }
        return true;
    }

    void descend(std::size_t position) {
        if (excluded(position)) {
            return;
        }
        if (position == variables_.size()) {
            add_images();
            return;
        }
        const Knowledge& known = known_[variables_[position]];
        for (const Scalar& value : known.values) {
            const auto* integer = std::get_if<Int128>(&value);
            if (known.whole && !known.allows(*integer)) {
                continue;
            }
            if (gave_up_ || ++tried_ > kMaxTried) {
                gave_up_ = true;
                return;
            }
            chosen_[variables_[position]] = value;
            descend(position + 1);
        }
    }

    // By another constraint, on the variables that are set.
    bool excluded(std::size_t position) const {
        return std::ranges::any_of(checks_[position], [&](std::size_t constraint) {
            Scalar holds = value_of(model_.constraints()[constraint].condition);
            return !failed(holds) && !truth(holds);
        });
    }

    void add_images() {
        for (const Equality& equality : equalities_) {
            const Scalar value = value_of(equality.value);
            const Scalar image =
                solved(equality.side, variable_, value, [this](const Expr& expr) { return value_of(expr); });
            const auto* failure = std::get_if<Failure>(&image);
            gave_up_ |= failure != nullptr || may_fail(equality.side);
            if (failure != nullptr && failure->reason != kUnsolvable.reason) {
                failure_ = failure->reason;
            }
            add_image(image);
        }
    }

    // For some value of the variable that is no image; the extreme ones tell, see can_be_solved.
    bool may_fail(const Expr& side) {
        return side.op() != Op::variable &&
               std::ranges::any_of(std::array{known_[variable_].low, known_[variable_].high}, [&](Int128 extreme) {
                   chosen_[variable_] = extreme;
                   return failed(value_of(side));
               });
    }

    void add_image(const Scalar& image) {
        constexpr double kLargest = 0x1p63;
        const auto* real = std::get_if<double>(&image);
        bool whole = real != nullptr && std::abs(*real) < kLargest && std::trunc(*real) == *real;
        const auto* exact = std::get_if<Int128>(&image);
        if (!whole && exact == nullptr) {
            return;
        }
        const Int128 integer = whole ? static_cast<Int128>(*real) : *exact;
        if (known_[variable_].allows(integer)) {
            found_.push_back(static_cast<std::int64_t>(integer));
        }
    }

    Scalar value_of(const Expr& expr) const {
        return evaluate_with(expr, [this](std::size_t v) { return chosen_[v]; });
    }

    const Model& model_;
    const std::vector<Knowledge>& known_;
    std::size_t constraint_;
    std::size_t variable_;
    std::vector<std::size_t> variables_;  // the others in the constraint
    std::vector<Equality> equalities_;
    std::vector<std::vector<std::size_t>> checks_;  // by how many variables are set
    std::vector<Scalar> chosen_;                    // by variable
    std::vector<std::int64_t> found_;
    std::uint64_t tried_ = 0;
    bool gave_up_ = false;
    const char* failure_ = nullptr;
};

}  // namespace

std::optional<std::vector<std::int64_t>> images(const Model& model, const std::vector<Knowledge>& known,
                                                std::size_t constraint, std::size_t variable, std::string& failure) {
    return Images(model, known, constraint, variable).run(failure);
}

}  // namespace warpsmith
