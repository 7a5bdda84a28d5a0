// What a tuning database says of kernels of the user's own, ready to be asked without text or locks.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "cache/best_trial.hpp"
#include "cache/loaded_kernels.hpp"
#include "cache/lookup_index.hpp"
#include "cache/own_kernel/own_kernel.hpp"

namespace warpsmith {

// Takes the trials of what the kernel's files say now: with a configuration of its space, and from its source.
Accepted trials_of(const OwnKernel& kernel, const Target& target);

class OwnAnswers {
  public:
    static constexpr std::size_t kMostKernels = 256;

    explicit OwnAnswers(Target target) : target_(std::move(target)) {}

    static bool is_own(const WorkloadCode& asked) { return (asked.kind & kOwnKind) != 0; }

    // Reads a T1 file and what it names; the code to ask with, the same for the same contents. Throws Error where the
    // files cannot be used, or there are too many kernels. Not at the same time as refresh() or another add().
    WorkloadCode add(const std::string& t1_file, SqliteConnection& connection);

    // Takes in what the database has now.
    void refresh(SqliteConnection& connection);

    // The fastest of the kernel, at the one launch that it is tuned for. Allocates nothing; on any thread at any time.
    Match find(const WorkloadCode& asked) const;

  private:
    // Above the kinds of all families; below it the kernel's number, from bit 32, and bits of its contents' digest.
    static constexpr std::uint64_t kOwnKind = std::uint64_t{1} << 63U;

    struct Known {
        OwnKernel kernel;
        std::string contents;  // digest
        std::uint64_t kind = 0;
        std::map<std::string, Solution> solutions;  // by the configuration's text
        std::atomic<const Match*> answer = nullptr;
    };

    Known& keep(OwnKernel kernel, const std::string& contents);
    void renew(Known& known, SqliteConnection& connection);
    Match match_of(const Known& known, const Trial& trial);
    AnsweredRow& add_row(const Winner& winner, const std::string& t1_file);
    KernelSlot& slot_of(std::string_view digest, std::string_view toolkit);

    Target target_;
    Strings strings_;
    std::deque<KernelSlot> slots_;
    std::deque<RenderAgain> sources_;
    std::deque<AnsweredRow> rows_;
    std::deque<Match> matches_;  // kept, as what they point to: somebody may hold one
    std::deque<Known> kept_;
    std::array<std::atomic<const Known*>, kMostKernels> known_{};  // of kept_
};

}  // namespace warpsmith
