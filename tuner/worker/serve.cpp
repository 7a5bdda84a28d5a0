#include "tuner/worker/serve.hpp"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <new>
#include <thread>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

void end_with_the_other_end(int descriptor) {
    std::thread([descriptor] {
        pollfd other{.fd = descriptor, .events = POLLRDHUP, .revents = 0};
        while (::poll(&other, 1, -1) <= 0) {
        }
        ::_exit(0);
    }).detach();
}

// Whoever interrupts all processes at once means the one that asks; it says what becomes of the others.
void ignore_interrupts() {
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN);
}

void limit_this_process(std::uint64_t memory_bytes) {
    rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_CORE, &none);
    std::ofstream("/proc/self/oom_score_adj") << 1000;
    if (memory_bytes > 0 && !kSanitized) {  // a sanitizer's shadow memory is terabytes
        rlimit memory{.rlim_cur = memory_bytes, .rlim_max = memory_bytes};
        ::setrlimit(RLIMIT_DATA, &memory);
    }
}

Message answer(Bench& bench, const Message& request) {
    if (request.contains("build")) {
        return to_message(bench.build(parse_config(request.at("build").get<std::string>())).value());
    }
    if (request.contains("run")) {
        return to_message(bench.run(run_job_from(request)).value());
    }
    return to_message(bench.device());
}

// Whatever else is thrown ends the process: the other end takes it for a crash, which it is.
template <class Act>
Message guarded(const Act& act) {
    try {
        return act();
    } catch (const Error& error) {
        return {{"error", error.what()}};
    } catch (const std::bad_alloc&) {
        return {{"out_of_memory", true}};
    }
}

}  // namespace

void serve(const std::string& version, const MakeServedBench& make_bench, int descriptor) {
    ignore_interrupts();
    Channel channel(descriptor);
    Message message;
    if (channel.receive(message, std::chrono::milliseconds(-1)) != Channel::State::message) {
        throw Error("working for a tuning run: there is none; workers are started by warpsmith tune alone");
    }
    end_with_the_other_end(descriptor);
    limit_this_process(message.value("memory_bytes", std::uint64_t{0}));
    std::unique_ptr<Bench> bench;
    const Message hello = guarded([&]() -> Message {
        if (message.value("version", "") != version) {
            throw Error("starting a worker: it is of version " + version + ", and was started by another");
        }
        const auto on_stage = [&channel](const StageStart& start) { channel.send(stage_message(start)); };
        bench = make_bench(message.at("setup").get<std::string>(), on_stage);
        return {{"version", version}};
    });
    channel.send(hello);
    while (bench && channel.receive(message, std::chrono::milliseconds(-1)) == Channel::State::message) {
        channel.send(stage_message(Stage::prepare));  // the request is taken up
        channel.send(guarded([&] { return answer(*bench, message); }));
    }
    ::_exit(0);  // the tables of a compiler and a driver need no tidying
}

}  // namespace warpsmith
