// What the lanes of one warp know of other threads' accesses, and what they have made ready to publish.
#pragma once

#include <cstdint>

#include "device/emulator/knowledge.hpp"
#include "device/emulator/program.hpp"

namespace warpsmith::emulator {

// A fence makes what its thread knows ready to be published by the thread's next strong write; how far it carries.
enum class Scope : std::uint8_t { block, device };
constexpr std::size_t kScopes = 2;

struct Fence {
    KnowledgeId knowledge = 0;
    Time time = 0;              // 0: none yet
    KnowledgeId published = 0;  // knowledge extended by the own warp up to time; 0: not made yet
};

struct WarpOrder {
    KnowledgeId knowledge[kLanes] = {};
    KnowledgeId acquired[kLanes] = {};  // the last one that was joined, not to join it again
    Time block_floor[kLanes] = {};      // all of the own block is known up to here
    Time everyone[kLanes] = {};         // all of the grid
    Time mutual = 0;                    // all lanes know each other up to here
    Time pairs[kLanes][kLanes] = {};    // [knower][known]: lanes that synchronised as a part of the warp
    Fence fences[kScopes][kLanes];
    std::uint32_t first_actor = 0;  // of lane 0
};

}  // namespace warpsmith::emulator
