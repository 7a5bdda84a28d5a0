// What handlers of memory instructions tell the checks of a launch; nothing happens when there are none.
#pragma once

#include <cstdint>

#include "device/emulator/access.hpp"
#include "device/emulator/checker.hpp"

namespace warpsmith::emulator {

// Of Instruction::order: what a memory instruction does beyond moving bytes, and what a barrier asks for.
constexpr std::uint8_t kOrdered = 1;         // volatile, relaxed, atomic: strong
constexpr std::uint8_t kReleases = 2;        // publishes what its thread did before
constexpr std::uint8_t kAlignedBarrier = 4;  // wants all lanes of the warp at the same instruction

// All are called before the access is done. The lanes load `bytes` each.
void check_load(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                std::uint32_t bytes);

// The same through the asynchronous proxy: what ordinary stores wrote wants a proxy fence between.
void check_load_by_proxy(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                         std::uint32_t bytes);

// The lanes will store.
void check_store(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                 std::uint32_t bytes, const StoredValue* value = nullptr);

void check_atomic(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                  std::uint32_t bytes);

// An asynchronous copy into this memory begins, and ends: the one write that may follow the first.
void check_copy_start(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                      std::uint32_t bytes);

void check_copy_end(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                    std::uint32_t bytes);

}  // namespace warpsmith::emulator
