// The families and kernel sources that this process knows: those of templates/ and the user's own.
#include <algorithm>
#include <deque>

#include "solver/error.hpp"
#include "templates/family.hpp"
#include "templates/source_files.hpp"

namespace warpsmith {
namespace {

// References to families stay good while more are added.
constexpr std::size_t kMostOwn = 64;

struct Registry {
    std::vector<Family> families;
    std::vector<SourceFile> sources;
    std::deque<std::pair<std::string, std::string>> own;  // path and text of the user's own sources

    Registry()
        : families(built_in_families().begin(), built_in_families().end()),
          sources(built_in_source_files().begin(), built_in_source_files().end()) {
        families.reserve(families.size() + kMostOwn);
    }
};

Registry& registry() {
    static Registry all;
    return all;
}

}  // namespace

std::span<const Family> families() {
    return registry().families;
}

std::span<const SourceFile> source_files() {
    return registry().sources;
}

void add_family(Family family, const std::string& path, const std::string& source) {
    Registry& all = registry();
    const auto same = [&](const auto& own) { return own.first == path && own.second == source; };
    const auto named = [&](const Family& other) { return other.name == family.name; };
    if (std::any_of(all.families.begin(), all.families.end(), named)) {
        if (std::any_of(all.own.begin(), all.own.end(), same)) {
            return;
        }
        throw Error("adding a family of your own: there is one called " + family.name +
                    " already; give the file another name");
    }
    if (all.own.size() == kMostOwn) {
        throw Error("adding a family of your own: there are " + std::to_string(kMostOwn) +
                    " of them already; start the program again for more");
    }
    const auto& kept = all.own.emplace_back(path, source);
    all.sources.push_back({kept.first, kept.second});
    all.families.push_back(std::move(family));
}

}  // namespace warpsmith
