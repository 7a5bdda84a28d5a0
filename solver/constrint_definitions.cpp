#include "solver/constrint_definitions.hpp"

#include <algorithm>

#include "solver/constrint_domains.hpp"

namespace warpsmith {
namespace {

constexpr std::int64_t kManyValues = 4096;    // a parameter with more is better computed where it can be
constexpr std::size_t kMaxWork = 10'000'000;  // steps spent on looking for cycles; then no more definitions are made

class Chooser {
  public:
    Chooser(const ConstrintSystem& system, const std::vector<ValueOrder>& ordered)
        : system_(system),
          is_ordered_(system.variables.size()),
          uses_(system.variables.size()),
          is_restricted_(system.variables.size()) {
        for (const ValueOrder& entry : ordered) {
            is_ordered_[entry.variable] = true;
        }
        has_order_ = !ordered.empty();
        chosen_.of_variable.resize(system.variables.size());
        chosen_.is_used.resize(system.relations.size());
        for (const ConstrintConstraint& relation : system.relations) {
            if (const std::size_t* variable = restricted_variable(relation)) {
                is_restricted_[*variable] = true;
            }
        }
    }

    Definitions run() {
        choose_constants();
        for (std::size_t i = 0; i < system_.relations.size(); ++i) {
            choose_lone(i);
        }
        for (std::size_t i = 0; i < system_.relations.size(); ++i) {
            choose_largest(i);
        }
        std::vector<bool> placed(system_.variables.size());
        for (std::size_t i = 0; i < system_.variables.size(); ++i) {
            place(i, placed);
        }
        return std::move(chosen_);
    }

  private:
    // A name that a list or a number gives: it has values of its own.
    static const std::size_t* restricted_variable(const ConstrintConstraint& relation) {
        bool by_list = relation.kind == ConstrintKind::member;
        bool by_number = relation.kind == ConstrintKind::equal && relation.right.kind == ConstrintTermKind::constant;
        bool turned = relation.kind == ConstrintKind::equal && relation.left.kind == ConstrintTermKind::constant;
        const ConstrintTerm& side = turned ? relation.right : relation.left;
        return (by_list || by_number || turned) && side.kind == ConstrintTermKind::variable ? &side.variable : nullptr;
    }

    void choose_constants() {
        for (std::size_t i = 0; has_order_ && i < system_.variables.size(); ++i) {
            if (!is_ordered_[i] && is_restricted_[i] && system_.variables[i].bounds.is_single()) {
                chosen_.of_variable[i] = Definer{};
            }
        }
    }

    void choose_lone(std::size_t index) {
        const ConstrintConstraint& relation = system_.relations[index];
        if (relation.kind != ConstrintKind::equal) {
            return;
        }
        const ConstrintTerm& left = relation.left;
        const ConstrintTerm& right = relation.right;
        bool both = left.kind == ConstrintTermKind::variable && right.kind == ConstrintTermKind::variable;
        bool right_first = both && right.variable > left.variable;  // the name that comes later in the text
        for (bool on_left : {!right_first, right_first}) {
            const ConstrintTerm& side = on_left ? left : right;
            const ConstrintTerm& other = on_left ? right : left;
            if (side.kind == ConstrintTermKind::variable && other.kind != ConstrintTermKind::constant &&
                !is_restricted_[side.variable] && define(side.variable, index, on_left)) {
                return;
            }
        }
    }

    void choose_largest(std::size_t index) {
        const ConstrintConstraint& relation = system_.relations[index];
        if (relation.kind != ConstrintKind::equal || chosen_.is_used[index]) {
            return;
        }
        std::vector<std::size_t> candidates;
        std::vector<std::size_t> found = variables_of(relation);
        for (std::size_t i = 0; i < found.size(); ++i) {
            bool once = (i == 0 || found[i - 1] != found[i]) && (i + 1 == found.size() || found[i + 1] != found[i]);
            if (once && !is_restricted_[found[i]] && (has_order_ || size(found[i]) > kManyValues)) {
                candidates.push_back(found[i]);
            }
        }
        std::ranges::stable_sort(candidates, std::greater{}, [&](std::size_t variable) { return size(variable); });
        for (std::size_t variable : candidates) {
            bool on_left = occurrences(relation.left, variable) == 1;
            if (can_be_isolated(on_left ? relation.left : relation.right, variable) &&
                define(variable, index, on_left)) {
                return;
            }
        }
    }

