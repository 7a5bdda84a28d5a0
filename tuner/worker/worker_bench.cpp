#include "tuner/worker/worker_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <utility>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

using Clock = std::chrono::steady_clock;

// How long an interrupt may go unnoticed while a worker is busy.
constexpr std::chrono::milliseconds kGlance(50);

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

const char* doing(Stage stage) {
    constexpr std::array kWords = {
        std::pair{Stage::prepare, "preparing the data"},
        std::pair{Stage::compile, "compiling"},
        std::pair{Stage::verify, "verifying"},
        std::pair{Stage::warm_up, "warming up"},
        std::pair{Stage::time, "timing"},
    };
    return std::ranges::find(kWords, stage, &std::pair<Stage, const char*>::first)->second;
}

}  // namespace

struct WorkerBench::Worker {
    WorkerProcess process;
    bool is_new = true;
    bool has_run = false;
};

// One request and what came of it.
struct WorkerBench::Conversation {
    enum class End : std::uint8_t { answered, died, overdue, interrupted };

    Message request;
    double effort = 1;
    double fastest_us = kUnlimited;  // of those that were timed before
    int launches = 0;                // that the stage is, where it says so
    bool began = false;              // whether the worker has taken the request up
    Stage stage = Stage::prepare;
    Clock::time_point stage_start = Clock::now();
    std::map<Stage, double> seconds = {};
    Message answer = {};
    End end = End::answered;

    void enter(Stage next, int its_launches) {
        began = true;
        launches = its_launches;
        seconds[stage] += seconds_since(stage_start);
        stage = next;
        stage_start = Clock::now();
    }
};

WorkerBench::WorkerBench(WorkerBenchParts parts) : parts_(std::move(parts)) {}

WorkerBench::~WorkerBench() = default;

std::optional<DeviceFacts> WorkerBench::device() {
    std::unique_ptr<Worker> worker = take_worker(true);
    if (!worker) {
        return std::nullopt;
    }
    Conversation talk{.request = {{"device", true}}};
    converse(*worker, talk);
    if (talk.end == Conversation::End::died) {
        throw Error("opening the device in a worker process: it ended with " + worker->process.death());
    }
    if (talk.answer.contains("error")) {
        throw Error(talk.answer.at("error").get<std::string>());
    }
    if (talk.end == Conversation::End::answered) {
        device_ = device_from(talk.answer);
        worker->has_run = true;
        give_back(std::move(worker));
    }
    return device_;
}

std::optional<JobResult> WorkerBench::build(const Config& config) {
    return perform({.request = {{"build", config.key()}}}, false);
}

std::optional<JobResult> WorkerBench::run(const RunJob& job) {
    return perform({.request = to_message(job), .effort = job.effort, .fastest_us = job.fastest_us}, true);
}

std::optional<JobResult> WorkerBench::perform(Conversation talk, bool runs) {
    std::unique_ptr<Worker> worker = take_worker(runs);
    if (!worker) {
        return std::nullopt;
    }
    talk.stage_start = Clock::now();
    converse(*worker, talk);
    if (talk.end == Conversation::End::died && !talk.began && !worker->is_new) {
        talk.end = Conversation::End::answered;
        return perform(std::move(talk), runs);  // it died while it had nothing to do: no configuration is to blame
    }
    if (talk.end == Conversation::End::interrupted) {
        return std::nullopt;
    }
    if (std::optional<JobResult> failed = failure(*worker, talk)) {
        return failed;
    }
    JobResult result = result_from(talk.answer);
    if (runs && result.outcome == Outcome::ok) {
        learn(talk);
    }
    worker->has_run = worker->has_run || runs;
    // A GPU on which a kernel has faulted answers everything with that fault until the process ends.
    if (!runs || result.outcome != Outcome::launch_error || !device_ || !device_->measures) {
        give_back(std::move(worker));
    } else {
        worker->process.kill();  // waits until the GPU's memory is free again
    }
    return result;
}

// What the configuration did to the worker, where it did; nothing where there is a result. Throws what the worker
// threw.
std::optional<JobResult> WorkerBench::failure(Worker& worker, const Conversation& talk) {
    if (talk.end == Conversation::End::overdue) {
        worker.process.kill();
        return JobResult{
            .outcome = Outcome::timed_out,
            .note = fmt::format("stopped while {}: it took longer than {:.3g} s", doing(talk.stage), limit_s(talk))};
    }
    if (talk.end == Conversation::End::died) {
        return JobResult{
            .outcome = Outcome::crashed,
            .note = fmt::format("its process ended while {}: {}", doing(talk.stage), worker.process.death())};
    }
    if (talk.answer.contains("out_of_memory")) {
        return JobResult{.outcome = Outcome::crashed,
                         .note = fmt::format("ran out of memory while {}", doing(talk.stage))};
    }
    if (talk.answer.contains("error")) {
        throw Error(talk.answer.at("error").get<std::string>());
    }
    return std::nullopt;
}

