#include <algorithm>

#include "device/emulator/address_space.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/products.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

constexpr std::uint64_t kUnit = 16;  // bytes of shared memory that a wgmma reads at a time

// Of one warp under way, so that a kernel that never waits takes no end of memory. A right one has two for each wgmma
// of its few groups.
constexpr std::size_t kMostInputs = 1024;

// From here on the memory has been read: who writes it later has to come behind this.
void note_read(Warp& warp, const ProductInput& input) {
    const Instruction& instruction = warp.program->code[input.pc];
    Access access{.space = Space::shared, .one_region = true};
    access.region = find_region(warp, instruction, Space::shared, kSharedStart);
    unsigned lane = 0;
    const auto flush = [&] {
        check_load(warp, instruction, lane == kLanes ? kAllLanes : (1U << lane) - 1, access, kUnit);
        lane = 0;
    };
    for (const auto& [first, last] : input.pieces) {
        for (std::uint64_t at = first; at < last; at += kUnit) {
            access.address[lane] = kSharedStart + at;
            access.host[lane] = warp.block->shared.data() + at;
            if (++lane == kLanes) {
                flush();
            }
        }
    }
    flush();
}

}  // namespace

bool ProductInput::overlaps(std::uint64_t first, std::uint64_t last) const {
    if (pieces.empty() || last <= pieces.front().first || first >= pieces.back().second) {
        return false;
    }
    const auto behind = std::upper_bound(pieces.begin(), pieces.end(), first,
                                         [](std::uint64_t at, const auto& piece) { return at < piece.second; });
    return behind != pieces.end() && behind->first < last;
}

void hold_input(Warp& warp, const Instruction& instruction, std::span<const std::uint64_t> addresses) {
    if (warp.products == nullptr) {
        return;
    }
    ProductInput input{.pc = static_cast<std::uint32_t>(&instruction - warp.program->code.data()),
                       .group = warp.products->committed};
    std::vector<std::uint64_t> units(addresses.begin(), addresses.end());
    std::sort(units.begin(), units.end());
    for (const std::uint64_t unit : units) {
        const std::uint64_t first = unit - kSharedStart;
        if (unit < kSharedStart || first + kUnit > warp.block->shared.size()) {  // told already
            continue;
        }
        if (input.pieces.empty() || input.pieces.back().second < first) {
            input.pieces.emplace_back(first, first);
        }
        input.pieces.back().second = first + kUnit;
    }
    std::vector<ProductInput>& inputs = warp.products->inputs;
    const auto same = std::find_if(inputs.begin(), inputs.end(), [&](const ProductInput& other) {
        return other.pc == input.pc && other.pieces == input.pieces;
    });
    if (same != inputs.end()) {  // held for longer
        *same = std::move(input);
        return;
    }
    if (inputs.size() >= kMostInputs) {
        inputs.erase(inputs.begin());
    }
    inputs.push_back(std::move(input));
}

void fence_products(Warp& warp) {
    if (warp.products != nullptr) {
        ++warp.products->fences;
    }
}

void commit_products(Warp& warp) {
    if (warp.products != nullptr) {
        ++warp.products->committed;
    }
}

void await_products(Warp& warp, std::uint32_t kept) {
    if (warp.products == nullptr) {
        return;
    }
    WarpProducts& products = *warp.products;
    products.complete = std::max(products.complete, products.committed - std::min(kept, products.committed));
    for (const ProductInput& input : products.inputs) {
        if (input.group < products.complete && !input.overwritten) {
            note_read(warp, input);
        }
    }
    std::erase_if(products.inputs, [&](const ProductInput& input) { return input.group < products.complete; });
}

}  // namespace warpsmith::emulator
