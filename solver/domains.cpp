#include "solver/domains.hpp"

#include <algorithm>

#include "solver/evaluate.hpp"

namespace warpsmith {
namespace {

void collect_variables(const Expr& expr, std::vector<std::size_t>& variables) {
    if (expr.op() == Op::variable) {
        variables.push_back(expr.index());
    }
    for (const Expr& operand : expr.operands()) {
        collect_variables(operand, variables);
    }
}

std::vector<Domain> full_domains(const Model& model) {
    std::vector<Domain> domains;
    for (const Variable& variable : model.variables()) {
        Domain& domain = domains.emplace_back();
        for (std::uint32_t code = 0; code < variable.values.size(); ++code) {
            domain.values.push_back(to_scalar(variable.values[code]));
            domain.codes.push_back(code);
        }
    }
    return domains;
}

class Reduction {
  public:
    explicit Reduction(const Model& model) : model_(model) {
        domains_.of = full_domains(model);
        domains_.empty = std::ranges::any_of(domains_.of, [](const Domain& domain) { return domain.values.empty(); });
        for (std::size_t i = 0; i < model.constraints().size(); ++i) {
            domains_.open.push_back(i);
            variables_.push_back(variables_in(model.constraints()[i].condition));
        }
    }

    Domains run() {
        bool changed = true;
        while (changed && !domains_.empty) {
            changed = std::erase_if(domains_.open, [&](std::size_t constraint) { return settle(constraint); }) > 0;
        }
        return std::move(domains_);
    }

  private:
    bool is_free(std::size_t variable) const { return domains_.of[variable].values.size() != 1; }

    // Whether the constraint has become superfluous.
    bool settle(std::size_t constraint) {
        std::size_t free_variables = 0;
        std::size_t last_free = 0;
        for (std::size_t variable : variables_[constraint]) {
            if (is_free(variable)) {
                ++free_variables;
                last_free = variable;
            }
        }
        const Expr& condition = model_.constraints()[constraint].condition;
        if (free_variables == 0) {
            Scalar result = evaluate_with(condition, [&](std::size_t v) { return domains_.of[v].values[0]; });
            domains_.empty |= !failed(result) && !truth(result);
            return !failed(result);
        }
        return free_variables == 1 && filter(condition, last_free);
    }

    bool filter(const Expr& condition, std::size_t variable) {
        Domain kept;
        const Domain& domain = domains_.of[variable];
        for (std::size_t i = 0; i < domain.values.size(); ++i) {
            Scalar result = evaluate_with(
                condition, [&](std::size_t other) { return domains_.of[other].values[other == variable ? i : 0]; });
            if (failed(result)) {
                return false;
            }
            if (truth(result)) {
                kept.values.push_back(domain.values[i]);
                kept.codes.push_back(domain.codes[i]);
            }
        }
        domains_.empty |= kept.values.empty();
        domains_.of[variable] = std::move(kept);
        return true;
    }

    const Model& model_;
    Domains domains_;
    std::vector<std::vector<std::size_t>> variables_;
};

}  // namespace

std::vector<std::size_t> variables_in(const Expr& expr) {
    std::vector<std::size_t> variables;
    collect_variables(expr, variables);
    std::ranges::sort(variables);
    variables.erase(std::unique(variables.begin(), variables.end()), variables.end());
    return variables;
}

Domains reduce_domains(const Model& model) {
    return Reduction(model).run();
}

}  // namespace warpsmith
