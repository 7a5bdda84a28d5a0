#include "solver/k_best.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "solver/cost_memory.hpp"
#include "solver/error.hpp"
#include "solver/partial_cost.hpp"

namespace warpsmith {
namespace {

using Bound = std::optional<Scalar>;  // from below; none: nothing is known

bool is_lower(const Bound& left, const Bound& right) {
    return right && (!left || std::is_lt(compare(*left, *right)));
}

struct Candidate {
    Scalar cost;
    std::vector<std::uint32_t> choices;

    bool operator<(const Candidate& other) const {
        const std::partial_ordering order = compare(cost, other.cost);
        return order == std::partial_ordering::equivalent ? choices < other.choices : std::is_lt(order);
    }
};

// Sets the variables at the levels from `first` to before `last` in every way that can lead to one of the k best.
class Search {
  public:
    struct Limits {
        std::size_t first = 0;
        std::size_t last = 0;
        std::size_t k = 1;
        std::uint64_t steps = ~std::uint64_t{0};
    };

    Search(const CostModel& model, TermId cost, const Limits& limits)
        : model_(model),
          partial_(model, cost),
          memory_(partial_),
          limits_(limits),
          choices_(model.levels.size()),
          first_choices_(model.set.at(0).choices()),
          children_(model.levels.size()) {}

    // None when there were more steps than allowed.
    std::optional<std::vector<Candidate>> run() {
        choices_ = first_choices_;
        descend(limits_.first, Diagram::kNone);
        std::sort_heap(best_.begin(), best_.end());
        return steps_ > limits_.steps ? std::nullopt : std::optional(std::move(best_));
    }

  private:
    struct Child {
        Bound least;
        Diagram::Edge edge;
    };

    // `node` is what the level before left of its group. Returns a lower bound of the cost.
    Bound descend(std::size_t level, NodeId node) {
        if (level == limits_.last) {
            return accept();
        }
        const Diagram& diagram = model_.set.groups()[model_.levels[level].group];
        node = model_.levels[level].variable == diagram.variables().front() ? diagram.root() : node;
        if (level == limits_.first || level >= model_.deciding) {
            return best_of_children(level, node);
        }
        if (const Bound known = memory_.known(level, node); known && is_hopeless(known, level, node)) {
            return known;
        }
        const Bound least = best_of_children(level, node);
        if (least) {
            memory_.learn(level, node, *least);
        }
        return least;
    }

    Bound best_of_children(std::size_t level, NodeId node) {
        const std::size_t variable = model_.levels[level].variable;
        expand(level, node);
        std::optional<Bound> least;
        for (Child& child : children_[level]) {
            choices_[variable] = child.edge.code;
            if (!is_hopeless(child.least, level + 1, child.edge.child)) {
                partial_.choose(level, child.edge.code);
                const Bound found = descend(level + 1, child.edge.child);
                child.least = is_lower(child.least, found) ? found : child.least;
            }
            least = !least || is_lower(child.least, *least) ? child.least : *least;
        }
        return *least;  // every node has an edge
    }

    // The promising values first, so that good solutions are found early.
    void expand(std::size_t level, NodeId node) {
        const Diagram& diagram = model_.set.groups()[model_.levels[level].group];
        std::vector<Child>& children = children_[level];
        children.clear();
        for (std::size_t i = 0; i < diagram.edge_count(node); ++i) {
            const Diagram::Edge edge = diagram.edge(node, i);
            partial_.choose(level, edge.code);
            children.push_back({partial_.least(level, edge.child), edge});
        }
        steps_ += children.size();
        std::ranges::stable_sort(children, is_lower, &Child::least);
    }

    // Whether no solution with the choices above `level` is among the k best. `node` as in `descend`.
    bool is_hopeless(const Bound& least, std::size_t level, NodeId node) {
        if (steps_ > limits_.steps) {
            return true;
        }
        if (!least || best_.size() < limits_.k) {
            return false;
        }
        const std::partial_ordering order = compare(*least, best_.front().cost);
        return std::is_gt(order) || (std::is_eq(order) && first_completion(level, node) >= best_.front().choices);
    }

    // The first solution in lexicographic order with the choices above `level`: that of each group.
    const std::vector<std::uint32_t>& first_completion(std::size_t level, NodeId node) {
        for (; level < model_.levels.size(); ++level) {
            const auto [group, variable] = model_.levels[level];
            const Diagram& diagram = model_.set.groups()[group];
            const bool started =
                node != Diagram::kNone && node != Diagram::kEnd && level > 0 && model_.levels[level - 1].group == group;
            if (started) {
                choices_[variable] = diagram.edge(node, 0).code;
                node = diagram.edge(node, 0).child;
            } else {
                choices_[variable] = first_choices_[variable];
                node = Diagram::kNone;
            }
        }
        return choices_;
    }

