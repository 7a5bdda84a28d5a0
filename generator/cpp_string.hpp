// C++ string literals.
#pragma once

#include <string>
#include <string_view>

namespace warpsmith {

// One literal on one line; what is no printable ASCII is escaped, so that any bytes are right.
std::string cpp_string(std::string_view bytes);

// The same over several lines of at most about 110 characters, each indented by four.
std::string cpp_string_lines(std::string_view bytes);

}  // namespace warpsmith
