// Compiled kernels of a kernel store, fetched and loaded into CUDA contexts at their first use.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "cache/winners.hpp"
#include "cache/workload_code.hpp"
#include "device/driver.hpp"
#include "generator/compile.hpp"
#include "templates/target.hpp"

namespace warpsmith {

struct LoadedKernel {
    const Compiled* compiled = nullptr;
    std::uint64_t context_number = 0;
    std::shared_ptr<const GpuContext> context;
    void* function = nullptr;
    const LoadedKernel* next = nullptr;  // the same kernel in another context
};

// One compiled kernel, and what has been made of it so far. What is set once stays.
struct KernelSlot {
    std::string_view source_digest, toolkit;
    std::atomic<const Compiled*> compiled = nullptr;
    std::atomic<const LoadedKernel*> loaded = nullptr;

    KernelSlot(std::string_view digest, std::string_view compiler) : source_digest(digest), toolkit(compiler) {}
};

// What would be compiled now, given the toolkit's folder of headers.
using RenderAgain = std::function<Source(const std::string& toolkit_include)>;

// What an answer hands out: the row that it rests on, and that row's kernel.
struct AnsweredRow {
    Winner winner;
    KernelSlot* kernel = nullptr;
    std::atomic<bool> sound = false;  // it was read whole, and its checksum is right

    std::string_view subject;             // the workload, or a T1 file
    const RenderAgain* source = nullptr;  // of a kernel of the user's own

    AnsweredRow(const Winner& its, KernelSlot& slot) : winner(its), kernel(&slot), subject(its.workload) {}
};

struct KernelPlaces {
    std::string folder;  // the kernel store
    std::string driver_library = kDriverLibrary;
    bool compile_missing = false;
    std::string toolkit;  // folder to compile with; empty: the one that the program was built with
};

// Any number of threads at a time. The first use of a kernel takes a lock, later ones none.
class LoadedKernels {
  public:
    // Keeps the coder.
    LoadedKernels(KernelPlaces places, Target target, const WorkloadCoder& coder);

    // Null where the store has no such kernel, or only a damaged one, and none is to be compiled. Throws Error where
    // compiling fails, or would make another kernel than the one that was tuned.
    const Compiled* fetch(AnsweredRow& row);

    // The same, in the context of the calling thread. Throws Error with the driver's words.
    const LoadedKernel* load(AnsweredRow& row);

  private:
    const Driver& driver();
    std::optional<Compiled> compile(const AnsweredRow& row) const;
    std::optional<Source> render_again(const AnsweredRow& row, const std::string& toolkit_include) const;

    KernelPlaces places_;
    Target target_;
    const WorkloadCoder& coder_;
    std::mutex mutex_;  // over all that follows, but for reading driver_
    std::unique_ptr<const Driver> opened_;
    std::atomic<const Driver*> driver_ = nullptr;
    std::deque<Compiled> compiled_;
    std::deque<LoadedKernel> loaded_;
};

}  // namespace warpsmith
