#include "tuner/parallel.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace warpsmith {
namespace {

class Pool {
  public:
    explicit Pool(const ParallelJobs& jobs) : jobs_(jobs) {
        unsigned cores = std::max(1U, std::thread::hardware_concurrency());
        std::size_t threads = std::min<std::size_t>(jobs.threads == 0 ? cores : jobs.threads, jobs.count);
        working_ = threads;
        for (std::size_t i = 0; i < threads; ++i) {
            threads_.emplace_back([this] { work(); });
        }
    }

    // Members are destroyed, and so the threads joined, only after no more jobs can start.
    ~Pool() { stop(); }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    bool finish_all() {
        while (true) {
            std::vector<std::size_t> ended;
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return !ended_.empty() || working_ == 0; });
                ended.swap(ended_);
            }
            if (ended.empty()) {
                break;
            }
            finished_ += ended.size();
            jobs_.finished(ended);
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        return finished_ == jobs_.count;
    }

  private:
    void work() {
        for (std::size_t job = 0; take(job);) {
            try {
                jobs_.run(job);
                std::lock_guard lock(mutex_);
                ended_.push_back(job);
            } catch (...) {
                std::lock_guard lock(mutex_);
                failure_ = failure_ ? failure_ : std::current_exception();
                next_ = jobs_.count;
            }
            changed_.notify_all();
        }
        std::lock_guard lock(mutex_);
        --working_;
        changed_.notify_all();
    }

    bool take(std::size_t& job) {
        bool stopped = jobs_.stopped();
        std::lock_guard lock(mutex_);
        if (stopped || next_ >= jobs_.count) {
            return false;
        }
        job = next_++;
        return true;
    }

    void stop() {
        std::lock_guard lock(mutex_);
        next_ = jobs_.count;
    }

    const ParallelJobs& jobs_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t next_ = 0, working_ = 0, finished_ = 0;
    std::vector<std::size_t> ended_;
    std::exception_ptr failure_;
    std::vector<std::jthread> threads_;  // last, so that they are joined before what they use is destroyed
};

}  // namespace

bool run_parallel(const ParallelJobs& jobs) {
    return Pool(jobs).finish_all();
}

}  // namespace warpsmith
