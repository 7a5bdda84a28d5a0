// All solutions of one group of variables, as a decision diagram: settings that leave the same choices share a node.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "solver/plan.hpp"
#include "solver/scalar.hpp"
#include "solver/sequence_table.hpp"

namespace warpsmith {

using Count = UInt128;
inline constexpr Count kMaxCount = ~Count{0};  // stands for itself and for everything above

Count add_counts(Count left, Count right);
Count multiply_counts(Count left, Count right);

using NodeId = std::uint32_t;

class Diagram {
  public:
    static constexpr NodeId kEnd = 0;  // below the last variable
    static constexpr NodeId kNone = ~NodeId{0};

    // One value of the node's variable, and what it leaves for the next one.
    struct Edge {
        std::uint32_t code;  // the place of the value in the variable's list
        NodeId child;
    };

    explicit Diagram(std::vector<std::size_t> variables);

    const std::vector<std::size_t>& variables() const { return variables_; }
    NodeId root() const { return root_; }                     // kNone when there is no solution
    Count count(NodeId node) const { return counts_[node]; }  // solutions below the node
    Count count() const { return root_ == kNone ? 0 : counts_[root_]; }
    std::size_t edge_count(NodeId node) const { return nodes_[node].size(); }
    Edge edge(NodeId node, std::size_t i) const { return unpack(nodes_[node][i]); }  // in the order of the values
    std::size_t size() const { return nodes_.size(); }

    // The codes that the variable at this position takes in some solution, ascending.
    std::vector<std::uint32_t> codes_at(std::size_t position) const;

    // The child along the edge of this code; kNone when there is none.
    NodeId child(NodeId node, std::uint32_t code) const;

    // The node with these edges, as `pack` makes them; kNone for no edges. It comes after the nodes that the edges lead
    // to.
    NodeId node(std::span<const std::uint64_t> edges);
    void set_root(NodeId root) { root_ = root; }

    static std::uint64_t pack(Edge edge) { return std::uint64_t{edge.code} << 32U | edge.child; }
    static Edge unpack(std::uint64_t word) {
        return {static_cast<std::uint32_t>(word >> 32U), static_cast<NodeId>(word)};
    }

  private:
    std::vector<std::size_t> variables_;  // ascending
    SequenceTable nodes_;
    std::vector<Count> counts_;
    NodeId root_ = kNone;
};

// An assignment that no constraint excludes, but for which one has no value.
struct FailedCheck {
    std::size_t constraint = 0;
    std::vector<std::pair<std::size_t, std::uint32_t>> choices;  // variable, place in its list
};

struct GroupDiagram {
    Diagram diagram;
    std::uint64_t nodes = 0;  // values tried
    std::optional<FailedCheck> failure;
};

enum class Extent : std::uint8_t { all, first };  // first: the diagram has only the first solution, if there is one

GroupDiagram compile(const Plan& plan, const GroupPlan& group, Extent extent);

}  // namespace warpsmith
