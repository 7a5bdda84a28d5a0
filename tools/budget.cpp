#include "tools/budget.hpp"

#include <charconv>
#include <map>

#include "solver/error.hpp"

namespace warpsmith {

Budget parse_budget(const std::string& text) {
    static const std::map<std::string, double> kSeconds = {{"s", 1}, {"m", 60}, {"h", 3600}};
    if (text.empty()) {
        return {};
    }
    const char* end = text.data() + text.size();
    if (int candidates = 0; std::from_chars(text.data(), end, candidates).ptr == end && candidates > 0) {
        return {.seconds = 0, .candidates = candidates};
    }
    double amount = 0;
    const char* unit = std::from_chars(text.data(), end, amount).ptr;
    auto seconds = kSeconds.find(std::string(unit, end));
    if (seconds == kSeconds.end() || !(amount > 0)) {
        throw Error("reading --budget \"" + text +
                    "\": it is neither a time (60s, 5m, 2h) nor a number of candidates (200)");
    }
    return {.seconds = amount * seconds->second, .candidates = 0};
}

}  // namespace warpsmith
