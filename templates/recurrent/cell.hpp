// A recurrent cell as a family: everything but the cell's own mathematics, which its spec.cpp gives.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "templates/family.hpp"

namespace warpsmith {

// Functions of reference mathematics, rounded as `Precision` says.
double sigmoid(double x);
double log_sigmoid(double x);

// What one unit of one sequence has at a step. x[g] is the input of gate g (W x and its bias), product[g] is R h +
// bias, state[0] is h; w are the unit's parameters.
struct CellInput {
    const double* x;
    const double* product;
    const double* w;
};

// One step of the cell for one unit of one sequence, in double precision. Every intermediate a framework would store
// goes through precision.store(). Updates the states.
using CellStep = std::function<void(const CellInput& in, double* state, const Precision& precision)>;

// Of a cell with two products in a step: what the second one takes in of a unit, from the states before the step and
// the first gates' products.
using CellBetween = std::function<double(const CellInput& in, const double* state, const Precision& precision)>;

struct RecurrentCell {
    std::string name;  // of the family and its folder
    std::string summary;
    std::vector<std::string> gates;            // in the order of the G axis
    std::vector<std::string> states;           // "h" first
    std::vector<std::string> parameters = {};  // numbers per unit, in the order of w's axis P
    double least_parameter = -1;               // of random ones, which are at most 1
    std::vector<std::string> inputs = {};      // of x besides those of the gates, behind them on x's axis
    bool sums_gates = true;                    // whether x and the product are used in their sum alone, in every gate
    bool product = true;                       // whether units see each other: there is an R
    std::vector<Option> options = {};
    std::function<std::string(const Workload&)> cell_type;  // C++ type of the cell in kernel.cuh
    std::function<CellStep(const Workload&)> step;
    std::int64_t special_functions = 0;  // per unit and step, for the model
    std::size_t first_gates = 0;         // whose product takes in h; 0: all
    CellBetween between = {};            // what that of the others takes in, or what normalises_between says
    bool normalises = false;             // product is the normalised R h + bias, over all gates and units of a head
    bool normalises_between = false;  // `between`, over all units of a head, is one more product behind those of gates
    bool projects = false;  // h, of a size of its own, is a product of what units return; the step does not read it
};

Family recurrent_family(const RecurrentCell& cell);

// Whether there are two products in a step, and how many gates the first one has.
bool has_two_products(const RecurrentCell& cell);

// Values of h per head.
std::int64_t size_of_h(const RecurrentCell& cell, const Workload& workload);
std::size_t first_gates(const RecurrentCell& cell);

// Added to a variance (Ba et al. 2016, arXiv 1607.06450).
inline constexpr double kVarianceOffset = 1e-5;

// Numbers per sequence, head and step that training keeps of a cell that normalises: of R h + bias one by the standard
// deviation, and, of what is between, the mean and one by the standard deviation.
std::size_t moment_count(const RecurrentCell& cell);

// Whether the sum of x and the product is all that the backward pass needs, and one gradient that of both.
bool keeps_sums(const RecurrentCell& cell);

// Values of every output, by plain loops over time.
Tensors recurrent_forward_reference(const RecurrentCell& cell, const Workload& workload,
                                    const std::vector<TensorSpec>& tensors, const Tensors& inputs, Precision precision);

// The same for the backward pass. Derivatives of the cell are central differences of its step.
Tensors recurrent_backward_reference(const RecurrentCell& cell, const Workload& workload,
                                     const std::vector<TensorSpec>& tensors, const Tensors& inputs,
                                     Precision precision);

}  // namespace warpsmith
