// What is known of a cost while some of its variables have values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "solver/cost_model.hpp"

namespace warpsmith {

class PartialCost {
  public:
    // `cost` is the cost of the model or a part of it. The model must outlive this.
    PartialCost(const CostModel& model, TermId cost);

    // Sets the variable at `level`; those of all levels above have values.
    void choose(std::size_t level, std::uint32_t code);

    // Not above the cost of any solution in which the variables up to `level` have the values chosen and the rest of
    // their group lies below `node`. None when nothing is known, or when the cost may have no value.
    std::optional<Scalar> least(std::size_t level, NodeId node);

    const Scalar& value() const { return values_[cost_]; }  // once its variables have values

    // A cost that is a sum is what the levels above `level` have settled of it, and a rest. Of any other cost nothing,
    // 0, is settled.
    Scalar settled(std::size_t level) const;

    // What the rest depends on of the levels above `level`; written to the end of `words`.
    void key(std::size_t level, std::vector<std::uint64_t>& words) const;

  private:
    struct Estimate {
        Range range;
        bool may_fail = false;
    };

    void collect_addends(TermId id, bool negative, std::vector<bool>& in_sum);
    void schedule(const std::vector<TermId>& parts, const std::vector<bool>& in_sum);
    void compute(TermId id);
    void estimate(TermId id, std::size_t group, NodeId node);
    Estimate estimate_of(TermId id, std::size_t group) const;
    static bool may_fail(const Term& term, const Range& range, std::span<const Estimate> operands);

    const CostModel& model_;
    TermId cost_;
    std::vector<std::pair<TermId, bool>> addends_;  // term, whether it is subtracted; none when the cost is no sum
    std::vector<std::vector<TermId>> known_at_;     // by level: what its variable completes
    std::vector<std::vector<TermId>> open_at_;  // by level: what has parts known and parts unknown, or is of the group
    std::vector<std::vector<TermId>> needed_at_;  // by level: what is known before it and used from it on
    std::vector<Scalar> values_;                  // by term
    std::vector<Estimate> estimates_;             // by term; of a known one, of its value
};

}  // namespace warpsmith
