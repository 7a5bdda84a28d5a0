// A recurrent cell as a family: everything but the cell's own mathematics, which its spec.cpp gives.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "templates/family.hpp"

namespace warpsmith {

// Functions of reference mathematics, rounded as `Precision` says.
double sigmoid(double x);

// One step of the cell for one unit of one sequence, in double precision. x[g] is the input of gate g (bias and W x
// included), product[g] is R h + bias, state[0] is h. Every intermediate a framework would store goes through
// precision.store(). Updates the states.
using CellStep = std::function<void(const double* x, const double* product, double* state, const Precision& precision)>;

struct RecurrentCell {
    std::string name;  // of the family and its folder
    std::string summary;
    std::vector<std::string> gates;   // in the order of the G axis
    std::vector<std::string> states;  // "h" first
    std::vector<Option> options;
    std::function<std::string(const Workload&)> cell_type;  // C++ type of the cell in kernel.cuh
    std::function<CellStep(const Workload&)> step;
    std::int64_t special_functions = 0;  // per unit and step, for the model
};

Family recurrent_family(const RecurrentCell& cell);

}  // namespace warpsmith
