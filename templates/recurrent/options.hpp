// What the options that all recurrent cells have say.
#pragma once

#include <string>
#include <vector>

#include "templates/family.hpp"

namespace warpsmith {

// forward, states, training or backward; states and training keep the states of all steps.
std::string pass_of(const Workload& workload);
bool is_backward(const Workload& workload);
bool is_training(const Workload& workload);
bool keeps_states(const Workload& workload);
bool is_reverse(const Workload& workload);
bool has_lengths(const Workload& workload);
bool is_packed(const Workload& workload);  // lengths follow from where sequences start
bool is_batch_first(const Workload& workload);
bool has_resets(const Workload& workload);

// How many products of TF32 factors make one of f32 factors; 0 where f32 arithmetic does, or elements have 16 bits.
int tf32_terms(const Workload& workload);

std::vector<Option> options_of_all_cells();

// Those that the weight gradients have too, the last one of cells with a product.
Option layout_option();
Option resets_option();
Option precision_option();

}  // namespace warpsmith
