#include "tools/replay_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/command.hpp"
#include "tools/table.hpp"
#include "tuner/replay.hpp"

namespace warpsmith {
namespace {

template <class Number>
nlohmann::ordered_json number_or_null(const std::optional<Number>& number) {
    return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr);
}

std::string json_line(const Replay& found, const ReplayArguments& arguments, std::string_view strategy) {
    const nlohmann::ordered_json object = {{"strategy", strategy},
                                           {"seed", arguments.seed},
                                           {"trials", found.trials},
                                           {"best", number_or_null(found.best)},
                                           {"trials_to_2_percent", number_or_null(found.trials_to_2_percent)},
                                           {"trials_to_5_percent", number_or_null(found.trials_to_5_percent)},
                                           {"failed", found.failed},
                                           {"config", found.best_config},
                                           {"seconds", found.seconds}};
    return object.dump() + "\n";
}

std::string number_or_dash(const std::optional<std::size_t>& number) {
    return number ? std::to_string(*number) : "-";
}

std::string text(const Replay& found, const ReplayArguments& arguments, const Recording& recording,
                 std::string_view strategy) {
    const double behind = found.best ? 100 * (*found.best / recording.best() - 1) : 0;
    std::string text =
        fmt::format("{}: {} configurations, {} of which failed; the fastest takes {}\n", arguments.file,
                    static_cast<std::uint64_t>(recording.set().count()), recording.failed(), recording.best());
    text += table({{"strategy", "seed", "trials", "failed", "best", "behind", "to 5 %", "to 2 %"},
                   {std::string(strategy), std::to_string(arguments.seed), std::to_string(found.trials),
                    std::to_string(found.failed), found.best ? fmt::format("{:.6g}", *found.best) : "-",
                    found.best ? fmt::format("{:.2f} %", behind) : "-", number_or_dash(found.trials_to_5_percent),
                    number_or_dash(found.trials_to_2_percent)}});
    text += fmt::format("  config      {}\n", found.best ? found.best_config : "none of those that were tried worked");
    return text + fmt::format("  wall time   {:.1f} s, had they been compiled and run as recorded\n", found.seconds);
}

}  // namespace

int replay_recording(const ReplayArguments& arguments) {
    const StrategyEntry& entry = arguments.strategy.empty() ? strategies().front() : find_strategy(arguments.strategy);
    const Recording recording(read_recording(arguments.file));
    const std::unique_ptr<Strategy> strategy =
        entry.make({.set = recording.set(), .modelled = {}, .seed = arguments.seed});
    const Replay found = replay(recording, *strategy, arguments.limits);
    fmt::print(
        "{}", arguments.json ? json_line(found, arguments, entry.name) : text(found, arguments, recording, entry.name));
    return found.best ? kDone : kNothingFound;
}

}  // namespace warpsmith
