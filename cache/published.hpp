// A value that one thread replaces while others read it, without locks and without waiting.
#pragma once

#include <array>
#include <atomic>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace warpsmith {

// Readers announce themselves in one of a few counters; threads spread over them. What was replaced is kept until each
// counter has been seen at zero once since: whoever reads later reads the new value. So there is one value at a time,
// and those that were replaced while somebody read, until the next publish() or collect().
template <class T>
class Published {
  public:
    class Reading {
      public:
        explicit Reading(const Published& published) : counter_(published.counter()) {
            // Both in the one order of all such operations: collect() sees this reader, or this reader the new value.
            counter_.fetch_add(1, std::memory_order_seq_cst);
            value_ = published.value_.load(std::memory_order_seq_cst);
        }
        ~Reading() { counter_.fetch_sub(1, std::memory_order_release); }
        Reading(const Reading&) = delete;
        Reading& operator=(const Reading&) = delete;

        const T& operator*() const { return *value_; }
        const T* operator->() const { return value_; }

      private:
        std::atomic<std::uint32_t>& counter_;
        const T* value_;
    };

    explicit Published(std::unique_ptr<const T> value) : value_(value.release()) {}
    ~Published() { delete value_.load(); }  // nobody reads any more
    Published(const Published&) = delete;
    Published& operator=(const Published&) = delete;

    Reading read() const { return Reading(*this); }

    // By one thread at a time, as collect().
    void publish(std::unique_ptr<const T> value) {
        const T* old = value_.exchange(value.release(), std::memory_order_seq_cst);
        retired_.push_back({std::unique_ptr<const T>(old), {}});
        collect();
    }

    // Deletes what nobody can be reading any more.
    void collect() {
        for (std::size_t stripe = 0; stripe < kStripes; ++stripe) {
            if (counters_[stripe].readers.load(std::memory_order_seq_cst) == 0) {
                for (Retired& one : retired_) {
                    one.seen_idle.set(stripe);
                }
            }
        }
        std::erase_if(retired_, [](const Retired& one) { return one.seen_idle.all(); });
    }

    std::size_t retired() const { return retired_.size(); }

  private:
    static constexpr std::size_t kStripes = 32;

    struct alignas(64) Counter {  // a cache line each, so that readers do not slow each other down
        mutable std::atomic<std::uint32_t> readers{0};
    };
    struct Retired {
        std::unique_ptr<const T> value;
        std::bitset<kStripes> seen_idle;
    };

    std::atomic<std::uint32_t>& counter() const {
        static std::atomic<std::size_t> threads{0};
        thread_local const std::size_t stripe = threads.fetch_add(1, std::memory_order_relaxed) % kStripes;
        return counters_[stripe].readers;
    }

    std::atomic<const T*> value_;
    std::array<Counter, kStripes> counters_;
    std::vector<Retired> retired_;
};

}  // namespace warpsmith
