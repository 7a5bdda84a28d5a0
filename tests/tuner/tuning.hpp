// A world, a database, and tuning runs over them.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/cache/scratch_folder.hpp"
#include "tests/tuner/toy.hpp"
#include "tuner/local_bench.hpp"
#include "tuner/tune.hpp"

namespace warpsmith {

enum class On : std::uint8_t { none, emulator, gpu };

struct Tuning : testing::Test {
    ToyWorld world;
    TuningDb db{":memory:"};
    Family family = toy_family();
    std::vector<SourceFile> sources = toy_sources();
    TuneOptions options{.verify_count = 2, .jobs = 2, .library_version = "0.1"};
    std::atomic<bool> interrupted = false;
    std::optional<KernelStore> store;
    Workload workload = toy_workload();
    Target target = toy_target();

    int cold_samples = 20;

    virtual std::unique_ptr<Bench> bench(On on) {
        LocalBenchParts parts{.family = &family,
                              .workload = workload,
                              .target = target,
                              .compile = [this](const Source& source) { return toy_compile(world, source); },
                              .toolkit = "13.0",
                              .store = store,
                              .sources = sources,
                              .cold_samples = cold_samples};
        if (on != On::none) {
            parts.make_device = [this, on](std::uint64_t) { return toy_device(world, on == On::gpu); };
        }
        return std::make_unique<LocalBench>(std::move(parts));
    }

    TuneReport tuned(On on = On::emulator, Progress progress = {}) {
        return tune(family, workload, target, options,
                    {.make_bench = [this, on](const Workload&) { return bench(on); },
                     .toolkit = "13.0",
                     .db = &db,
                     .interrupted = &interrupted,
                     .progress = std::move(progress),
                     .sources = sources});
    }

    // Outcomes that are recorded of a configuration, in the order in which they came.
    std::vector<Outcome> recorded(const std::string& config) const {
        std::vector<Outcome> outcomes;
        for (const Trial& trial : db.list()) {
            if (trial.config == config) {
                outcomes.insert(outcomes.begin(), trial.outcome);
            }
        }
        return outcomes;
    }
};

using Outcomes = std::vector<Outcome>;

}  // namespace warpsmith
