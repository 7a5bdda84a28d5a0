// The derivative of a cell's step, from differences of it: what the reference of the backward pass has of a cell.
#pragma once

#include <array>
#include <vector>

#include "templates/recurrent/reference_steps.hpp"

namespace warpsmith::recurrent_reference {

// One step of one unit on the way back.
class UnitDerivative {
  public:
    UnitDerivative(const Sizes& size, CellStep step, Precision precision);

    // at: x, the product, the states before and the parameters, one after the other. gradient: by the states after.
    // Returns the gradient by each number of `at`. Slopes of the states after and their products with `gradient` are
    // intermediates.
    std::vector<double> reversed(std::vector<double> at, const std::vector<double>& gradient) const;

  private:
    using States = std::vector<double>;
    struct Side {
        States slopes;
        bool is_smooth;  // no kink is in reach
    };

    States slopes_by(States& at, std::size_t i, const States& here) const;
    States slopes_at_kink(States& at, std::size_t i, const States& here) const;
    Side one_side(States& at, std::size_t i, const States& here, double step) const;
    States beyond_kink(States& at, std::size_t i, double step) const;
    States secant(States& at, std::size_t i, const States& here, double distance) const;
    std::array<States, 4> four_points(States& at, std::size_t i, double step) const;
    States after_moving(States& at, std::size_t i, double distance) const;
    States states_after(const States& at) const;
    bool in_f32() const;
    double rounded(double slope) const;

    Sizes size_;
    CellStep step_;
    Precision precision_;
};

}  // namespace warpsmith::recurrent_reference
