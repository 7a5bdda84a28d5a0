#include "cache/own_kernel/included_files.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <vector>

#include "generator/source.hpp"
#include "generator/user_source.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kMostFiles = 1000;  // more would be somebody's whole library, found by accident

// Of the lines `#include "NAME"`.
std::vector<std::string> included_names(const std::string& text) {
    std::vector<std::string> names;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t first = line.find_first_not_of(" \t");
        const std::size_t open = line.find('"');
        const std::size_t close = open == std::string::npos ? open : line.find('"', open + 1);
        if (first != std::string::npos && line[first] == '#' && close != std::string::npos &&
            line.find("include") < open) {
            names.push_back(line.substr(open + 1, close - open - 1));
        }
    }
    return names;
}

}  // namespace

std::string digest_of_included(const std::string& folder, const std::string& text) {
    namespace fs = std::filesystem;
    Source all;
    std::set<fs::path> seen;
    std::vector<std::pair<fs::path, std::string>> open = {{fs::path(folder), text}};
    while (!open.empty() && seen.size() < kMostFiles) {
        const auto [from, content] = std::move(open.back());
        open.pop_back();
        for (const std::string& name : included_names(content)) {
            for (const fs::path& base : {from, fs::path(folder)}) {
                const fs::path path = (base / name).lexically_normal();
                std::error_code unreadable;
                if (!fs::is_regular_file(path, unreadable) || !seen.insert(path).second) {
                    continue;
                }
                UserFile file = read_user_file(path.string());
                open.emplace_back(path.parent_path(), file.text);
                all.headers.emplace_back(name, std::move(file.text));
            }
        }
    }
    std::ranges::sort(all.headers);
    return digest_of(all);
}

}  // namespace warpsmith
