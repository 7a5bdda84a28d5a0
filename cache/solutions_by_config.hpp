// A space, to be asked for the solution that a configuration's text stands for.
#pragma once

#include <map>
#include <string>

#include "templates/family.hpp"

namespace warpsmith {

// Of every solution of the space, by the text of its configuration.
std::map<std::string, Solution> solutions_by_config(const Space& space);

}  // namespace warpsmith
