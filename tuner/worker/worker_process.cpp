#include "tuner/worker/worker_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

#include "solver/error.hpp"
#include "tuner/worker/messages.hpp"

namespace warpsmith {
namespace {

// A process that was killed is gone at once, but for one that a GPU driver has to clean up after.
constexpr double kUntilGone_s = 10;

// Of what a process said last, so much stands in a trial's note.
constexpr std::size_t kLastWords = 300;

[[noreturn]] void fail(std::string_view what) {
    throw Error(fmt::format("starting a worker process: {}: {}; are there too many processes or open files?", what,
                            std::strerror(errno)));
}

// A descriptor that is closed with it, on no number that the child has a use for.
class Descriptor {
  public:
    explicit Descriptor(int raw) {
        if (raw >= 0) {
            raw_ = ::fcntl(raw, F_DUPFD_CLOEXEC, kWorkerDescriptor + 1);
            ::close(raw);
        }
        if (raw_ < 0) {
            fail("opening a descriptor");
        }
    }
    ~Descriptor() {
        if (raw_ >= 0) {
            ::close(raw_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int raw() const { return raw_; }
    int release() { return std::exchange(raw_, -1); }

  private:
    int raw_ = -1;
};

class FileActions {
  public:
    FileActions(int channel, int error_output) {
        posix_spawn_file_actions_init(&raw_);
        posix_spawn_file_actions_addopen(&raw_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&raw_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&raw_, error_output, STDERR_FILENO);
        posix_spawn_file_actions_adddup2(&raw_, channel, kWorkerDescriptor);
    }
    ~FileActions() { posix_spawn_file_actions_destroy(&raw_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    const posix_spawn_file_actions_t* raw() const { return &raw_; }

  private:
    posix_spawn_file_actions_t raw_{};
};

class OwnGroup {
  public:
    OwnGroup() {
        posix_spawnattr_init(&raw_);
        posix_spawnattr_setflags(&raw_, POSIX_SPAWN_SETPGROUP);
        posix_spawnattr_setpgroup(&raw_, 0);
    }
    ~OwnGroup() { posix_spawnattr_destroy(&raw_); }
    OwnGroup(const OwnGroup&) = delete;
    OwnGroup& operator=(const OwnGroup&) = delete;
    const posix_spawnattr_t* raw() const { return &raw_; }

  private:
    posix_spawnattr_t raw_{};
};

std::pair<int, int> socket_pair() {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        fail("making a socket");
    }
    return {ends[0], ends[1]};
}

pid_t spawn(const WorkerProgram& program, int channel, int error_output) {
    std::vector<std::string> words = program.arguments;
    words.insert(words.begin(), "warpsmith-worker");  // as process lists show it
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    const FileActions actions(channel, error_output);
    const OwnGroup attributes;
    pid_t id = -1;
    errno = ::posix_spawn(&id, program.path.c_str(), actions.raw(), attributes.raw(), arguments.data(), environ);
    if (errno != 0) {
        fail(program.path);
    }
    return id;
}

}  // namespace

WorkerProcess::WorkerProcess(const WorkerProgram& program) {
    const auto [ours, theirs] = socket_pair();
    Descriptor our_end(ours);
    const Descriptor their_end(theirs);
    Descriptor error_output(::memfd_create("warpsmith-worker-stderr", MFD_CLOEXEC));
    id_ = spawn(program, their_end.raw(), error_output.raw());
    channel_.emplace(our_end.release());
    stderr_ = error_output.release();
}

WorkerProcess::~WorkerProcess() {
    if (!reaped_) {
        ::kill(id_, SIGKILL);
        gone_within(0.2);  // else it is left to whoever reaps orphans
    }
    ::close(stderr_);
}

void WorkerProcess::kill() {
    ::kill(id_, SIGKILL);
    gone_within(kUntilGone_s);
}

std::string WorkerProcess::death() {
    if (!gone_within(1)) {  // it closed its end and goes on: not a worker any more
        kill();
    }
    std::string how = "it cannot be ended";
    if (reaped_ && WIFSIGNALED(status_)) {
        const int signal = WTERMSIG(status_);
        how = fmt::format("signal {} ({})", signal, ::strsignal(signal));
        how += signal == SIGKILL ? ", as the system sends it when memory runs out" : "";
    } else if (reaped_) {
        how = fmt::format("exit code {}", WEXITSTATUS(status_));
    }
    const std::string words = last_words();
    return words.empty() ? how : how + "; it said: " + words;
}

bool WorkerProcess::gone_within(double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    std::chrono::microseconds pause(50);
    while (!reaped_) {
        const pid_t found = ::waitpid(id_, &status_, WNOHANG);
        reaped_ = found == id_ || (found < 0 && errno == ECHILD);
        if (!reaped_) {
            if (std::chrono::steady_clock::now() > end) {
                return false;
            }
            std::this_thread::sleep_for(pause);
            pause = std::min(2 * pause, std::chrono::microseconds(10'000));
        }
    }
    return true;
}

std::string WorkerProcess::last_words() const {
    struct stat file {};
    if (::fstat(stderr_, &file) != 0) {
        return "";
    }
    const off_t from = std::max<off_t>(0, file.st_size - static_cast<off_t>(kLastWords));
    std::string text(static_cast<std::size_t>(file.st_size - from), '\0');
    const ssize_t count = ::pread(stderr_, text.data(), text.size(), from);
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    text.erase(text.find_last_not_of(" \n") + 1);
    std::ranges::replace(text, '\n', ' ');
    return text;
}

}  // namespace warpsmith
