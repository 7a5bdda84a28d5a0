// What is known of a cost while some of its variables have values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
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

    const CostModel& model() const { return model_; }
    TermId cost() const { return cost_; }
    const Scalar& value(TermId part) const { return values_[part]; }  // once its variables have values

  private:
    struct Estimate {
        Range range;
        bool may_fail = false;
    };

    void compute(TermId id);
    void estimate(TermId id, std::size_t group, NodeId node);
    Estimate estimate_of(TermId id, std::size_t group) const;
    static bool may_fail(const Term& term, const Range& range, std::span<const Estimate> operands);

    const CostModel& model_;
    TermId cost_;
    std::vector<std::vector<TermId>> known_at_;  // by level: what its variable completes
    std::vector<std::vector<TermId>> open_at_;   // by level: what has parts known and parts unknown, or is of the group
    std::vector<Scalar> values_;                 // by term
    std::vector<Estimate> estimates_;            // by term; of a known one, of its value
};

}  // namespace warpsmith
