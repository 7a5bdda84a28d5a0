#include "generator/include_line.hpp"

#include <algorithm>
#include <cctype>

namespace warpsmith {
namespace {

void skip_blanks(std::string_view& text) {
    std::size_t start = text.find_first_not_of(" \t");
    text.remove_prefix(start == std::string_view::npos ? text.size() : start);
}

bool take(std::string_view& text, std::string_view word) {
    skip_blanks(text);
    if (!text.starts_with(word)) {
        return false;
    }
    text.remove_prefix(word.size());
    skip_blanks(text);
    return true;
}

}  // namespace

IncludeLine read_include(std::string_view line) {
    if (!take(line, "#")) {
        return {};
    }
    if (take(line, "pragma")) {
        return {.kind = line.starts_with("once") ? IncludeLine::Kind::pragma_once : IncludeLine::Kind::none,
                .path = {}};
    }
    if (!take(line, "include") || line.empty()) {
        return {};
    }
    bool quoted = line.front() == '"';
    std::size_t end = line.find(quoted ? '"' : '>', 1);
    if (end == std::string_view::npos) {
        return {};
    }
    return {.kind = quoted ? IncludeLine::Kind::quoted : IncludeLine::Kind::system,
            .path = std::string(line.substr(1, end - 1))};
}

std::string_view defined_macro(std::string_view line) {
    if (!take(line, "#") || !take(line, "define")) {
        return {};
    }
    const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    return line.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(line, is_word) - line.begin()));
}

}  // namespace warpsmith
