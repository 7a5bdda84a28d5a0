// Warpsmith's run-time library for C++17: which tuned kernel to use for a workload, and the kernel itself.
//
//     warpsmith::Cache cache("tuning.db", {"h200"});                       // once; the target's name
//     warpsmith::Query query("lstm T=128 B=16 N=4 D=64 dtype=bf16");       // once per kind of workload
//     warpsmith::Choice choice = cache.find(query.set("T", steps));        // any thread, no lock, no allocation
//     if (choice) cache.load(choice).launch(choice, stream, x, R, bias, ...);
//
// All of it is inline, over the C interface of warpsmith.h, whose comments say the rest.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include <warpsmith/warpsmith.h>

namespace warpsmith {
inline namespace v0 {

// Thrown with what went wrong and what to try.
class Failure : public std::runtime_error {
  public:
    explicit Failure(warpsmith_status status) : std::runtime_error(warpsmith_error_message()), status_(status) {}
    warpsmith_status status() const noexcept { return status_; }

    static void check(warpsmith_status status) {
        if (status != WARPSMITH_OK) {
            throw Failure(status);
        }
    }

  private:
    warpsmith_status status_;
};

struct CacheOptions {
    std::string target;            // "h200" or a target's JSON file; empty: the first local GPU
    std::string kernel_folder;     // empty: DATABASE.kernels
    bool accept_modelled = false;  // where nothing verified is near, also what was compiled but never run
    bool compile_missing = false;  // compile, at its first use, a kernel that is not in the folder
    std::string toolkit;           // to compile with; empty: the one that the library was built with
    std::string driver_library;    // empty: libcuda.so.1
};

// A recurrent cell of the user's own becomes a family, before the first query and cache: see warpsmith_own_cell.
inline void add_own_cell(const std::string& cell_file, const std::string& toolkit = {}) {
    Failure::check(warpsmith_own_cell(cell_file.c_str(), toolkit.c_str()));
}

// A workload, made from text once.
class Query {
  public:
    explicit Query(const std::string& text) { Failure::check(warpsmith_parse(text.c_str(), &query_)); }

    explicit Query(const warpsmith_query& raw) noexcept : query_(raw) {}

    // Changes one size. Throws std::out_of_range where the family has no such dimension.
    Query& set(const char* dimension, std::int64_t size) {
        query_.sizes[position(dimension)] = size;
        return *this;
    }

    // Of a dimension, for set(position, size), which is quicker.
    std::size_t position(const char* dimension) const {
        const int found = warpsmith_dimension(&query_, dimension);
        if (found < 0) {
            throw std::out_of_range(std::string("changing a query: its family has no dimension ") + dimension);
        }
        return static_cast<std::size_t>(found);
    }
    Query& set(std::size_t position, std::int64_t size) noexcept {
        query_.sizes[position] = size;
        return *this;
    }

    const warpsmith_query& raw() const noexcept { return query_; }

  private:
    warpsmith_query query_{};
};

// An answer; false where there is none, and `why` then says why. What it points to lives as long as the cache.
struct Choice : warpsmith_choice {
    explicit operator bool() const noexcept { return basis != WARPSMITH_NONE; }
    bool exact() const noexcept { return basis == WARPSMITH_EXACT; }
};

struct Kernel : warpsmith_kernel {
    // Enqueues it. The arguments are the kernel's parameters, in order and of their very types.
    template <class... Arguments>
    void launch(const Choice& choice, void* stream, Arguments... arguments) const {
        static_assert(sizeof...(Arguments) > 0, "a kernel has parameters");
        void* parameters[] = {static_cast<void*>(&arguments)...};
        Failure::check(warpsmith_launch(this, &choice, stream, parameters));
    }
};

// A tuning database, opened. Everything may be done by many threads at a time.
class Cache {
  public:
    explicit Cache(const std::string& database, const CacheOptions& options = {}) {
        warpsmith_options raw{};
        raw.target = options.target.c_str();
        raw.kernel_folder = options.kernel_folder.c_str();
        raw.accept_modelled = options.accept_modelled ? 1 : 0;
        raw.compile_missing = options.compile_missing ? 1 : 0;
        raw.toolkit = options.toolkit.c_str();
        raw.driver_library = options.driver_library.c_str();
        warpsmith_cache* opened = nullptr;
        Failure::check(warpsmith_open(database.c_str(), &raw, &opened));
        cache_.reset(opened);
    }

    Choice find(const Query& query) const noexcept {
        Choice choice{};
        warpsmith_find(cache_.get(), &query.raw(), &choice);
        return choice;
    }

    // A kernel of the user's own, by its T1 file: see warpsmith_own_kernel.
    Query own_kernel(const std::string& t1_file) {
        warpsmith_query query{};
        Failure::check(warpsmith_own_kernel(cache_.get(), t1_file.c_str(), &query));
        return Query(query);
    }

    // Takes in what was recorded since. False when nothing was.
    bool refresh() {
        int changed = 0;
        Failure::check(warpsmith_refresh(cache_.get(), &changed));
        return changed != 0;
    }

    // The cubin, from the kernel folder; no GPU is needed.
    Kernel fetch(const Choice& choice) const {
        Kernel kernel{};
        Failure::check(warpsmith_fetch(cache_.get(), &choice, &kernel));
        return kernel;
    }

    // Loaded into the calling thread's CUDA context.
    Kernel load(const Choice& choice) const {
        Kernel kernel{};
        Failure::check(warpsmith_load(cache_.get(), &choice, &kernel));
        return kernel;
    }

    std::size_t size() const noexcept { return warpsmith_size(cache_.get()); }

  private:
    struct Close {
        void operator()(warpsmith_cache* cache) const noexcept { warpsmith_close(cache); }
    };
    std::unique_ptr<warpsmith_cache, Close> cache_;
};

}  // namespace v0
}  // namespace warpsmith
