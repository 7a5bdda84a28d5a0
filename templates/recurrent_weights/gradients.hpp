// Families that sum gradients of weights over all steps and sequences.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "templates/family.hpp"

namespace warpsmith {

// What multiplies what in every step: r = W v + bias.
struct WeightProduct {
    std::string rows_layout;              // r's axes behind N
    std::vector<std::int64_t> rows;       // their extents
    std::int64_t columns;                 // D: values of v per head
    std::string v;                        // its name
    bool same_step;                       // whether v is of the step of r, or of the one before it
    std::string weights, weights_layout;  // name of the gradient of W, and its axes behind N

    std::int64_t M() const;  // values of r per head
};

using ProductOfWorkload = WeightProduct (*)(const Workload&);

struct WeightFamily {
    std::string name, summary;
    std::vector<Dimension> dimensions;  // behind T, B and N
    std::vector<Option> options;
    ProductOfWorkload product;
    std::function<Entry(const Workload&)> entry;
    std::function<std::vector<Parameter>(const Workload&)> parameters;
};

// What a kernel takes: these tensors, the sizes of the launch, more tensors, and resets where there are any.
std::vector<Parameter> weight_parameters(const Workload& workload, std::vector<Parameter> tensors,
                                         const std::vector<Parameter>& more);

// Its tensors are dr, v of all steps and, where it is of the step before, v0; out come the gradients of W and bias.
Family weight_family(const WeightFamily& family);

}  // namespace warpsmith
