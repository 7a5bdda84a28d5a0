#include "tools/source_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "templates/source_files.hpp"

namespace warpsmith {
namespace {

constexpr int kLinesAround = 2;

std::vector<std::string> split(std::istream& stream) {
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(std::move(line));
    }
    return lines;
}

// Kernels of the program first: on the disk there may be another version of them.
std::vector<std::string> read_lines(const std::string& file) {
    for (const SourceFile& carried : source_files()) {
        if (file == carried.path) {
            std::istringstream text{std::string(carried.text)};
            return split(text);
        }
    }
    std::ifstream stream(file);
    return split(stream);
}

}  // namespace

const std::vector<std::string>& SourceLines::lines_of(const std::string& file) {
    const auto [place, is_new] = files_.try_emplace(file);
    if (is_new) {
        place->second = read_lines(file);
    }
    return place->second;
}

std::string SourceLines::line(const std::string& file, int number) {
    const std::vector<std::string>& lines = lines_of(file);
    return number >= 1 && static_cast<std::size_t>(number) <= lines.size() ? lines[static_cast<std::size_t>(number) - 1]
                                                                           : std::string();
}

std::string SourceLines::excerpt(const std::string& file, int number) {
    const int count = static_cast<int>(lines_of(file).size());
    std::string text;
    for (int n = std::max(1, number - kLinesAround); number <= count && n <= std::min(count, number + kLinesAround);
         ++n) {
        text += fmt::format("  {} {:>5} | {}\n", n == number ? '>' : ' ', n, line(file, n));
    }
    return text;
}

}  // namespace warpsmith
