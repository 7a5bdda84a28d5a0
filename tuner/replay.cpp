#include "tuner/replay.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

// 1.0 is 1, so that files that were written by different programs mean the same.
Value canonical(const Value& value) {
    const auto* real = std::get_if<double>(&value);
    const bool whole = real != nullptr && std::abs(*real) < 0x1p53 && *real == std::floor(*real);
    return whole ? Value(static_cast<std::int64_t>(*real)) : value;
}

// Numbers ascending, so that neighbours are alike, then texts in the order in which they came.
std::vector<Value> ordered(const std::vector<RecordedResult>& results, std::size_t parameter) {
    std::set<Value> seen;
    std::vector<Value> values;
    for (const RecordedResult& result : results) {
        if (seen.insert(result.values[parameter]).second) {
            values.push_back(result.values[parameter]);
        }
    }
    std::ranges::stable_sort(values, {}, [](const Value& value) {
        const auto* integer = std::get_if<std::int64_t>(&value);
        const auto* real = std::get_if<double>(&value);
        return integer != nullptr ? static_cast<double>(*integer)
               : real != nullptr  ? *real
                                  : std::numeric_limits<double>::infinity();
    });
    return values;
}

}  // namespace

Recording::Recording(RecordingFile file) {
    for (RecordedResult& result : file.results) {
        std::ranges::transform(result.values, result.values.begin(), canonical);
    }
    std::vector<Variable> variables;
    std::vector<Choices> rows(file.results.size());
    for (std::size_t parameter = 0; parameter < file.parameters.size(); ++parameter) {
        Variable variable{.name = file.parameters[parameter], .values = ordered(file.results, parameter)};
        std::map<Value, std::uint32_t> places;
        for (const Value& value : variable.values) {
            places.emplace(value, static_cast<std::uint32_t>(places.size()));
        }
        for (std::size_t row = 0; row < rows.size(); ++row) {
            rows[row].push_back(places.at(file.results[row].values[parameter]));
        }
        variables.push_back(std::move(variable));
    }
    set_.emplace(std::move(variables), rows);
    results_.resize(static_cast<std::size_t>(set_->count()));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        results_[static_cast<std::size_t>(*set_->rank(rows[row]))] = std::move(file.results[row]);
    }
    best_ = std::numeric_limits<double>::infinity();
    for (const RecordedResult& result : results_) {
        best_ = std::min(best_, result.time.value_or(best_));
        failed_ += result.time ? 0 : 1;
    }
    if (failed_ == results_.size()) {
        throw Error("reading a recording: every configuration of it failed, so there is no time to search for");
    }
}

const RecordedResult& Recording::of(const Choices& choices) const {
    return results_[static_cast<std::size_t>(set_->rank(choices).value())];
}

Replay replay(const Recording& recording, Strategy& strategy, const SearchLimits& limits) {
    Replay replay;
    Patience patience(limits);
    std::set<Choices> tried;
    auto goes_on = [&] {
        return !patience.exhausted() && (limits.trials == 0 || replay.trials < limits.trials) &&
               (limits.seconds <= 0 || replay.seconds < limits.seconds) &&
               (limits.any() || !replay.best || *replay.best > recording.best());
    };
    while (goes_on()) {
        const std::vector<Proposal> proposals = strategy.propose(1);
        if (proposals.empty()) {
            break;
        }
        const Choices& choices = proposals.front().choices;
        const RecordedResult& result = recording.of(choices);
        if (tried.insert(choices).second) {
            ++replay.trials;
            replay.failed += result.time ? 0 : 1;
            replay.seconds += result.seconds;
            patience.tell(result.time.value_or(std::numeric_limits<double>::infinity()));
        }
        if (result.time && (!replay.best || *result.time < *replay.best)) {
            replay.best = result.time;
            replay.best_config = to_string(Solution(recording.set().scope(), choices));
        }
        auto note = [&](std::optional<std::size_t>& trials, double factor) {
            if (!trials && replay.best && *replay.best <= factor * recording.best()) {
                trials = replay.trials;
            }
        };
        note(replay.trials_to_5_percent, 1.05);
        note(replay.trials_to_2_percent, 1.02);
        strategy.tell(choices, result.time);
    }
    return replay;
}

}  // namespace warpsmith
