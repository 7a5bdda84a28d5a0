// Where the state spaces lie in the generic address space of an emulated thread.
#pragma once

#include <cstdint>

namespace warpsmith::emulator {

// Windows are far apart, so that an address that runs off one is in none. Global memory is what lies above them all.
constexpr std::uint64_t kSharedWindow = 0x0100'0000'0000;
constexpr std::uint64_t kLocalWindow = 0x0200'0000'0000;
constexpr std::uint64_t kParamWindow = 0x0300'0000'0000;
constexpr std::uint64_t kCodeWindow = 0x0400'0000'0000;
constexpr std::uint64_t kGlobalStart = 0x7000'0000'0000;
constexpr std::uint64_t kWindowBytes = std::uint64_t{1} << 32;

// Shared memory starts behind what the system reserves in each block, as on sm_90; so address 0 is never valid.
constexpr std::uint64_t kSharedStart = 1024;

// A shared::cluster address names the block of rank r with r + 1 in the bits above these; 0 there is the own block.
constexpr unsigned kClusterRankShift = 24;

// Function addresses are 16 apart: kCodeWindow + 16 * index.
constexpr std::uint64_t kFunctionStride = 16;

}  // namespace warpsmith::emulator