    std::int64_t size(std::size_t variable) const {
        const ConstrintInterval& bounds = system_.variables[variable].bounds;
        return bounds.high - bounds.low + 1;
    }

    static bool can_be_isolated(const ConstrintTerm& side, std::size_t variable) {
        if (side.kind == ConstrintTermKind::variable) {
            return true;
        }
        if (side.kind != ConstrintTermKind::sum && side.kind != ConstrintTermKind::product) {
            return false;
        }
        auto part = std::ranges::find_if(side.parts,
                                         [&](const ConstrintTerm& term) { return occurrences(term, variable) != 0; });
        // What the variable is multiplied by is divided by: it must not be zero.
        bool positive =
            side.kind == ConstrintTermKind::sum || std::ranges::all_of(side.parts, [&](const ConstrintTerm& term) {
                return term.bounds.low > 0 || &term == &*part;
            });
        return positive && can_be_isolated(*part, variable);
    }

    static void collect(const ConstrintTerm& term, std::vector<std::size_t>& found) {
        if (term.kind == ConstrintTermKind::variable) {
            found.push_back(term.variable);
        }
        for (const ConstrintTerm& part : term.parts) {
            collect(part, found);
        }
    }

    // Ascending, each as often as it stands there.
    static std::vector<std::size_t> variables_of(const ConstrintConstraint& relation) {
        std::vector<std::size_t> found;
        collect(relation.left, found);
        collect(relation.right, found);
        std::ranges::sort(found);
        return found;
    }

    bool define(std::size_t variable, std::size_t relation, bool on_left) {
        if (is_ordered_[variable] || chosen_.of_variable[variable]) {
            return false;
        }
        std::vector<std::size_t> uses = variables_of(system_.relations[relation]);
        if (std::ranges::count(uses, variable) != 1) {
            return false;
        }
        std::erase(uses, variable);
        uses.erase(std::unique(uses.begin(), uses.end()), uses.end());
        if (depends(uses, variable)) {
            return false;
        }
        uses_[variable] = std::move(uses);
        chosen_.of_variable[variable] = Definer{.relation = relation, .on_left = on_left};
        chosen_.is_used[relation] = true;
        return true;
    }

    // Whether any of these follows, over definitions, from the variable.
    bool depends(const std::vector<std::size_t>& from, std::size_t variable) {
        std::vector<std::size_t> open = from;
        std::vector<bool> seen(system_.variables.size());
        work_ += system_.variables.size() / 64 + 1;
        while (!open.empty() && work_ < kMaxWork) {
            std::size_t next = open.back();
            open.pop_back();
            if (next == variable) {
                return true;
            }
            if (!seen[next]) {
                seen[next] = true;
                work_ += uses_[next].size() + 1;
                open.insert(open.end(), uses_[next].begin(), uses_[next].end());
            }
        }
        return work_ >= kMaxWork;
    }

    // Depth first without recursion: a chain of definitions can be as long as the text.
    void place(std::size_t variable, std::vector<bool>& placed) {
        std::vector<std::size_t> open{variable};
        while (!open.empty()) {
            std::size_t next = open.back();
            auto missing = std::ranges::find_if(uses_[next], [&](std::size_t used) { return !placed[used]; });
            if (placed[next] || missing == uses_[next].end()) {
                open.pop_back();
                if (!placed[next] && chosen_.of_variable[next]) {
                    chosen_.order.push_back(next);
                }
                placed[next] = true;
            } else {
                open.push_back(*missing);
            }
        }
    }

    const ConstrintSystem& system_;
    std::vector<bool> is_ordered_;
    std::vector<std::vector<std::size_t>> uses_;  // of a defined variable: what its definition needs
    std::vector<bool> is_restricted_;
    bool has_order_ = false;
    Definitions chosen_;
    std::size_t work_ = 0;
};

}  // namespace

Definitions choose_definitions(const ConstrintSystem& system, const std::vector<ValueOrder>& ordered) {
    return Chooser(system, ordered).run();
}

}  // namespace warpsmith
