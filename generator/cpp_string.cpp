#include "generator/cpp_string.hpp"

#include <fmt/format.h>

namespace warpsmith {
namespace {

constexpr std::size_t kLineLength = 110;

// Octal, of three digits: a digit that follows is not taken for a part of it. Never two question marks in a row.
void append(std::string& literal, char c) {
    if (c == '\n') {
        literal += "\\n";
    } else if (c == '"' || c == '\\') {
        literal += {'\\', c};
    } else if (c >= ' ' && c <= '~' && c != '?') {
        literal += c;
    } else {
        literal += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    }
}

}  // namespace

std::string cpp_string(std::string_view bytes) {
    std::string literal = "\"";
    for (const char c : bytes) {
        append(literal, c);
    }
    return literal + '"';
}

std::string cpp_string_lines(std::string_view bytes) {
    std::string text;
    std::string line;
    for (const char c : bytes) {
        append(line, c);
        if (line.size() >= kLineLength || c == '\n') {
            text += "    \"" + line + "\"\n";
            line.clear();
        }
    }
    return text + "    \"" + line + '"';
}

}  // namespace warpsmith
