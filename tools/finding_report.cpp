#include "tools/finding_report.hpp"

#include <fmt/format.h>

namespace warpsmith {
namespace {

std::string triple(const std::array<unsigned, 3>& index) {
    return fmt::format("({},{},{})", index[0], index[1], index[2]);
}

}  // namespace

std::string findings_text(std::span<const Finding> findings, SourceLines& source) {
    std::string text;
    for (const Finding& finding : findings) {
        const std::string place = finding.line > 0 ? fmt::format("{}:{}: ", finding.file, finding.line) : std::string();
        text += fmt::format("{}{}: block {} thread {}: {}\n{}", place, finding.kind, triple(finding.block),
                            triple(finding.thread), finding.message,
                            finding.line > 0 ? source.excerpt(finding.file, finding.line) : std::string());
    }
    return text;
}

nlohmann::ordered_json findings_json(std::span<const Finding> findings) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const Finding& finding : findings) {
        json.push_back({{"kind", finding.kind},
                        {"file", finding.file},
                        {"line", finding.line},
                        {"block", finding.block},
                        {"thread", finding.thread},
                        {"message", finding.message}});
    }
    return json;
}

}  // namespace warpsmith
