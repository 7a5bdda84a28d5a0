// A worker that misbehaves on command. With an argument it does so before it is ready: "silent" ends at once with code
// 7, "garbled" says what is no message.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

#include "generator/compile.hpp"
#include "solver/error.hpp"
#include "tests/tuner/worker/toy_worker.hpp"
#include "tuner/worker/serve.hpp"

namespace warpsmith {
namespace {

// Lives as long as the process.
ToyWorld& world_of(const ToySetup& setup) {
    static ToyWorld world;
    world.mischief = setup.mischief;
    world.compiler = setup.compiler;
    world.microseconds = setup.microseconds;
    world.errors = setup.errors;
    const int log = ::open(setup.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    world.on_deed = [log](const std::string& deed) {
        const std::string line = fmt::format("{} {}\n", ::getpid(), deed);
        if (::write(log, line.data(), line.size()) < 0) {
            ::_exit(9);
        }
    };
    return world;
}

std::unique_ptr<Bench> make_toy_bench(const std::string& text, OnStage on_stage) {
    const ToySetup setup = nlohmann::json::parse(text).get<ToySetup>();
    ToyWorld& world = world_of(setup);
    static const Family family = toy_family();
    static const std::vector<SourceFile> sources = setup.place == "real" ? real_toy_sources() : toy_sources();
    LocalBenchParts parts{.family = &family,
                          .workload = toy_workload(),
                          .target = toy_target(),
                          .compile = [&](const Source& source) { return toy_compile(world, source); },
                          .toolkit = "13.0",
                          .sources = sources,
                          .on_stage = std::move(on_stage)};
    if (!setup.kernels.empty()) {
        parts.store.emplace(setup.kernels);
    }
    if (setup.place == "real") {
        parts.compile = [compiler = std::make_shared<Compiler>(find_toolkit(built_in_search()))](const Source& source) {
            return compiler->compile(source);
        };
        parts.make_device = [](std::uint64_t most_steps) {
            EmulatorOptions options{.threads = 1};
            options.max_steps = most_steps > 0 ? most_steps : options.max_steps;
            return make_emulator(options);
        };
    } else if (setup.place != "none") {
        parts.make_device = [&world, measures = setup.place == "gpu"](std::uint64_t) {
            if (world.faulted && measures) {
                throw Error("making a device: a kernel has faulted in this process, and the driver says so for ever");
            }
            return toy_device(world, measures);
        };
    }
    return std::make_unique<LocalBench>(std::move(parts));
}

}  // namespace
}  // namespace warpsmith

int main(int argc, char** argv) {
    const std::string_view how = argc > 1 ? argv[1] : "";
    if (how == "silent") {
        return 7;
    }
    if (how == "garbled") {
        ::send(warpsmith::kWorkerDescriptor, "\xff\xff\xff\x7f what?", 10, 0);
        ::pause();
    }
    warpsmith::serve(warpsmith::kToyVersion, warpsmith::make_toy_bench);
}
