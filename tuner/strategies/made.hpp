// The strategies, one function and one file each; the table in strategies.cpp has a row for each.
#pragma once

#include <memory>

#include "tuner/strategies/strategy.hpp"

namespace warpsmith {

// A Gaussian process over the logarithm of time proposes what is expected to improve most on the best so far.
std::unique_ptr<Strategy> bayesian(const SearchProblem& problem);

// What was chosen by replaying recordings (bench/strategy_settings.cpp); the defaults are what `bayesian` uses.
struct BayesianSettings {
    double log_length = 2;      // of every dimension, before anything is observed
    bool powers_of_two = true;  // whether a value is one is a dimension of its own
};
std::unique_ptr<Strategy> bayesian_with(const BayesianSettings& settings, const SearchProblem& problem);

// A population whose fittest are crossed and mutated.
std::unique_ptr<Strategy> evolutionary(const SearchProblem& problem);

// Walks to a faster neighbour as long as there is one, and starts again somewhere else.
std::unique_ptr<Strategy> local_search(const SearchProblem& problem);

// The configurations that the model finds fastest, half of which are timed again with twice the effort, and so on.
std::unique_ptr<Strategy> model_guided(const SearchProblem& problem);

// Uniform, without repetition.
std::unique_ptr<Strategy> random_search(const SearchProblem& problem);

// All, in the model's order where there is a model, else in the order of the space.
std::unique_ptr<Strategy> exhaustive(const SearchProblem& problem);

}  // namespace warpsmith
