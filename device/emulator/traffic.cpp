#include "device/emulator/traffic.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

constexpr std::uint64_t kSectorBytes = 32, kBankBytes = 4;
constexpr std::uint32_t kBanks = 32;

std::uint64_t distinct_sectors(const std::uint64_t* address, std::uint32_t lanes, std::uint32_t bytes) {
    std::array<std::uint64_t, 2 * kLanes> sectors;
    std::size_t count = 0;
    for_each_lane(lanes, [&](unsigned lane) {
        sectors[count++] = address[lane] / kSectorBytes;
        sectors[count++] = (address[lane] + bytes - 1) / kSectorBytes;
    });
    std::sort(sectors.begin(), sectors.begin() + static_cast<std::ptrdiff_t>(count));
    return static_cast<std::uint64_t>(
        std::unique(sectors.begin(), sectors.begin() + static_cast<std::ptrdiff_t>(count)) - sectors.begin());
}

// Passes that some lanes take together: a bank serves one word per pass, to every lane that wants it; an atomic
// operation goes lane by lane.
std::uint64_t passes(const std::uint64_t* address, std::uint32_t lanes, std::uint32_t bytes, Use use) {
    std::array<std::uint64_t, kLanes * 4> words;
    std::size_t count = 0;
    for_each_lane(lanes, [&](unsigned lane) {
        const std::uint64_t first = address[lane] / kBankBytes, last = (address[lane] + bytes - 1) / kBankBytes;
        for (std::uint64_t word = first; word <= last && count < words.size(); ++word) {
            words[count++] = word;
        }
    });
    auto end = words.begin() + static_cast<std::ptrdiff_t>(count);
    if (use != Use::atomic) {
        std::sort(words.begin(), end);
        end = std::unique(words.begin(), end);
    }
    std::array<std::uint32_t, kBanks> load = {};
    std::for_each(words.begin(), end, [&](std::uint64_t word) { ++load[word % kBanks]; });
    return *std::max_element(load.begin(), load.end());
}

// Lanes that are served together: 32 of up to 4 bytes, 16 of 8, 8 of 16.
std::uint32_t lanes_per_phase(std::uint32_t bytes) {
    return bytes <= 4 ? 32 : std::max(1U, 128 / bytes);
}

void count_shared(Traffic& traffic, const std::uint64_t* address, std::uint32_t lanes, std::uint32_t bytes, Use use) {
    const std::uint32_t width = lanes_per_phase(bytes);
    for (std::uint32_t first = 0; first < kLanes; first += width) {
        const std::uint32_t together = lanes & (width == kLanes ? kAllLanes : ((1U << width) - 1) << first);
        if (together != 0) {
            const std::uint64_t needed = passes(address, together, bytes, use);
            traffic.shared_wavefronts += needed;
            traffic.shared_bank_conflicts += needed - 1;
        }
    }
    traffic.shared_bytes += static_cast<std::uint64_t>(std::popcount(lanes)) * bytes;
}

}  // namespace

void count_bulk_traffic(Warp& warp, const Instruction& instruction, const Region& region, std::uint64_t address,
                        std::uint64_t bytes) {
    if (warp.worker->traffic.empty()) {
        return;
    }
    Traffic& traffic = warp.worker->traffic[static_cast<std::size_t>(&instruction - warp.program->code.data())];
    if (region.allocation != nullptr) {
        traffic.global_bytes += bytes;
        traffic.global_sectors += (address % kSectorBytes + bytes + kSectorBytes - 1) / kSectorBytes;
    } else if (region.owner != nullptr) {
        traffic.shared_bytes += bytes;
        traffic.shared_wavefronts += (bytes + kBanks * kBankBytes - 1) / (kBanks * kBankBytes);
    }
}

void count_traffic(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                   std::uint32_t bytes, Use use) {
    if (warp.worker->traffic.empty() || lanes == 0) {
        return;
    }
    Traffic& traffic = warp.worker->traffic[static_cast<std::size_t>(&instruction - warp.program->code.data())];
    std::uint32_t global = 0, shared = 0;
    for_each_lane(lanes, [&](unsigned lane) {
        const Region region =
            access.one_region ? access.region : find_region(warp, instruction, access.space, access.address[lane]);
        global |= (region.allocation != nullptr ? 1U : 0U) << lane;
        shared |= (region.owner != nullptr ? 1U : 0U) << lane;
    });
    if (global != 0) {
        traffic.global_bytes += static_cast<std::uint64_t>(std::popcount(global)) * bytes;
        traffic.global_sectors += distinct_sectors(access.address, global, bytes);
    }
    if (shared != 0) {
        count_shared(traffic, access.address, shared, bytes, use);
    }
}

}  // namespace warpsmith::emulator
