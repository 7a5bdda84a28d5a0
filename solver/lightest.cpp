#include "solver/lightest.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <tuple>

namespace warpsmith {
namespace {

using Words = std::vector<std::uint64_t>;

// The weights of the lightest ways from each node of a diagram to its end.
class LeastBelow {
  public:
    LeastBelow(const Diagram& diagram, const Weights& weights)
        : words_(weights.words()), least_(diagram.size() * words_, 0) {
        std::vector<std::size_t> height(diagram.size(), 0);  // of a node: the variables from it on
        Words sum(words_);
        for (NodeId node = Diagram::kEnd + 1; node < diagram.size(); ++node) {  // children come before their parents
            height[node] = height[diagram.edge(node, 0).child] + 1;
            const std::size_t variable = diagram.variables()[diagram.variables().size() - height[node]];
            for (std::size_t i = 0; i < diagram.edge_count(node); ++i) {
                const Diagram::Edge edge = diagram.edge(node, i);
                std::ranges::transform(weights.of(variable, edge.code), of(edge.child), sum.begin(), std::plus());
                if (i == 0 || std::ranges::lexicographical_compare(sum, of(node))) {
                    std::ranges::copy(sum, least_.begin() + static_cast<std::ptrdiff_t>(node * words_));
                }
            }
        }
    }

    std::span<const std::uint64_t> of(NodeId node) const { return std::span(least_).subspan(node * words_, words_); }

  private:
    std::size_t words_;
    std::vector<std::uint64_t> least_;
};

// The first variables have values; `weight` is that of the lightest solutions with these values.
struct Partial {
    Words weight;
    std::vector<std::uint32_t> choices;

    // Neither has all choices of the other and more, so that comparing them says which has the first solution.
    bool operator>(const Partial& other) const {
        return std::tie(weight, choices) > std::tie(other.weight, other.choices);
    }
};

// Takes the lightest partial assignment, the first in order where several are, and completes it on a lightest way; what
// it leaves on the way waits.
class Search {
  public:
    Search(const SolutionSet& set, const Weights& weights) : set_(set), weights_(weights) {
        Partial nothing{.weight = Words(weights.words()), .choices = {}};
        for (const Diagram& group : set.groups()) {
            least_.emplace_back(group, weights);
            add(nothing.weight, least_.back().of(group.root()));
        }
        waiting_.push_back(std::move(nothing));
    }

    std::vector<Solution> run(std::size_t limit) {
        std::vector<Solution> solutions;
        while (solutions.size() < limit && !waiting_.empty()) {
            std::pop_heap(waiting_.begin(), waiting_.end(), std::greater());
            Partial partial = std::move(waiting_.back());
            waiting_.pop_back();
            complete(partial);
            solutions.emplace_back(set_.scope(), std::move(partial.choices));
        }
        return solutions;
    }

  private:
    static void add(Words& sum, std::span<const std::uint64_t> words) {
        std::ranges::transform(sum, words, sum.begin(), std::plus());
    }
    static void subtract(Words& sum, std::span<const std::uint64_t> words) {
        std::ranges::transform(sum, words, sum.begin(), std::minus());
    }

    void complete(Partial& partial) {
        std::vector<NodeId> nodes = set_.roots();
        for (std::size_t variable = 0; variable < partial.choices.size(); ++variable) {
            NodeId& node = nodes[set_.group_of(variable)];
            node = set_.groups()[set_.group_of(variable)].child(node, partial.choices[variable]);
        }
        while (partial.choices.size() < set_.scope()->variables.size()) {
            NodeId& node = nodes[set_.group_of(partial.choices.size())];
            node = step(partial, node);
        }
    }

    // Sets the next variable, which stands at `node`. Returns the node below.
    NodeId step(Partial& partial, NodeId node) {
        const std::size_t variable = partial.choices.size();
        const Diagram& diagram = set_.groups()[set_.group_of(variable)];
        const LeastBelow& least = least_[set_.group_of(variable)];
        Words others = partial.weight;
        subtract(others, least.of(node));
        std::optional<Diagram::Edge> taken;
        for (std::size_t i = 0; i < diagram.edge_count(node); ++i) {
            const Diagram::Edge edge = diagram.edge(node, i);
            Words weight = others;
            add(weight, weights_.of(variable, edge.code));
            add(weight, least.of(edge.child));
            if (!taken && weight == partial.weight) {
                taken = edge;
                continue;
            }
            Partial left{.weight = std::move(weight), .choices = partial.choices};
            left.choices.push_back(edge.code);
            waiting_.push_back(std::move(left));
            std::push_heap(waiting_.begin(), waiting_.end(), std::greater());
        }
        partial.choices.push_back(taken->code);  // one of the edges is on the lightest way
        return taken->child;
    }

    const SolutionSet& set_;
    const Weights& weights_;
    std::vector<LeastBelow> least_;  // by group
    std::vector<Partial> waiting_;   // a heap, the next one to complete first
};

}  // namespace

Weights::Weights(const Scope& scope, std::size_t words) : words_(words) {
    std::size_t rows = 0;
    for (const Variable& variable : scope.variables) {
        first_.push_back(rows);
        rows += variable.values.size();
    }
    table_.assign(rows * words, 0);
}

std::vector<Solution> lightest(const SolutionSet& set, const Weights& weights, std::size_t limit) {
    return set.count() == 0 ? std::vector<Solution>() : Search(set, weights).run(limit);
}

}  // namespace warpsmith
