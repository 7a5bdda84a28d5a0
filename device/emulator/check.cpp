#include "device/emulator/check.hpp"

#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

void synchronise(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                 Ordering::Strong how) {
    if ((instruction.order & kOrdered) == 0 || !warp.worker->checker->finds_races()) {
        return;
    }
    how.releases = (instruction.order & kReleases) != 0;
    for_each_lane(lanes, [&](unsigned lane) { warp.worker->checker->strong_access(warp, lane, access, how); });
}

}  // namespace

void check_load(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                std::uint32_t bytes) {
    if (warp.worker->checker != nullptr) {
        synchronise(warp, instruction, lanes, access, {.reads = true});
        const bool strong = (instruction.order & kOrdered) != 0;
        warp.worker->checker->touch(warp, instruction, lanes, access,
                                    {.use = Use::read, .bytes = bytes, .strong = strong});
    }
}

void check_load_by_proxy(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                         std::uint32_t bytes) {
    if (warp.worker->checker != nullptr) {
        warp.worker->checker->touch(warp, instruction, lanes, access,
                                    {.use = Use::read, .bytes = bytes, .by_proxy = true});
    }
}

void check_store(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                 std::uint32_t bytes, const StoredValue* value) {
    if (warp.worker->checker != nullptr) {
        warp.worker->checker->touch(
            warp, instruction, lanes, access,
            {.use = Use::write, .bytes = bytes, .strong = (instruction.order & kOrdered) != 0, .stored = value});
        synchronise(warp, instruction, lanes, access, {.writes = true});
    }
}

void check_atomic(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                  std::uint32_t bytes) {
    if (warp.worker->checker != nullptr) {
        synchronise(warp, instruction, lanes, access, {.reads = true, .writes = true});
        warp.worker->checker->touch(warp, instruction, lanes, access,
                                    {.use = Use::atomic, .bytes = bytes, .strong = true});
    }
}

void check_copy_start(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                      std::uint32_t bytes) {
    if (warp.worker->checker != nullptr) {
        warp.worker->checker->touch(warp, instruction, lanes, access,
                                    {.use = Use::write, .bytes = bytes, .starts_copy = true});
    }
}

void check_copy_end(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                    std::uint32_t bytes) {
    if (warp.worker->checker != nullptr) {
        warp.worker->checker->touch(warp, instruction, lanes, access,
                                    {.use = Use::write, .bytes = bytes, .ends_copy = true});
    }
}

}  // namespace warpsmith::emulator
