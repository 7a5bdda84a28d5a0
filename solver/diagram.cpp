#include "solver/diagram.hpp"

#include <algorithm>
#include <set>

#include "solver/explorer.hpp"

namespace warpsmith {
namespace {

// The nodes made so far at one level, by what they depend on. Stops remembering where it is of no use.
class Remembered {
  public:
    // The less there is below a level, the less is lost where it stops too early: at the last level, one step.
    explicit Remembered(std::size_t levels_below)
        : trial_(levels_below < kMostShifts ? kShortestTrial << levels_below : kShortestTrial << kMostShifts) {}

    bool useful() {
        const bool useful = lookups_ < trial_ || hits_ * kLeastShare > lookups_;
        if (!useful && !nodes_.empty()) {
            keys_ = {};
            nodes_ = {};
        }
        return useful;
    }

    std::uint32_t entry(std::span<const std::uint64_t> key) {
        std::uint32_t entry = keys_.insert(key);
        ++lookups_;
        if (entry == nodes_.size()) {
            nodes_.push_back(kUnknown);
        } else {
            ++hits_;
        }
        return entry;
    }
    NodeId& node(std::uint32_t entry) { return nodes_[entry]; }

    static constexpr NodeId kUnknown = Diagram::kNone - 1;

  private:
    static constexpr std::uint64_t kShortestTrial = 512;
    static constexpr std::size_t kMostShifts = 3;
    static constexpr std::uint64_t kLeastShare = 50;  // one hit in so many lookups pays for them

    std::uint64_t trial_;
    SequenceTable keys_;
    std::vector<NodeId> nodes_;
    std::uint64_t lookups_ = 0;
    std::uint64_t hits_ = 0;
};

class Compiler {
  public:
    Compiler(const Plan& plan, const GroupPlan& group, Extent extent)
        : plan_(plan), group_(group), extent_(extent), explorer_(plan, group), rows_(group.levels.size()) {
        for (std::size_t level = 0; level < group.levels.size(); ++level) {
            remembered_.emplace_back(group.levels.size() - level - 1);
        }
    }

    GroupDiagram run() {
        std::vector<std::size_t> variables;
        for (const LevelPlan& level : group_.levels) {
            variables.push_back(level.variable);
        }
        Diagram diagram(std::move(variables));
        diagram_ = &diagram;
        diagram.set_root(node_at(0));
        return {std::move(diagram), explorer_.nodes(), std::move(failure_)};
    }

  private:
    NodeId node_at(std::size_t level) {
        if (level == explorer_.depth()) {
            return Diagram::kEnd;
        }
        Remembered& remembered = remembered_[level];
        if (!group_.levels[level].can_share || !remembered.useful()) {
            return new_node_at(level);
        }
        explorer_.key(level, key_);
        std::uint32_t entry = remembered.entry(key_);
        if (remembered.node(entry) == Remembered::kUnknown) {
            remembered.node(entry) = new_node_at(level);
        }
        return remembered.node(entry);
    }

    NodeId new_node_at(std::size_t level) {
        std::size_t first_edge = edges_.size();
        const std::vector<std::uint32_t>& codes = plan_.domains[group_.levels[level].variable].codes;
        for (std::uint32_t row : explorer_.passing(level)) {
            explorer_.choose(level, row);
            rows_[level] = row;
            NodeId child = node_at(level + 1);
            if (child == Diagram::kNone) {
                continue;
            }
            if (std::optional<std::size_t> constraint = explorer_.failing_constraint(level, row)) {
                note_failure(*constraint, level);
                continue;
            }
            edges_.push_back(Diagram::pack({codes[row], child}));
            if (extent_ == Extent::first) {
                break;
            }
        }
        NodeId node = diagram_->node(std::span(edges_).subspan(first_edge));
        edges_.resize(first_edge);
        return node;
    }

    void note_failure(std::size_t constraint, std::size_t level) {
        if (failure_) {
            return;
        }
        failure_ = FailedCheck{.constraint = constraint};
        for (std::size_t above = 0; above <= level; ++above) {
            std::size_t variable = group_.levels[above].variable;
            failure_->choices.emplace_back(variable, plan_.domains[variable].codes[rows_[above]]);
        }
    }

    const Plan& plan_;
    const GroupPlan& group_;
    Extent extent_;
    Explorer explorer_;
    Diagram* diagram_ = nullptr;
    std::vector<Remembered> remembered_;  // by level
    std::vector<std::uint32_t> rows_;     // chosen, by level
    std::vector<std::uint64_t> edges_;    // of the nodes under construction, outermost first
    std::vector<std::uint64_t> key_;
    std::optional<FailedCheck> failure_;
};

}  // namespace

Count add_counts(Count left, Count right) {
    Count sum = 0;
    return __builtin_add_overflow(left, right, &sum) ? kMaxCount : sum;
}

Count multiply_counts(Count left, Count right) {
    if ((left | right) >> 64U == 0) {
        return left * right;  // nearly always, and many times faster
    }
    Count product = 0;
    return __builtin_mul_overflow(left, right, &product) ? kMaxCount : product;
}

Diagram::Diagram(std::vector<std::size_t> variables) : variables_(std::move(variables)) {
    nodes_.insert({});
    counts_.push_back(1);
}

NodeId Diagram::node(std::span<const std::uint64_t> edges) {
    if (edges.empty()) {
        return kNone;
    }
    NodeId node = nodes_.insert(edges);
    if (node == counts_.size()) {
        Count count = 0;
        for (std::uint64_t edge : edges) {
            count = add_counts(count, counts_[unpack(edge).child]);
        }
        counts_.push_back(count);
    }
    return node;
}

NodeId Diagram::child(NodeId node, std::uint32_t code) const {
    std::span<const std::uint64_t> edges = nodes_[node];
    auto found = std::ranges::lower_bound(edges, pack({code, 0}));
    return found != edges.end() && unpack(*found).code == code ? unpack(*found).child : kNone;
}

std::vector<std::uint32_t> Diagram::codes_at(std::size_t position) const {
    std::set<NodeId> level;
    if (root_ != kNone) {
        level.insert(root_);
    }
    std::set<std::uint32_t> codes;
    for (std::size_t depth = 0; depth <= position; ++depth) {
        std::set<NodeId> below;
        codes.clear();
        for (NodeId node : level) {
            for (std::size_t i = 0; i < edge_count(node); ++i) {
                codes.insert(edge(node, i).code);
                below.insert(edge(node, i).child);
            }
        }
        level = std::move(below);
    }
    return {codes.begin(), codes.end()};
}

GroupDiagram compile(const Plan& plan, const GroupPlan& group, Extent extent) {
    return Compiler(plan, group, extent).run();
}

}  // namespace warpsmith
