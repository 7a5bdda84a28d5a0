#include "solver/probe.hpp"

#include <algorithm>

#include "solver/bounded_search.hpp"
#include "solver/depth_first.hpp"
#include "solver/evaluate.hpp"

namespace warpsmith {
namespace {

constexpr std::uint64_t kMostOperations = 400;  // some 4 us: where they do not suffice, bounds are worth their while

struct Reach {
    std::size_t variables = 0;     // one more than the place of the last variable in it
    std::uint64_t operations = 0;  // of one evaluation, at most
};

// Recurses no deeper than Expr::kMaxDepth.
void extend(Reach& reach, const Expr& expr) {
    ++reach.operations;
    if (expr.op() == Op::variable) {
        reach.variables = std::max(reach.variables, expr.index() + 1);
    }
    for (const Expr& operand : expr.operands()) {
        if (reach.operations <= kMostOperations) {
            extend(reach, operand);
        }
    }
}

class Backtracking {
  public:
    explicit Backtracking(const Model& model)
        : model_(model), due_(model.variables().size() + 1), values_(model.variables().size()) {}

    Probe run() {
        Probe probe;
        if (order_constraints() && holds_after(0)) {
            probe.choices = first_depth_first(model_, *this);
        }
        probe.nodes = nodes_;
        return probe;
    }

    bool is_over() const { return operations_ > kMostOperations; }

    bool enter(std::size_t variable, std::uint32_t choice) {
        ++nodes_;
        ++operations_;
        values_[variable] = to_scalar(model_.variables()[variable].values[choice]);
        return holds_after(variable + 1);
    }

  private:
    struct Due {
        const Expr* condition;
        std::uint64_t operations;
    };

    bool order_constraints() {
        for (const Constraint& constraint : model_.constraints()) {
            Reach reach;
            extend(reach, constraint.condition);
            operations_ += reach.operations;
            if (operations_ > kMostOperations) {
                return false;
            }
            due_[reach.variables].push_back({&constraint.condition, reach.operations});
        }
        return true;
    }

    // Whether the constraints hold whose last variable is the last one that has been set.
    bool holds_after(std::size_t variables) {
        return std::ranges::all_of(due_[variables], [&](const Due& due) {
            operations_ += due.operations;
            const Scalar value = evaluate_with(*due.condition, [&](std::size_t variable) { return values_[variable]; });
            operations_ += failed(value) ? kMostOperations : 0;  // it is over
            return !failed(value) && truth(value);
        });
    }

    const Model& model_;
    std::vector<std::vector<Due>> due_;  // by how many variables are set
    std::vector<Scalar> values_;
    std::uint64_t operations_ = 0;
    std::uint64_t nodes_ = 0;
};

}  // namespace

Probe probe_first(const Model& model) {
    const Probe tried = Backtracking(model).run();
    return tried.choices ? tried : bounded_first(model);
}

}  // namespace warpsmith
