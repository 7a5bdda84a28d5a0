#include "tuner/interchange/own_results.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tuner/interchange/result_json.hpp"

namespace warpsmith {
namespace {

struct OutcomeWord {
    Outcome outcome;
    const char* in_t4;
};

constexpr std::array kWords = {
    OutcomeWord{Outcome::ok, "correct"},           OutcomeWord{Outcome::compile_error, "compile"},
    OutcomeWord{Outcome::spills, "constraints"},   OutcomeWord{Outcome::does_not_fit, "constraints"},
    OutcomeWord{Outcome::launch_error, "runtime"}, OutcomeWord{Outcome::wrong_result, "correctness"}};

struct Place {
    std::string workload, target;
    ImportedFile file;
};

OrderedJson sizes(const Workload& workload) {
    OrderedJson list = OrderedJson::array();
    for (const auto& [name, value] : workload.dims) {
        list.push_back(value);
    }
    return list;
}

Place place_of(const Trial& trial) {
    return {.workload = trial.workload.key(),
            .target = trial.provenance.target,
            .file = {.format = kOwnFormat,
                     .device = trial.provenance.device,
                     .kernel = trial.workload.key(),
                     .problem_size = dumped(sizes(trial.workload)),
                     .header = "{}"}};
}

bool on_a_gpu(const Trial& trial) {
    const bool timed = trial.outcome != Outcome::ok || trial.kind == TimeKind::measured;
    return timed && trial.outcome != Outcome::modelled && !trial.provenance.device.empty() &&
           trial.provenance.device != "emulator";
}

ImportedResult result_of(const Trial& trial) {
    OrderedJson config = OrderedJson::object();
    for (const auto& [name, value] : parse_config(trial.config).fields) {
        config[name] = value;
    }
    const auto* word = std::ranges::find(kWords, trial.outcome, &OutcomeWord::outcome);
    const bool correct = trial.outcome == Outcome::ok;
    return {.config = dumped(config),
            .outcome = word->in_t4,
            .time_us = correct ? trial.median_us : 0,
            .samples_us = correct ? trial.samples_us : std::vector<double>(),
            .phases_ms = "{}",
            .recorded_at = trial.recorded_at};
}

}  // namespace

std::vector<ImportedFile> own_results(std::span<const Trial> newest_first) {
    std::vector<Place> places;
    for (const Trial& trial : newest_first) {
        const bool known = std::ranges::any_of(places, [&](const Place& place) {
            return place.workload == trial.workload.key() && place.file.device == trial.provenance.device;
        });
        if (on_a_gpu(trial) && !known) {
            places.push_back(place_of(trial));
        }
    }
    std::vector<ImportedFile> files;
    for (Place& place : places) {
        for (std::size_t i = newest_first.size(); i-- > 0;) {
            const Trial& trial = newest_first[i];
            const bool here = on_a_gpu(trial) && trial.provenance.device == place.file.device;
            const bool nowhere = trial.provenance.device.empty() && trial.outcome != Outcome::modelled &&
                                 trial.outcome != Outcome::ok && trial.provenance.target == place.target;
            if ((here || nowhere) && trial.workload.key() == place.workload) {
                place.file.results.push_back(result_of(trial));
            }
        }
        files.push_back(std::move(place.file));
    }
    return files;
}

}  // namespace warpsmith
