#include "solver/source_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <sstream>
#include <vector>

#include "solver/error.hpp"
#include "solver/suggestion.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
constexpr std::size_t kShownBefore = 70;  // of a long line, around the place
constexpr std::size_t kShownAfter = 40;

struct Place {
    std::size_t line;
    std::size_t column;
    std::size_t line_start;  // as an offset into the text
};

Place place_of(const SourceText& source, std::size_t offset) {
    Place place{source.line, source.column + offset, 0};
    if (source.whole != nullptr) {
        Place start = place_of(*source.whole, source.start);
        place = {start.line, start.column + offset, 0};
    }
    for (std::size_t i = 0; i < offset; ++i) {
        if (source.text[i] == '\n') {
            place = {place.line + 1, offset - i, i + 1};
        }
    }
    return place;
}

std::string printable(std::string text) {
    std::ranges::replace_if(
        text, [](char character) { return character >= 0 && character < ' '; }, ' ');
    return text;
}

}  // namespace

void complain(const SourceText& source, std::size_t offset, std::string_view complaint) {
    Place place = place_of(source, std::min(offset, source.text.size()));
    offset = std::min(offset, source.text.size());
    std::size_t start = std::max(place.line_start, offset - std::min(offset, kShownBefore));
    std::size_t end = std::min({source.text.find('\n', offset), source.text.size(), offset + kShownAfter});
    throw Error(fmt::format("reading {}:{}:{}: {}\n    {}\n    {:>{}}", source.file, place.line, place.column,
                            complaint, printable(source.text.substr(start, end - start)), '^', offset - start + 1));
}

SourceText part_of(const SourceText& whole, std::size_t offset, std::string text) {
    return {.file = whole.file, .text = std::move(text), .whole = &whole, .start = offset};
}

SourceText read_source(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw Error(fmt::format("reading {}: it cannot be opened; check the path and the permissions", path));
    }
    std::ostringstream content;
    content << file.rdbuf();
    std::string text = std::move(content).str();
    if (text.size() > kMaxFileBytes) {
        throw Error(fmt::format("reading {}: it has {} bytes, at most {} are read; split it", path, text.size(),
                                kMaxFileBytes));
    }
    return {.file = path, .text = std::move(text)};
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> names) {
    std::string nearest = nearest_name(wrong, names);
    return nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest);
}

}  // namespace warpsmith
