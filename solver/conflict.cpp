#include "solver/conflict.hpp"

#include <algorithm>
#include <numeric>

#include "solver/hitting_set.hpp"
#include "solver/listed_model.hpp"
#include "solver/solution_set.hpp"
#include "solver/z3_engine.hpp"

namespace warpsmith {
namespace {

using Positions = std::vector<std::size_t>;

constexpr std::uint64_t kMostNodes = 2'000'000;  // values tried to make a conflict the smallest one, about a second
constexpr std::uint64_t kMostSteps = 200'000;    // of choosing what may be the smallest one, about a tenth of a second

// Asks whether some of the constraints can hold together, and counts what that costs.
class Inquiry {
  public:
    explicit Inquiry(const Model& model) : model_(model) {}

    bool contradict(const Positions& constraints) {
        const Model asked = with_constraints(model_, constraints);
        const std::optional<ListedModel> listed = ListedModel::unless_too_many(asked, Extent::first);
        if (!listed) {  // so much is left that something holds, as far as is known
            nodes_ += 1;
            return false;
        }
        Found found = search_groups(**listed, Extent::first);
        nodes_ += found.nodes + 1;
        return found.nothing;
    }

    std::uint64_t nodes() const { return nodes_; }
    std::size_t constraints() const { return model_.constraints().size(); }

  private:
    const Model& model_;
    std::uint64_t nodes_ = 0;
};

// Leaves out, one after the other and from the front, what is not needed for the conflict.
Positions without_superfluous(Inquiry& inquiry, Positions conflict) {
    for (std::size_t i = 0; i < conflict.size();) {
        Positions fewer = conflict;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (inquiry.contradict(fewer)) {
            conflict = std::move(fewer);
        } else {
            ++i;
        }
    }
    return conflict;
}

// What a largest set around `constraints` that can hold together leaves out: every conflict has one of these.
Positions left_out(Inquiry& inquiry, Positions constraints) {
    Positions others;
    for (std::size_t position = 0; position < inquiry.constraints(); ++position) {
        if (std::ranges::find(constraints, position) != constraints.end()) {
            continue;
        }
        constraints.push_back(position);
        if (inquiry.contradict(constraints)) {
            constraints.pop_back();
            others.push_back(position);
        }
    }
    return others;
}

// Implicit hitting sets (Ignatiev et al. 2015, "Smallest MUS extraction with minimal hitting set dualization"): a
// smallest set with one of everything that had to be left out so far is either a conflict, and then a smallest one, or
// shows something else that has to be left out.
MinimalConflict smallest_conflict(Inquiry& inquiry, Positions known) {
    std::vector<Positions> to_hit;
    std::uint64_t steps = kMostSteps;
    while (inquiry.nodes() < kMostNodes) {
        std::optional<Positions> chosen = smallest_hitting_set(to_hit, known.size(), steps);
        if (!chosen) {
            return {std::move(known), steps > 0};
        }
        if (inquiry.contradict(*chosen)) {
            return {std::move(*chosen), true};
        }
        to_hit.push_back(left_out(inquiry, *chosen));
    }
    return {std::move(known), false};
}

bool is_integer(const Value& value) {
    return std::holds_alternative<std::int64_t>(value);
}

// Whether solve_with_z3 takes the expression.
bool suits_z3(const Expr& expr) {
    if (expr.op() == Op::constant) {
        return is_integer(expr.value());
    }
    if (expr.op() == Op::power) {
        const Expr& exponent = expr.operands()[1];
        return exponent.op() == Op::constant && is_integer(exponent.value()) &&
               std::get<std::int64_t>(exponent.value()) >= 0 &&
               std::get<std::int64_t>(exponent.value()) <= kMaxZ3Exponent && suits_z3(expr.operands()[0]);
    }
    return std::ranges::all_of(expr.operands(), suits_z3);
}

bool has_only_what_suits_z3(const Model& model) {
    bool variables = std::ranges::all_of(
        model.variables(), [](const Variable& variable) { return std::ranges::all_of(variable.values, is_integer); });
    return variables && std::ranges::all_of(model.constraints(), [](const Constraint& constraint) {
               return suits_z3(constraint.condition);
           });
}

}  // namespace

Model with_constraints(const Model& model, std::span<const std::size_t> constraints) {
    Model result;
    for (const Variable& variable : model.variables()) {
        result.variable(variable);
    }
    for (const Definition& definition : model.definitions()) {
        result.define(definition.name, definition.value);
    }
    for (std::size_t position : constraints) {
        result.require(model.constraints()[position].condition, model.constraints()[position].reason);
    }
    return result;
}

bool has_no_solution(const Model& model) {
    std::optional<ListedModel> listed = ListedModel::unless_too_many(model, Extent::first);
    return listed && search_groups(**listed, Extent::first).nothing;
}

bool has_solution(const Model& model) {
    std::optional<ListedModel> listed = ListedModel::unless_too_many(model, Extent::first);
    return listed && !search_groups(**listed, Extent::first).nothing;
}

MinimalConflict find_conflict(const Model& model) {
    constexpr unsigned kEffort = 1'000'000;  // some 30 ms
    std::optional<Positions> core = has_only_what_suits_z3(model) ? z3_conflict(model, kEffort) : std::nullopt;
    Positions all(model.constraints().size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    Inquiry inquiry(model);
    return smallest_conflict(inquiry, without_superfluous(inquiry, core ? std::move(*core) : std::move(all)));
}

}  // namespace warpsmith
