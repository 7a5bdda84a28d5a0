// Independent jobs on several threads, their ends told to the thread that started them.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace warpsmith {

struct ParallelJobs {
    std::size_t count = 0;
    unsigned threads = 0;                                             // 0 is one per core
    std::function<void(std::size_t job)> run;                         // on one of the threads
    std::function<void(std::span<const std::size_t> jobs)> finished;  // on the calling thread: those that ended since
    std::function<bool()> stopped;  // on any thread, before each job; true starts no more
};

// Starts the jobs in order and returns when all that were started have ended; true when that is all of them. What a job
// or `finished` throws is thrown here, once the jobs that are running have ended; those that ended before are finished.
bool run_parallel(const ParallelJobs& jobs);

}  // namespace warpsmith
