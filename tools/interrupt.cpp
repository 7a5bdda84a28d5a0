#include "tools/interrupt.hpp"

#include <csignal>

namespace warpsmith {
namespace {

// The one global of the program: a signal handler has no other way to tell anyone.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch lock-free atomics only");

void set_interrupted(int /*signal*/) {
    interrupted = true;
}

}  // namespace

const std::atomic<bool>& watch_for_interrupt() {
    struct sigaction action {};
    action.sa_handler = set_interrupted;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    return interrupted;
}

}  // namespace warpsmith
