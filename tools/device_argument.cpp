#include "tools/device_argument.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "solver/error.hpp"

namespace warpsmith {

Argument on_option(std::string& on, std::vector<std::string> places) {
    return {.name = "--on", .value = &on, .meaning = "where kernels run", .choices = std::move(places)};
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

unsigned chosen_jobs(std::uint64_t argument) {
    const auto most = std::uint64_t{1024};  // more threads than any machine has use for
    return argument != 0 ? static_cast<unsigned>(std::min(argument, most))
                         : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace warpsmith
