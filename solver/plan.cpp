#include "solver/plan.hpp"

#include <algorithm>
#include <numeric>

#include "solver/relax.hpp"

namespace warpsmith {
namespace {

// The levels that a term depends on, ascending.
std::vector<Level> levels_in(const Terms& terms, TermId root) {
    std::vector<bool> seen(terms.size());
    std::vector<TermId> pending = {root};
    std::vector<Level> levels;
    while (!pending.empty()) {
        TermId id = pending.back();
        pending.pop_back();
        if (seen[id]) {
            continue;
        }
        seen[id] = true;
        if (terms[id].op == Op::variable) {
            levels.push_back(terms[id].level);
        }
        std::ranges::copy(terms[id].operand_ids(), std::back_inserter(pending));
    }
    std::ranges::sort(levels);
    return levels;
}

// Disjoint sets of variables.
class Partition {
  public:
    explicit Partition(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }

    std::size_t representative(std::size_t element) {
        while (parent_[element] != element) {
            element = parent_[element] = parent_[parent_[element]];
        }
        return element;
    }
    void join(std::size_t left, std::size_t right) { parent_[representative(right)] = representative(left); }

  private:
    std::vector<std::size_t> parent_;
};

// Splits `a and b` into two conditions.
void collect_conjuncts(const Terms& terms, TermId condition, std::vector<TermId>& conjuncts) {
    const Term& term = terms[condition];
    if (term.op == Op::logical_and && !term.may_fail) {
        collect_conjuncts(terms, term.operands[0], conjuncts);
        collect_conjuncts(terms, term.operands[1], conjuncts);
    } else {
        conjuncts.push_back(condition);
    }
}

class Planner {
  public:
    explicit Planner(const Model& model) : model_(model) {}

    Plan run() {
        Domains domains = reduce_domains(model_);
        plan_.domains = std::move(domains.of);
        plan_.empty = domains.empty;
        checks_.resize(plan_.domains.size());
        for (std::size_t v = 0; v < plan_.domains.size(); ++v) {
            plan_.variables.push_back(plan_.terms.variable(static_cast<Level>(v), plan_.domains[v].values));
            relaxations_.emplace_back(plan_.terms, static_cast<Level>(v), limits_);
        }
        if (!plan_.empty) {
            translate_constraints(domains.open);
        }
        if (!plan_.empty) {
            make_groups();
        }
        return std::move(plan_);
    }

  private:
    struct Condition {
        Check check;
        std::vector<Level> levels;
    };

    void translate_constraints(const std::vector<std::size_t>& open) {
        std::vector<Check> checks;
        for (std::size_t constraint : open) {
            std::vector<TermId> conjuncts;
            TermId whole = translate(plan_.terms, model_.constraints()[constraint].condition, plan_.variables);
            collect_conjuncts(plan_.terms, whole, conjuncts);
            for (TermId conjunct : conjuncts) {
                checks.push_back({conjunct, constraint});
                if (!plan_.terms[conjunct].may_fail) {
                    limits_.require(plan_.terms, conjunct);
                }
            }
        }
        std::ranges::for_each(checks, [&](const Check& check) { add_condition(check); });
    }

    void add_condition(const Check& check) {
        if (plan_.terms.is_constant(check.condition)) {
            const Scalar& value = plan_.terms[check.condition].constant;
            plan_.empty |= !failed(value) && !truth(value);
            if (failed(value)) {
                plan_.failing.push_back(check.constraint);
            }
            return;
        }
        bool relaxes = !plan_.terms[check.condition].may_fail;
        Condition condition{check, levels_in(plan_.terms, check.condition)};
        for (Level level : std::span(condition.levels).first(condition.levels.size() - 1)) {
            if (relaxes) {
                TermId relaxed = relaxations_[static_cast<std::size_t>(level)].may_hold(check.condition);
                add_check({relaxed, check.constraint}, level);
            }
        }
        add_check(check, condition.levels.back());
        conditions_.push_back(std::move(condition));
    }

    void add_check(const Check& check, Level level) {
        const Term& term = plan_.terms[check.condition];
        plan_.empty |= !term.may_fail && term.range.always_false();
        if (term.level != level || (!term.may_fail && term.range.always_true())) {
            return;  // a relaxed condition that says nothing about this variable
        }
        std::vector<Check>& checks = checks_[static_cast<std::size_t>(level)];
        if (std::ranges::find(checks, check.condition, &Check::condition) == checks.end()) {
            checks.push_back(check);
        }
    }

