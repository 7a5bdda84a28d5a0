// Which headers a kernel's header reaches, in an order in which each can stand after those it needs.
#include <map>
#include <set>
#include <sstream>

#include "generator/include_line.hpp"
#include "generator/source.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Depth first: a header is appended once all that it includes has been.
class Closure {
  public:
    explicit Closure(std::span<const SourceFile> sources) {
        for (const SourceFile& source : sources) {
            texts_[source.path] = source.text;
        }
    }

    void visit(const std::string& path, const std::string& from) {
        if (finished_.contains(path)) {
            return;
        }
        if (!open_.insert(path).second) {
            throw Error("collecting kernel headers: " + from + " includes \"" + path +
                        "\", which includes it; move what both need to a third header");
        }
        auto found = texts_.find(path);
        if (found == texts_.end()) {
            throw Error("collecting kernel headers: " + from + " includes \"" + path +
                        "\", which is not there; write its path from the folder of the templates");
        }
        std::istringstream lines{std::string(found->second)};
        for (std::string line; std::getline(lines, line);) {
            if (IncludeLine include = read_include(line); include.kind == IncludeLine::Kind::quoted) {
                visit(include.path, path);
            }
        }
        open_.erase(path);
        finished_.insert(path);
        headers_.emplace_back(path, found->second);
    }

    Headers take() && { return std::move(headers_); }

  private:
    std::map<std::string_view, std::string_view> texts_;
    std::set<std::string> open_;
    std::set<std::string> finished_;
    Headers headers_;
};

}  // namespace

Headers header_closure(const std::string& header, std::span<const SourceFile> sources) {
    Closure closure(sources);
    closure.visit(header, "the kernel's entry");
    return std::move(closure).take();
}

}  // namespace warpsmith
