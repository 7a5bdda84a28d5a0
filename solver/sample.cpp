#include "solver/sample.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "solver/error.hpp"
#include "solver/random_stream.hpp"
#include "solver/sequence_table.hpp"

namespace warpsmith {
namespace {

// A solution is drawn by drawing its part from each group: the groups are independent.
class Draw {
  public:
    Draw(const SolutionSet& set, std::uint64_t seed) : set_(set), random_(seed) {
        for (const Diagram& group : set.groups()) {
            if (group.count() == kMaxCount) {
                throw Error(
                    "sampling: variables that constraints connect have 2^128 solutions or more; "
                    "drop values or add constraints");
            }
        }
    }

    std::vector<std::uint32_t> operator()() {
        std::vector<std::uint32_t> choices(set_.scope()->variables.size());
        for (const Diagram& group : set_.groups()) {
            Count place = random_.below(group.count());
            NodeId node = group.root();
            for (std::size_t variable : group.variables()) {
                std::size_t i = 0;
                Diagram::Edge edge = group.edge(node, i);
                while (place >= group.count(edge.child)) {
                    place -= group.count(edge.child);
                    edge = group.edge(node, ++i);
                }
                choices[variable] = edge.code;
                node = edge.child;
            }
        }
        return choices;
    }

  private:
    const SolutionSet& set_;
    RandomStream random_;
};

// All places in random order, of which the first ones are taken: Fisher and Yates.
std::vector<Solution> shuffled(const SolutionSet& set, std::size_t size, std::uint64_t seed) {
    RandomStream random(seed);
    std::vector<std::size_t> places(static_cast<std::size_t>(set.count()));
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::vector<Solution> solutions;
    for (std::size_t i = 0; i < std::min(size, places.size()); ++i) {
        std::swap(places[i], places[i + static_cast<std::size_t>(random.below(places.size() - i))]);
        solutions.push_back(set.at(places[i]));
    }
    return solutions;
}

}  // namespace

std::vector<Solution> sample(const SolutionSet& set, std::size_t size, const SampleOptions& options) {
    if (set.count() == 0) {
        return {};
    }
    if (options.distinct &&
        set.count() / 2 < size) {  // most draws would be repetitions, and the places fit into memory
        return shuffled(set, size, options.seed);
    }
    Draw draw(set, options.seed);
    SequenceTable drawn;
    std::vector<Solution> solutions;
    std::vector<std::uint64_t> key;
    while (solutions.size() < size) {
        std::vector<std::uint32_t> choices = draw();
        key.assign(choices.begin(), choices.end());
        const bool repeated = options.distinct && drawn.insert(key) < solutions.size();
        if (!repeated) {
            solutions.emplace_back(set.scope(), std::move(choices));
        }
    }
    return solutions;
}

}  // namespace warpsmith
