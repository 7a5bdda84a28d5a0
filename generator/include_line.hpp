// The preprocessor lines that matter when kernel headers are followed or pasted: #include, #pragma once and #define.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace warpsmith {

struct IncludeLine {
    enum class Kind : std::uint8_t { none, quoted, system, pragma_once };
    Kind kind = Kind::none;
    std::string path;  // what stands between the quotes or angle brackets
};

// Reads one line of a header. Comments are not looked into: a directive is expected at the start of its line.
IncludeLine read_include(std::string_view line);

// The macro that a line of a header defines, or nothing.
std::string_view defined_macro(std::string_view line);

}  // namespace warpsmith
