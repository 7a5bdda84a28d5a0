#include "tools/device_argument.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <thread>

#include "solver/error.hpp"

namespace warpsmith {

void add_on_option(CLI::App& command, std::string& on, const std::vector<std::string>& places) {
    std::string names;
    for (const std::string& place : places) {
        names += (names.empty() ? "" : "|") + place;
    }
    command.add_option("--on", on, "where kernels run")
        ->check(CLI::IsMember(places))
        ->option_text(fmt::format("{} [{}]", names, on));
}

Place chosen_place(const std::string& on, const Target& target) {
    if (on == "none" || on == "emulator") {
        return on == "none" ? Place::none : Place::emulator;
    }
    const GpuStatus gpu = gpu_status();
    const bool is_target = gpu.usable && local_target().name == target.name;
    if (on == "gpu" && !is_target) {
        throw Error(fmt::format("choosing where to run: {}; give --on emulator or --target local",
                                gpu.usable ? "the GPU here is not " + target.name : gpu.message));
    }
    return is_target ? Place::gpu : Place::emulator;
}

std::unique_ptr<Device> make_device(Place place, const EmulatorOptions& options) {
    switch (place) {
        case Place::gpu:
            return make_gpu();
        case Place::emulator:
            return make_emulator(options);
        case Place::none:
            break;
    }
    return nullptr;
}

unsigned chosen_jobs(unsigned argument) {
    return argument != 0 ? argument : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace warpsmith
