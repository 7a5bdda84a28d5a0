#include "solver/probe.hpp"

#include <algorithm>

#include "solver/evaluate.hpp"

namespace warpsmith {
namespace {

constexpr std::uint64_t kMostOperations =
    4'000;  // some 30 us: where they do not suffice, the plan takes ten times that

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
        if (order_constraints() && holds_after(0)) {
            search();
        }
        return {.choices = std::move(found_), .nodes = nodes_};
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

    // Sets the variables in the order of declaration; `choices` are the places of their values.
    void search() {
        std::vector<std::uint32_t> choices = {0};
        while (!choices.empty() && choices.size() <= values_.size() && operations_ <= kMostOperations) {
            const std::size_t variable = choices.size() - 1;
            const auto& values = model_.variables()[variable].values;
            if (choices.back() < values.size()) {
                ++nodes_;
                ++operations_;
                values_[variable] = to_scalar(values[choices.back()]);
                if (holds_after(variable + 1)) {
                    choices.push_back(0);
                    continue;
                }
            } else {
                choices.pop_back();
            }
            if (!choices.empty()) {
                ++choices.back();
            }
        }
        if (choices.size() > values_.size()) {
            choices.pop_back();
            found_ = std::move(choices);
        }
    }

    // Whether the constraints hold whose last variable is the last one that has been set.
    bool holds_after(std::size_t variables) {
        return std::ranges::all_of(due_[variables], [&](const Due& due) {
            operations_ += due.operations;
            const Scalar value = evaluate_with(*due.condition, [&](std::size_t variable) { return values_[variable]; });
            operations_ += failed(value) ? kMostOperations : 0;
            return !failed(value) && truth(value);
        });
    }

    const Model& model_;
    std::vector<std::vector<Due>> due_;  // by how many variables are set
    std::vector<Scalar> values_;
    std::uint64_t operations_ = 0;
    std::uint64_t nodes_ = 0;
    std::optional<std::vector<std::uint32_t>> found_;
};

}  // namespace

Probe probe_first(const Model& model) {
    return Backtracking(model).run();
}

}  // namespace warpsmith
