// The variables of a model set one after the other, each to its values in their order, until all of them are set.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "solver/model.hpp"

namespace warpsmith {

// `search.enter(variable, choice)` sets a variable, those before it being set, and says whether to go on below;
// `search.is_over()` whether to give up. Returns the choices of the first setting that was gone into to the end.
template <class Search>
std::optional<std::vector<std::uint32_t>> first_depth_first(const Model& model, Search& search) {
    const std::size_t depth = model.variables().size();
    std::vector<std::uint32_t> choices = {0};
    while (!choices.empty() && choices.size() <= depth && !search.is_over()) {
        const std::size_t variable = choices.size() - 1;
        if (choices.back() == model.variables()[variable].values.size()) {
            choices.pop_back();
        } else if (search.enter(variable, choices.back())) {
            choices.push_back(0);
            continue;
        }
        if (!choices.empty()) {
            ++choices.back();
        }
    }
    if (choices.size() <= depth) {
        return std::nullopt;
    }
    choices.pop_back();
    return choices;
}

}  // namespace warpsmith
