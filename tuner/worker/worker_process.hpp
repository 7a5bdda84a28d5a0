// A child process that works for this one: the same program started again, with a channel to it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tuner/worker/channel.hpp"

namespace warpsmith {

struct WorkerProgram {
    std::string path = "/proc/self/exe";
    std::vector<std::string> arguments;  // that make it a worker
};

// In a process group of its own, so that Ctrl-C on a terminal reaches it only through its parent. Its standard error is
// kept, for its last words. It ends with this object.
class WorkerProcess {
  public:
    // Throws Error when it cannot be started.
    explicit WorkerProcess(const WorkerProgram& program);
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    Channel& channel() { return *channel_; }
    pid_t id() const { return id_; }

    // Whatever it is doing. Returns when it is gone, or after a while: a driver may hold it back.
    void kill();

    // How it ended, once its end of the channel is closed: "signal 11 (Segmentation fault); it said: ...".
    std::string death();

  private:
    bool gone_within(double seconds);
    std::string last_words() const;

    std::optional<Channel> channel_;
    int stderr_ = -1;  // a file in memory
    pid_t id_ = -1;
    bool reaped_ = false;
    int status_ = 0;
};

}  // namespace warpsmith