    Bound accept() {
        const Scalar& cost = partial_.value(partial_.cost());
        const auto* real = std::get_if<double>(&cost);
        const bool number = std::holds_alternative<Int128>(cost) || (real != nullptr && !std::isnan(*real));
        if (!number) {
            report(cost);
        }
        Candidate candidate{cost, choices_};
        if (best_.size() == limits_.k && candidate < best_.front()) {
            std::pop_heap(best_.begin(), best_.end());
            best_.pop_back();
        }
        if (best_.size() < limits_.k) {
            best_.push_back(std::move(candidate));
            std::push_heap(best_.begin(), best_.end());
        }
        return cost;
    }

    [[noreturn]] void report(const Scalar& cost) const {
        const auto* failure = std::get_if<Failure>(&cost);
        throw Error(
            fmt::format("finding the cheapest solutions: the cost has no value for {}: {}; guard it, as in "
                        "`a // b if b != 0 else 0`, or exclude this by a constraint",
                        to_string(Solution(model_.set.scope(), choices_)),
                        failure != nullptr ? failure->reason : "it is no number"));
    }

    const CostModel& model_;
    PartialCost partial_;
    CostMemory memory_;
    Limits limits_;
    std::vector<std::uint32_t> choices_;  // by variable; of the levels not yet set, anything
    std::vector<std::uint32_t> first_choices_;
    std::vector<std::vector<Child>> children_;  // by level
    std::vector<Candidate> best_;               // a heap, the worst first
    std::uint64_t steps_ = 0;
};

// Finds out between what the parts of the cost that single groups decide lie, so that the search in one group knows
// what the others can contribute at best.
class Refinement {
  public:
    explicit Refinement(CostModel& model) : model_(model) {}

    void run() {
        const std::vector<TermId> parts = model_.parts_of(model_.cost);
        std::set<TermId> candidates;
        for (TermId id : parts) {
            if (!model_.is_single_group(id)) {
                std::ranges::copy_if(model_.terms[id].operand_ids(), std::inserter(candidates, candidates.end()),
                                     [&](TermId operand) { return can_be_refined(operand); });
            }
        }
        for (TermId candidate : candidates) {
            refine(candidate);
        }
        for (TermId id : parts) {
            if (!model_.is_single_group(id)) {
                combine(id);
            }
        }
    }

  private:
    static constexpr std::uint64_t kMostSteps = 50'000;  // some tens of milliseconds

    bool can_be_refined(TermId id) const {
        const Term& term = model_.terms[id];
        return term.arity > 0 && model_.is_single_group(id) && !term.may_fail && term.number && term.range.known();
    }

    void refine(TermId id) {
        const std::size_t group = model_.first_group[id];
        const Search::Limits limits{
            .first = model_.starts[group], .last = model_.starts[group + 1], .k = 1, .steps = kMostSteps};
        const TermId negated = model_.negated(id);
        if (model_.terms[negated].may_fail) {
            return;
        }
        const auto least = Search(model_, id, limits).run();
        const auto greatest = Search(model_, negated, limits).run();
        if (least && greatest) {
            model_.ranges[id].low = least->front().cost;
            model_.ranges[id].high = compute(Op::negate, greatest->front().cost);
        }
    }

    void combine(TermId id) {
        std::vector<Range> ranges;
        for (TermId operand : model_.terms[id].operand_ids()) {
            ranges.push_back(model_.ranges[operand]);
        }
        const Range range = ranges.empty() ? Range{} : range_of(model_.terms[id].op, ranges);
        model_.ranges[id] = range.known() ? range : model_.ranges[id];
    }

    CostModel& model_;
};

}  // namespace

std::vector<Solution> k_best(const SolutionSet& set, const Expr& cost, std::size_t k) {
    if (k == 0 || set.count() == 0) {
        return {};
    }
    CostModel model(set, cost);
    Refinement(model).run();
    const auto best = Search(model, model.cost, {.first = 0, .last = model.levels.size(), .k = k}).run();
    std::vector<Solution> solutions;
    for (const Candidate& candidate : *best) {  // there is no limit on the steps
        solutions.emplace_back(set.scope(), candidate.choices);
    }
    return solutions;
}

std::vector<Solution> k_best(const Model& model, std::size_t k) {
    return k_best(SolutionSet(model), cost_of(model), k);
}

const Expr& cost_of(const Model& model) {
    if (!model.cost()) {
        throw Error(
            "finding the cheapest solutions: there is no cost; give one, in a space file as \"minimize\": "
            "\"EXPRESSION\"");
    }
    return *model.cost();
}

}  // namespace warpsmith
