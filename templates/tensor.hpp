// A named array with its layout: what kernels read and write, what references compute, what --dump stores.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "templates/dtype.hpp"

namespace warpsmith {

enum class Role : std::uint8_t { input, output };

struct TensorSpec {
    std::string name;
    Role role = Role::input;
    DType dtype = DType::f32;
    // Axis names in memory order, slowest first: "T,B,N,G,D". S are rows of packed sequences: none may have the last
    // ones, which are NaN in outputs of a reference, and no kernel writes.
    std::string layout;
    std::vector<std::int64_t> shape;  // extents in the same order

    std::int64_t elements() const;
    std::int64_t bytes() const;
};

// Values in memory order. An input's values are exactly representable in its dtype.
struct Tensor {
    TensorSpec spec;
    std::vector<double> values;
};

using Tensors = std::vector<Tensor>;

// The tensor of that name. Throws Error when there is none.
const Tensor& find(const Tensors& tensors, std::string_view name);

// How a reference rounds. Exact keeps double throughout: the truth that kernels are compared with. Rounded to a dtype
// is "the same computation done in that dtype": every named intermediate is rounded to it, as a framework would store
// it, and sums are accumulated in f32. The distance between the two sets the tolerance of a kernel.
struct Precision {
    bool exact = true;
    DType dtype = DType::f32;
    bool other_side = false;  // slopes at kinks (of max, min) that are closer than rounding to f32: of their other side

    double store(double value) const { return exact ? value : round_to(dtype, value); }
    double accumulate(double value) const { return exact ? value : static_cast<double>(static_cast<float>(value)); }
};

}  // namespace warpsmith
