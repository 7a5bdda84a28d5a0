#include "cache/formula_plan.hpp"

#include <unordered_map>

#include "solver/evaluate.hpp"

namespace warpsmith {

// Lays expressions out.
class FormulaPlan::Builder {
  public:
    Builder(FormulaPlan& plan, const OpenSizes& sizes) : plan_(plan), sizes_(sizes) {}

    Place add(const Expr& expr) {
        const auto found = made_.find(expr.node());
        if (found != made_.end()) {
            return found->second;
        }
        const Place place = add_new(expr);
        made_.emplace(expr.node(), place);
        return place;
    }

  private:
    Place add_new(const Expr& expr) {
        if (expr.op() == Op::named) {
            const auto size = sizes_.find(expr.name());
            if (size == sizes_.end()) {
                return add(expr.operands()[0]);
            }
            return add_open({.operands = {}, .size = static_cast<Formulas::Slot>(size->second)});
        }
        std::array<Place, 3> operands{};
        bool open = false;
        for (std::size_t i = 0; i < operands.size() && !expr.operands().empty(); ++i) {
            operands[i] = i < expr.operands().size() ? add(expr.operands()[i]) : operands[0];
            open = open || operands[i].open;
        }
        return open ? add_open({.op = expr.op(), .operands = operands}) : add_closed(expr, operands);
    }

    Place add_open(const OpenPart& part) {
        plan_.open_parts_.push_back(part);
        return {.open = true, .part = static_cast<std::uint32_t>(plan_.open_parts_.size() - 1)};
    }

    Place add_closed(const Expr& expr, const std::array<Place, 3>& operands) {
        plan_.closed_parts_.push_back({closed_slot(expr, operands), expr});
        return {.open = false, .part = static_cast<std::uint32_t>(plan_.closed_parts_.size() - 1)};
    }

    Formulas::Slot closed_slot(const Expr& expr, const std::array<Place, 3>& operands) {
        if (expr.op() == Op::variable) {
            return static_cast<Formulas::Slot>(expr.index());
        }
        if (expr.op() == Op::constant) {
            const auto* number = std::get_if<std::int64_t>(&expr.value());
            return number == nullptr ? plan_.closed_.add_without_value() : plan_.closed_.add_number(*number);
        }
        Formulas::Operands slots{};
        for (std::size_t i = 0; i < slots.size(); ++i) {
            slots[i] = plan_.closed_parts_[operands[i].part].slot;
        }
        return plan_.closed_.add_operation(expr.op(), slots);
    }

    FormulaPlan& plan_;
    const OpenSizes& sizes_;
    std::unordered_map<const ExprNode*, Place> made_;
};

FormulaPlan::FormulaPlan(const std::vector<Expr>& exprs, std::size_t variables, const OpenSizes& open)
    : closed_(variables) {
    Builder builder(*this, open);
    for (const Expr& expr : exprs) {
        roots_.push_back(builder.add(expr));
    }
}

ConfiguredPlan::ConfiguredPlan(const FormulaPlan& plan, std::span<const std::int64_t> variables)
    : plan_(plan), variables_(variables), values_(plan.closed_.slots()), taken_(plan.open_parts_.size()) {
    if (!plan.closed_.evaluate(variables, values_)) {
        some_.resize(values_.size());
        plan.closed_.evaluate_each(variables, some_);
    }
    left_.reserve(plan.open_parts_.size());
    for (std::uint32_t open = 0; open < plan.open_parts_.size(); ++open) {
        left_.push_back(left_of(open));
    }
}

// Parts before it are known.
FormulaPlan::Place ConfiguredPlan::left_of(std::uint32_t open) const {
    const Place itself{.open = true, .part = open};
    const FormulaPlan::OpenPart& part = plan_.open_parts_[open];
    const bool chooses = part.op == Op::select || part.op == Op::logical_and || part.op == Op::logical_or;
    if (!chooses || left(part.operands[0]).open) {
        return itself;
    }
    const Place first = left(part.operands[0]);
    const std::optional<std::int64_t> decision = closed_value(first.part);
    if (!decision) {
        return first;  // without a value; so is the whole
    }
    if (part.op == Op::select) {
        return left(part.operands[*decision != 0 ? 1 : 2]);
    }
    return (part.op == Op::logical_and) == (*decision == 0) ? first : left(part.operands[1]);
}

// What has no value in 64 bits, step by step, may have one all the same: the solver's own evaluator decides.
std::optional<std::int64_t> ConfiguredPlan::closed_value(std::uint32_t part) const {
    const FormulaPlan::ClosedPart& its = plan_.closed_parts_[part];
    if (some_.empty() || some_[its.slot]) {
        return some_.empty() ? values_[its.slot] : some_[its.slot];
    }
    const Scalar scalar =
        evaluate_with(its.expr, [&](std::size_t variable) -> Scalar { return Int128{variables_[variable]}; });
    const std::optional<Value> value = to_value(scalar);
    return value && std::holds_alternative<std::int64_t>(*value) ? std::optional(std::get<std::int64_t>(*value))
                                                                 : std::nullopt;
}

std::optional<std::int64_t> ConfiguredPlan::value(std::size_t expression) const {
    return closed_value(left(plan_.roots_[expression]).part);
}

void ConfiguredPlan::add_to(Formulas& formulas, std::size_t expression) {
    formulas.add_expression(take(left(plan_.roots_[expression]), formulas));
}

Formulas::Slot ConfiguredPlan::take(Place place, Formulas& formulas) {
    if (!place.open) {
        const std::optional<std::int64_t> number = closed_value(place.part);
        return number ? formulas.share_number(*number) : formulas.add_without_value();
    }
    const FormulaPlan::OpenPart& part = plan_.open_parts_[place.part];
    if (part.op == Op::variable) {
        return part.size;
    }
    if (!taken_[place.part]) {
        Formulas::Operands operands{};
        for (std::size_t i = 0; i < operands.size(); ++i) {
            const bool again = i > 0 && left(part.operands[i]) == left(part.operands[0]);
            operands[i] = again ? operands[0] : take(left(part.operands[i]), formulas);
        }
        taken_[place.part] = formulas.share_operation(part.op, operands);
    }
    return *taken_[place.part];
}

}  // namespace warpsmith
