// What a compiler's log comes to in one line.
#pragma once

#include <string>
#include <string_view>

namespace warpsmith {

// The first line that tells an error, else the first line.
std::string first_error(std::string_view log);

}  // namespace warpsmith
