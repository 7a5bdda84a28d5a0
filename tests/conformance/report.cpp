#include "tests/conformance/report.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>

namespace warpsmith::conformance {
namespace {

struct Count {
    std::size_t cases = 0, equal = 0, unsupported = 0, different = 0, unchecked = 0;
};

}  // namespace

bool report(const std::vector<Case>& cases, const std::vector<Answer>& answers, const Golden& golden, int /*show*/,
            std::ostream& out) {
    std::map<std::string, Count> counts;
    std::size_t different = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        Count& count = counts[cases[i].group];
        ++count.cases;
        if (!answers[i].error.empty()) {
            ++count.unsupported;
            out << cases[i].name << ": " << answers[i].error << "\n";
            continue;
        }
        const auto known = golden.answers.find(cases[i].name);
        if (known == golden.answers.end()) {
            ++count.unchecked;
        } else if (known->second.bytes == answers[i].bytes) {
            ++count.equal;
        } else {
            ++count.different;
            ++different;
            out << cases[i].name << ": differs\n";
        }
    }
    for (const auto& [group, count] : counts) {
        out << group << ": " << count.cases << " cases, " << count.equal << " equal, " << count.different
            << " different, " << count.unsupported << " unsupported, " << count.unchecked << " unchecked\n";
    }
    return different == 0;
}

}  // namespace warpsmith::conformance