    void make_groups() {
        Partition partition(plan_.domains.size());
        for (const Condition& condition : conditions_) {
            for (Level level : condition.levels) {
                partition.join(static_cast<std::size_t>(condition.levels.front()), static_cast<std::size_t>(level));
            }
        }
        std::vector<std::vector<std::size_t>> members(plan_.domains.size());
        for (std::size_t v = 0; v < plan_.domains.size(); ++v) {
            members[partition.representative(v)].push_back(v);
        }
        for (const std::vector<std::size_t>& variables : members) {
            if (!variables.empty()) {
                plan_.groups.push_back(group_of(variables));
            }
        }
    }

    GroupPlan group_of(const std::vector<std::size_t>& variables) {
        GroupPlan group;
        group.levels.resize(variables.size());
        last_use_.assign(plan_.terms.size(), kNoLevel);
        scheduled_.assign(plan_.terms.size(), false);
        std::vector<std::vector<TermId>> exports(plan_.domains.size());
        for (std::size_t position = variables.size(); position-- > 0;) {
            LevelPlan& level = group.levels[position];
            level.variable = variables[position];
            level.checks = by_cost(checks_[level.variable]);
            for (const Check& check : level.checks) {
                schedule(check.condition, level, exports);
            }
            level.exports = exports[level.variable];
            for (TermId id : level.exports) {
                schedule(id, level, exports);
            }
        }
        for (LevelPlan& level : group.levels) {
            find_key(group, level);
        }
        return group;
    }

    // Cheap checks first: they may make the others unnecessary.
    std::vector<Check> by_cost(std::vector<Check> checks) const {
        std::ranges::stable_sort(checks, {}, [&](const Check& check) { return plan_.terms[check.condition].weight; });
        return checks;
    }

    void schedule(TermId id, LevelPlan& level, std::vector<std::vector<TermId>>& exports) {
        const Term& term = plan_.terms[id];
        auto here = static_cast<Level>(level.variable);
        if (term.level == kNoLevel || scheduled_[id]) {
            return;
        }
        if (term.level < here) {
            if (last_use_[id] == kNoLevel) {
                exports[static_cast<std::size_t>(term.level)].push_back(id);
            }
            last_use_[id] = std::max(last_use_[id], here);
            return;
        }
        scheduled_[id] = true;
        for (TermId operand : term.operand_ids()) {
            schedule(operand, level, exports);
        }
        if (term.op != Op::variable) {
            level.steps.push_back(id);
        }
    }

    // The exported terms that this level or a deeper one uses, without those that the others determine.
    void find_key(const GroupPlan& group, LevelPlan& level) const {
        auto here = static_cast<Level>(level.variable);
        std::vector<TermId> live;
        std::size_t variables_above = 0;
        std::size_t live_variables = 0;
        for (const LevelPlan& above : group.levels) {
            if (above.variable >= level.variable) {
                break;
            }
            ++variables_above;
            for (TermId id : above.exports) {
                if (last_use_[id] >= here) {
                    live.push_back(id);
                    live_variables += plan_.terms[id].op == Op::variable ? 1 : 0;
                }
            }
        }
        std::vector<bool> determined(plan_.terms.size());  // by the live terms among the operands
        for (TermId id : live) {
            determined[id] = true;
        }
        for (TermId id : live) {
            if (!follows(id, determined)) {
                level.key.push_back(id);
            }
        }
        auto is_word = [&](TermId id) { return plan_.terms[id].storage != Storage::scalar; };
        level.can_share = live_variables < variables_above && std::ranges::all_of(level.key, is_word);
    }

    // Operands precede results in the list of terms, so that this ends; what it finds it notes in `determined`.
    bool follows(TermId id, std::vector<bool>& determined) const {
        const Term& term = plan_.terms[id];
        return term.op != Op::variable && std::ranges::all_of(term.operand_ids(), [&](TermId operand) {
                   bool found = determined[operand] || plan_.terms.is_constant(operand) || follows(operand, determined);
                   determined[operand] = found;
                   return found;
               });
    }

    const Model& model_;
    Plan plan_;
    Limits limits_;
    std::vector<Relaxation> relaxations_;     // by level
    std::vector<std::vector<Check>> checks_;  // by variable
    std::vector<Condition> conditions_;
    std::vector<Level> last_use_;  // by term, within the group at hand
    std::vector<bool> scheduled_;  // by term, within the group at hand
};

}  // namespace

Plan make_plan(const Model& model) {
    return Planner(model).run();
}

}  // namespace warpsmith