// Until there is an answer, or there will be none.
void WorkerBench::converse(Worker& worker, Conversation& talk) {
    Channel& channel = worker.process.channel();
    channel.send(talk.request);  // if that fails, so does receiving
    while (true) {
        Message message;
        const Channel::State state = channel.receive(message, kGlance);
        if (state == Channel::State::closed) {
            talk.end = interrupted() ? Conversation::End::interrupted : Conversation::End::died;
            return;
        }
        if (state == Channel::State::message && !message.contains("stage")) {
            talk.enter(talk.stage, 0);
            talk.answer = std::move(message);
            return;
        }
        if (state == Channel::State::message) {
            talk.enter(static_cast<Stage>(message.at("stage").get<int>()), message.value("launches", 0));
        } else if (interrupted()) {
            talk.end = Conversation::End::interrupted;
            return;
        } else if (seconds_since(talk.stage_start) > limit_s(talk)) {
            talk.end = Conversation::End::overdue;
            return;
        }
    }
}

// To run something, one that has its data ready; to compile, rather another. Null when an interrupt came before it was
// ready.
std::unique_ptr<WorkerBench::Worker> WorkerBench::take_worker(bool to_run) {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            const auto chosen = to_run ? std::prev(idle_.end()) : idle_.begin();
            std::unique_ptr<Worker> worker = std::move(*chosen);
            idle_.erase(chosen);
            return worker;
        }
    }
    return start_worker();
}

void WorkerBench::give_back(std::unique_ptr<Worker> worker) {
    const std::lock_guard lock(mutex_);
    worker->is_new = false;
    idle_.insert(worker->has_run ? idle_.end() : idle_.begin(), std::move(worker));
}

std::unique_ptr<WorkerBench::Worker> WorkerBench::start_worker() const {
    auto worker = std::unique_ptr<Worker>(new Worker{.process = WorkerProcess(parts_.program)});
    Channel& channel = worker->process.channel();
    channel.send(hello_message(parts_.version, parts_.setup, parts_.limits.memory_bytes));
    Message hello;
    const Clock::time_point start = Clock::now();
    Channel::State state = Channel::State::waiting;
    while (state == Channel::State::waiting) {
        state = channel.receive(hello, kGlance);
        if (interrupted()) {
            return nullptr;
        }
        if (state == Channel::State::waiting && seconds_since(start) > parts_.limits.start_s) {
            throw Error(
                fmt::format("starting a worker process: it was not ready within {:.0f} s", parts_.limits.start_s));
        }
    }
    if (state == Channel::State::closed) {
        throw Error("starting a worker process: it ended with " + worker->process.death());
    }
    if (hello.contains("error")) {
        throw Error(hello.at("error").get<std::string>());
    }
    if (hello.value("version", "") != parts_.version) {
        throw Error("starting a worker process: it is of version " + hello.value("version", "(none)") + ", not " +
                    parts_.version + "; was the program replaced while it ran?");
    }
    return worker;
}

double WorkerBench::limit_s(Stage stage, double effort) {
    if (stage == Stage::prepare) {
        return kUnlimited;
    }
    if (stage == Stage::compile) {
        return parts_.limits.compile_s;
    }
    const std::lock_guard lock(mutex_);
    const auto fastest = fastest_s_.find(stage);
    if (fastest == fastest_s_.end()) {
        return parts_.limits.first_s;
    }
    return std::max(parts_.limits.least_s,
                    parts_.limits.slower * fastest->second * (stage == Stage::time ? effort : 1));
}

// Of launches that are timed, by those of the fastest so far: a GPU's are over in far less time than a stage has.
double WorkerBench::limit_s(const Conversation& talk) {
    const double of_stage = limit_s(talk.stage, talk.effort);
    if (talk.launches == 0) {
        return of_stage;
    }
    const double of_fastest_s = 1e-6 * talk.fastest_us * talk.launches;
    return std::min(of_stage, std::max(parts_.limits.least_launch_s, parts_.limits.slower_launch * of_fastest_s));
}

void WorkerBench::learn(const Conversation& talk) {
    const std::lock_guard lock(mutex_);
    for (const auto& [stage, seconds] : talk.seconds) {
        const double whole = stage == Stage::time ? seconds / talk.effort : seconds;
        const auto [known, is_new] = fastest_s_.try_emplace(stage, whole);
        known->second = std::min(known->second, whole);
    }
}

}  // namespace warpsmith
