// What is known of an expression before its variables are: the least and the greatest value it can take.
#pragma once

#include <span>

#include "solver/scalar.hpp"

namespace warpsmith {

// Both ends are numbers, or both are a Failure: then they are not known. Doubles need no outward rounding, because IEEE
// operations round monotonically: the ends are computed as the values between them are.
struct Range {
    Scalar low = Failure{"an unknown bound"};
    Scalar high = low;
    bool whole = false;  // every value is an integer; the ends can be integers when this is false

    bool known() const { return !failed(low); }
    bool always_true() const;
    bool always_false() const;
    bool within(Int128 least, Int128 greatest) const;  // of an unknown range: false
};

Range range_of(std::span<const Scalar> values);  // unknown when one is text
Range range_of(Op op, std::span<const Range> operands);

}  // namespace warpsmith
