// What the readers of JSON formats share: members that must be there, of a type, and where they are missed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "solver/expr.hpp"
#include "solver/json_text.hpp"

namespace warpsmith {

// Complain, with the place and what was expected, when the value has another type; `what` names it.
const Json::List& expect_list(const SourceText& source, const Json& json, std::string_view what);
const Json::Object& expect_object(const SourceText& source, const Json& json, std::string_view what);
const std::string& expect_text(const SourceText& source, const Json& json, std::string_view what);

// The member of this name; complains at the object when it is missing, and says `expected` then.
const Json& require_member(const SourceText& source, const Json& object, std::string_view name,
                           std::string_view expected);

// A number, a text or a truth value (as 0 or 1), each the value of a parameter.
Value parameter_value(const SourceText& source, const Json& json, std::string_view parameter);
std::vector<Value> parameter_values(const SourceText& source, const Json& list, std::string_view parameter);

}  // namespace warpsmith
