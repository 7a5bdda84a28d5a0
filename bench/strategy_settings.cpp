// Which setting of the default strategy is chosen where each recording is left out of the choice.
//
// strategy_settings [--seeds N] [--limit N] [FOLDER]: Markdown. A cell is the median over the seeds of the trials until
// the best is within 2 % of the recording's. The folder is bench/recorded where none is given.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "solver/error.hpp"
#include "tuner/recording_file.hpp"
#include "tuner/replay.hpp"
#include "tuner/strategies/made.hpp"

namespace warpsmith {
namespace {

constexpr double kNear = 1.02;

struct Sweep {
    std::string folder = WARPSMITH_SOURCE_DIR "/bench/recorded";
    std::size_t seeds = 25;
    std::size_t limit = 300;
};

struct Setting {
    BayesianSettings values;
    std::map<std::string, double> medians;  // by recording

    std::string name() const { return fmt::format("{}, {}", values.log_length, values.powers_of_two ? "on" : "off"); }
};

// Ends the search once it has what is looked for: what follows takes most of the time, and tells nothing.
class UntilNear : public Strategy {
  public:
    UntilNear(std::unique_ptr<Strategy> strategy, double wanted) : strategy_(std::move(strategy)), wanted_(wanted) {}

    std::vector<Proposal> propose(std::size_t count) override {
        return found_ ? std::vector<Proposal>() : strategy_->propose(count);
    }
    void tell(const Choices& choices, std::optional<double> time) override {
        found_ = found_ || (time && *time <= wanted_);
        strategy_->tell(choices, time);
    }

  private:
    std::unique_ptr<Strategy> strategy_;
    double wanted_;
    bool found_ = false;
};

double median_trials(const Recording& recording, const BayesianSettings& settings, const Sweep& sweep) {
    std::vector<double> trials;
    for (std::size_t seed = 1; seed <= sweep.seeds; ++seed) {
        UntilNear strategy(bayesian_with(settings, {.set = recording.set(), .modelled = {}, .seed = seed}),
                           kNear * recording.best());
        const Replay found = replay(recording, strategy, {.trials = sweep.limit});
        trials.push_back(static_cast<double>(found.trials_to_2_percent.value_or(sweep.limit + 1)));
    }
    const auto middle = trials.begin() + static_cast<std::ptrdiff_t>(trials.size() / 2);
    std::nth_element(trials.begin(), middle, trials.end());
    return *middle;
}

// Of the recordings whose name does not begin so.
double geometric_mean(const Setting& setting, const std::string& left_out) {
    double sum = 0, count = 0;
    for (const auto& [recording, median] : setting.medians) {
        if (left_out.empty() || !recording.starts_with(left_out)) {
            sum += std::log(median);
            count += 1;
        }
    }
    return std::exp(sum / count);
}

const Setting& best_without(const std::vector<Setting>& settings, const std::string& left_out) {
    return *std::ranges::min_element(settings, {},
                                     [&](const Setting& setting) { return geometric_mean(setting, left_out); });
}

// Each recording under the setting that is best on the others: on those of another name, and of another kernel.
void print_left_out(const std::vector<Setting>& settings) {
    fmt::print(
        "\n| recording | chosen on all others | trials | chosen on other kernels | trials |\n|---|---|---|---|---|\n");
    double by_file = 0, by_kernel = 0;
    const auto& recordings = settings.front().medians;
    for (const auto& [recording, ignored] : recordings) {
        const Setting& others = best_without(settings, recording);
        const Setting& kernels = best_without(settings, recording.substr(0, recording.find('_')));
        by_file += std::log(others.medians.at(recording));
        by_kernel += std::log(kernels.medians.at(recording));
        fmt::print("| {} | {} | {} | {} | {} |\n", recording, others.name(), others.medians.at(recording),
                   kernels.name(), kernels.medians.at(recording));
    }
    const auto count = static_cast<double>(recordings.size());
    fmt::print("| geometric mean | | {:.1f} | | {:.1f} |\n", std::exp(by_file / count), std::exp(by_kernel / count));
}

void run(const Sweep& sweep) {
    std::map<std::string, Recording> recordings;
    for (const auto& entry : std::filesystem::directory_iterator(sweep.folder)) {
        const std::string file = entry.path().filename().string();
        if (file.ends_with(".json.gz")) {
            recordings.emplace(file.substr(0, file.find('.')), Recording(read_recording(entry.path().string())));
        }
    }
    std::string heading = "| log length, powers of two |";
    for (const auto& [name, recording] : recordings) {
        heading += fmt::format(" {} |", name);
    }
    fmt::print("{} geometric mean |\n|---|", heading);
    for (std::size_t i = 0; i <= recordings.size(); ++i) {
        fmt::print("---|");
    }
    std::vector<Setting> settings;
    for (const bool powers_of_two : {true, false}) {
        for (const double log_length : {0.0, 1.0, 1.5, 2.0}) {
            Setting& setting = settings.emplace_back(Setting{.values = {log_length, powers_of_two}, .medians = {}});
            fmt::print("\n| {} |", setting.name());
            for (const auto& [name, recording] : recordings) {
                setting.medians[name] = median_trials(recording, setting.values, sweep);
                fmt::print(" {} |", setting.medians[name]);
                std::fflush(stdout);
            }
            fmt::print(" {:.1f} |", geometric_mean(setting, ""));
        }
    }
    fmt::print("\n");
    print_left_out(settings);
}

std::size_t number(const char* text) {
    std::size_t value = 0;
    if (std::from_chars(text, text + std::strlen(text), value).ec != std::errc() || value == 0) {
        throw Error(fmt::format("reading \"{}\": write a number of at least 1", text));
    }
    return value;
}

}  // namespace
}  // namespace warpsmith

int main(int argc, char** argv) {
    try {
        warpsmith::Sweep sweep;
        for (int i = 1; i < argc; ++i) {
            const std::string_view word = argv[i];
            if ((word == "--seeds" || word == "--limit") && i + 1 < argc) {
                (word == "--seeds" ? sweep.seeds : sweep.limit) = warpsmith::number(argv[++i]);
            } else {
                sweep.folder = argv[i];
            }
        }
        warpsmith::run(sweep);
        return 0;
    } catch (const warpsmith::Error& error) {
        fmt::print(stderr, "strategy_settings: {}\n", error.what());
        return 2;
    }
}
