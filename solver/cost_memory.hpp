// What a search for the least cost has found out about the rest of a cost, by all that the rest depends on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "solver/partial_cost.hpp"
#include "solver/sequence_table.hpp"

namespace warpsmith {

// A cost that is a sum is split into what is settled, the addends whose variables have values, and the rest: so that
// what was learned with one settled part holds for another.
class CostMemory {
  public:
    explicit CostMemory(const PartialCost& partial);

    // A lower bound of the cost for the values that the levels above `level` have in `partial`, the next variable of
    // the group being at `node`. None when nothing was learned.
    std::optional<Scalar> known(std::size_t level, NodeId node);
    void learn(std::size_t level, NodeId node, const Scalar& least);

  private:
    struct Split {
        std::vector<std::pair<TermId, bool>> addends;  // with whether they are subtracted; none: nothing is settled
        std::vector<std::vector<TermId>> needed_at;    // by level: what is known before it and the rest depends on
        double slack = 0;                              // by how much rounding may differ when addends are regrouped
    };

    void add_split(const Split& split, const std::vector<bool>& in_sum);
    void add_sum();
    void collect_addends(Split& split, std::vector<bool>& in_sum) const;
    Scalar settled(const Split& split, std::size_t level) const;
    std::optional<Scalar>& entry(const Split& split, std::size_t level, NodeId node);

    const PartialCost& partial_;
    std::vector<Split> splits_;
    std::vector<std::uint64_t> key_;
    SequenceTable keys_;
    std::vector<std::optional<Scalar>> rests_;  // by key: a lower bound of the rest
};

}  // namespace warpsmith
