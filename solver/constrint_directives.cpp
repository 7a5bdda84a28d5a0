#include "solver/constrint_directives.hpp"

#include <fmt/format.h>

#include <set>
#include <string_view>

namespace warpsmith {
namespace {

struct Word {
    std::string_view text;
    std::size_t offset;
};

// The words of each line that starts with "#!"; commas separate as spaces do.
std::vector<std::vector<Word>> directive_lines(std::string_view text) {
    constexpr std::string_view kSeparators = " \t\r,";
    std::vector<std::vector<Word>> lines;
    for (std::size_t start = 0; start < text.size();) {
        std::size_t end = std::min(text.find('\n', start), text.size());
        std::size_t first = text.find_first_not_of(" \t\r", start);
        if (first < end && text.substr(first).starts_with("#!")) {
            std::vector<Word> words;
            for (std::size_t at = text.find_first_not_of(kSeparators, first + 2); at < end;
                 at = text.find_first_not_of(kSeparators, at)) {
                std::size_t stop = std::min(text.find_first_of(kSeparators, at), end);
                words.push_back({text.substr(at, stop - at), at});
                at = stop;
            }
            lines.push_back(std::move(words));
        }
        start = end + 1;
    }
    return lines;
}

}  // namespace

bool asks_for_brackets(const SourceText& source) {
    for (const std::vector<Word>& words : directive_lines(source.text)) {
        if (words.size() == 1 && words.front().text == "brackets") {
            return true;
        }
    }
    return false;
}

ConstrintDirectives read_directives(const SourceText& source, const ConstrintSystem& system) {
    ConstrintDirectives directives;
    std::set<std::size_t> seen;
    for (const std::vector<Word>& words : directive_lines(source.text)) {
        std::string_view verb = words.empty() ? std::string_view{} : words.front().text;
        if (verb == "brackets" && words.size() == 1) {
            continue;
        }
        if (verb != "largest_first" && verb != "smallest_first") {
            complain(source, words.empty() ? 0 : words.front().offset,
                     "a line with #! is a directive; expected largest_first or smallest_first and names, or brackets");
        }
        for (std::size_t i = 1; i < words.size(); ++i) {
            auto found = system.index.find(words[i].text);
            if (found == system.index.end()) {
                complain(source, words[i].offset,
                         fmt::format("no constraint has the name \"{}\"", words[i].text.substr(0, 200)));
            }
            if (!seen.insert(found->second).second) {
                complain(source, words[i].offset, fmt::format("\"{}\" is ordered twice", words[i].text));
            }
            directives.order.push_back({.variable = found->second, .largest_first = verb == "largest_first"});
        }
    }
    return directives;
}

}  // namespace warpsmith
