// Gradients of weights that a product of every step has: of any of both families that sum them.
#pragma once

#include <string>
#include <vector>

#include "templates/family.hpp"

namespace warpsmith {

// What multiplies what: r = W v + bias, where r has M values per head.
struct WeightProduct {
    std::string rows_layout;              // of r's axes behind N
    std::vector<std::int64_t> rows;       // their extents, of which M is the product
    std::int64_t columns;                 // D: values of v per head
    std::string v;                        // its name
    bool same_step;                       // whether v is of the step of r, or of the one before it
    std::string weights, weights_layout;  // name of the gradient of W, and layout of its axes behind N

    std::int64_t M() const;
};

// The product is that of a workload; this is what both families have of it.
using ProductOfWorkload = WeightProduct (*)(const Workload&);

// `more_arguments` stand behind element type and sizes among the kernel's template arguments.
struct WeightFamily {
    std::string name, summary;
    std::vector<Dimension> dimensions;  // behind T, B and N
    std::vector<Option> options;
    ProductOfWorkload product;
    std::function<Entry(const Workload&)> entry;
    std::function<std::vector<Parameter>(const Workload&)> parameters;
};

Family weight_family(const WeightFamily& family);

}  // namespace warpsmith
