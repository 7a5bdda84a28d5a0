// A piece of text and where it stands in its file, so that every complaint about it names file, line and column.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace warpsmith {

struct SourceText {
    std::string file;
    std::string text;
    std::size_t line = 1;  // of the first character of `text`
    std::size_t column = 1;
    const SourceText* whole = nullptr;  // of a part: what it is a part of, and where it starts there
    std::size_t start = 0;
};

// Throws Error "reading FILE:LINE:COLUMN: COMPLAINT" with the line and a caret below the place.
[[noreturn]] void complain(const SourceText& source, std::size_t offset, std::string_view complaint);

// The part of `whole`, which must outlive it, that starts at `offset` and reads `text`. Its line is looked up when
// there is something to complain about: looking it up for each of many parts would take forever in a large file.
SourceText part_of(const SourceText& whole, std::size_t offset, std::string text);

// Throws Error when the file cannot be read or is larger than 64 MiB.
SourceText read_source(const std::string& path);

// "; did you mean \"threads\"?" when one of the names is close to `wrong`, else nothing.
std::string did_you_mean(std::string_view wrong, std::span<const std::string> names);

}  // namespace warpsmith
