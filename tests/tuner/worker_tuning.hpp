// The toy's tuning runs, in worker processes whose deeds are on record.
#pragma once

#include <fstream>
#include <set>
#include <sstream>

#include "tests/sanitized.hpp"
#include "tests/tuner/tuning.hpp"
#include "tests/tuner/worker/toy_worker.hpp"
#include "tuner/worker/worker_bench.hpp"

namespace warpsmith {

// A time limit that no test waits for: what is to be stopped by it has a shorter one.
inline constexpr double kFarAway_s = 1000;

struct WorkerTuning : Tuning {
    ScratchFolder scratch;
    ToySetup setup{.kernels = scratch.file("kernels"), .log = scratch.file("log")};
    WorkerLimits limits{.start_s = kFarAway_s, .compile_s = kFarAway_s, .first_s = kFarAway_s, .least_s = kFarAway_s};
    std::string version = kToyVersion;
    WorkerProgram program{.path = WARPSMITH_TOY_WORKER};

    std::unique_ptr<Bench> bench(On on) override {
        if (setup.place != "real") {
            setup.place = on == On::none ? "none" : on == On::gpu ? "gpu" : "emulator";
        }
        return std::make_unique<WorkerBench>(WorkerBenchParts{.program = program,
                                                              .version = version,
                                                              .setup = nlohmann::json(setup).dump(),
                                                              .limits = limits,
                                                              .interrupted = &interrupted});
    }

    // "compile threads=32 items=4", of all workers.
    std::vector<std::string> deeds() const { return column(1); }
    std::set<std::string> processes() const {
        const std::vector<std::string> ids = column(0);
        return {ids.begin(), ids.end()};
    }
    std::int64_t times(const std::string& deed) const {
        const std::vector<std::string> all = deeds();
        return std::count(all.begin(), all.end(), deed);
    }

    std::string newest_note(const std::string& config) const {
        for (const Trial& trial : db.list()) {
            if (trial.config == config) {
                return trial.note;
            }
        }
        return "not recorded";
    }

  private:
    std::vector<std::string> column(int number) const {
        std::ifstream log(setup.log);
        std::vector<std::string> found;
        for (std::string id, deed; log >> id && std::getline(log >> std::ws, deed);) {
            found.push_back(number == 0 ? id : deed);
        }
        return found;
    }
};

// All that is recorded, but for the time of day.
inline std::multiset<std::string> rows(const TuningDb& db) {
    std::multiset<std::string> all;
    for (const Trial& trial : db.list()) {
        std::ostringstream row;
        row << trial.config << '|' << name(trial.outcome) << '|' << trial.note << '|' << trial.provenance.device << '|'
            << trial.provenance.source_digest << '|' << trial.median_us << '|' << trial.batch_us << '|'
            << trial.samples_us.size() << '|' << trial.max_error << '|' << trial.tolerance << '|' << trial.verified_on
            << '|' << trial.resources.registers;
        all.insert(row.str());
    }
    return all;
}

}  // namespace warpsmith
