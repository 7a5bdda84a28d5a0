#include "tools/budget.hpp"

#include <charconv>
#include <map>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

void read_budget(const std::string& text, SearchLimits& limits) {
    static const std::map<std::string, double> kSeconds = {{"s", 1}, {"m", 60}, {"h", 3600}};
    const char* end = text.data() + text.size();
    if (int trials = 0; std::from_chars(text.data(), end, trials).ptr == end && trials > 0) {
        limits.trials = static_cast<std::size_t>(trials);
        return;
    }
    double amount = 0;
    const char* unit = std::from_chars(text.data(), end, amount).ptr;
    auto seconds = kSeconds.find(std::string(unit, end));
    if (seconds == kSeconds.end() || !(amount > 0)) {
        throw Error("reading --budget \"" + text +
                    "\": it is neither a time (60s, 5m, 2h) nor a number of candidates (200)");
    }
    limits.seconds = amount * seconds->second;
}

void read_patience(const std::string& text, SearchLimits& limits) {
    const std::string gain = text.find(':') == std::string::npos ? ":1%" : text.substr(text.find(':'));
    const std::string trials = text.substr(0, text.find(':'));
    int number = 0;
    const char* trials_end = std::from_chars(trials.data(), trials.data() + trials.size(), number).ptr;
    const char* gain_end = gain.data() + gain.size() - 1;
    const auto [percent_end, failure] = std::from_chars(gain.data() + 1, gain_end, limits.gain_percent);
    if (trials_end != trials.data() + trials.size() || number <= 0 || gain.size() < 3 || *gain_end != '%' ||
        percent_end != gain_end || failure != std::errc() || !(limits.gain_percent >= 0 && limits.gain_percent < 100)) {
        throw Error("reading --patience \"" + text +
                    "\": it is neither a number of trials (30) nor one with the least gain (30:0.5%)");
    }
    limits.patience = static_cast<std::size_t>(number);
}

}  // namespace

SearchLimits parse_limits(const std::string& budget, const std::string& patience) {
    SearchLimits limits;
    if (!budget.empty()) {
        read_budget(budget, limits);
    }
    if (!patience.empty()) {
        read_patience(patience, limits);
    }
    return limits;
}

}  // namespace warpsmith
