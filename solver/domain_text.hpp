// The domain of a parameter in a space file: a list of values, or a range, divisors or powers of two.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "solver/json_text.hpp"
#include "solver/model.hpp"

namespace warpsmith {

// As described in solver/space_file.hpp. `model` has the parameters before this one. Complain with the place.
using DomainFromText = std::variant<std::vector<Value>, ValueRange>;
DomainFromText domain_values(const SourceText& source, const Json& domain, const std::string& parameter,
                             const Model& model);

// `count` numbers from -500 to 500.
std::vector<Value> evenly_spaced(const SourceText& source, const Json& count, const std::string& parameter);

}  // namespace warpsmith
