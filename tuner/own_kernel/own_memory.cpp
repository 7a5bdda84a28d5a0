#include "tuner/own_kernel/own_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

// As between the tensors of families: a row of the widest tile, and a multiple of every alignment.
constexpr std::size_t kGuardBytes = 4096;

// A NaN of every type that has one.
constexpr std::byte kPattern{0xFF};

// Each buffer has random values of its own.
std::uint64_t seed_of(std::uint64_t seed, std::size_t argument) {
    return seed + (std::uint64_t{argument} << 32U);
}

}  // namespace

OwnMemory::OwnMemory(Device& device, const OwnKernel& kernel, std::uint64_t seed)
    : device_(device), kernel_(kernel), guard_(device.measures() ? kGuardBytes : 0) {
    for (std::size_t i = 0; i < kernel.arguments.size(); ++i) {
        const OwnArgument& argument = kernel.arguments[i];
        std::vector<std::byte> contents = contents_of(argument, argument.fill, seed_of(seed, i));
        if (!argument.is_buffer) {
            arguments_.emplace_back(ByValue{std::move(contents)});
            continue;
        }
        std::vector<std::byte> image;
        if (guard_ > 0 || !contents.empty()) {
            image.assign(argument.bytes() + 2 * guard_, kPattern);
            std::ranges::copy(contents, image.begin() + static_cast<std::ptrdiff_t>(guard_));
        }
        placed_.push_back({i, std::move(image), DeviceMemory(device, argument.bytes() + 2 * guard_)});
        const Buffer buffer = placed_.back().memory.buffer();
        arguments_.emplace_back(Buffer{.address = buffer.address + guard_, .bytes = argument.bytes()});
    }
    for (const OwnArgument& symbol : kernel.symbols) {
        symbols_.push_back(contents_of(symbol, symbol.fill, seed_of(seed, kernel.arguments.size() + symbols_.size())));
    }
    restore();
}

// A variable whose size depends on parameters is as large as the configuration makes it, and its contents as large as
// the largest.
void OwnMemory::fill_symbols(Kernel& kernel) const {
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
        const std::string& name = kernel_.symbols[i].name;
        const std::optional<Buffer> variable = kernel.variable(name);
        if (!variable) {
            throw Error(fmt::format(
                "filling the Symbol {0}: the kernel's file has no variable {0} outside all functions and namespaces "
                "that it uses; declare it as __constant__",
                name));
        }
        if (variable->bytes > symbols_[i].size()) {
            throw Error(fmt::format("filling the Symbol {}: it has {} bytes, the T1 file gives {}", name,
                                    variable->bytes, symbols_[i].size()));
        }
        device_.write(*variable, std::span(symbols_[i]).first(variable->bytes));
    }
}

std::size_t OwnMemory::buffer_bytes() const {
    std::size_t bytes = 0;
    for (const Placed& placed : placed_) {
        bytes += kernel_.arguments[placed.argument].bytes();
    }
    return bytes;
}

void OwnMemory::restore() {
    for (const Placed& placed : placed_) {
        if (!placed.image.empty()) {
            device_.write(placed.memory.buffer(), placed.image);
        }
    }
}

std::vector<std::byte> OwnMemory::whole(const Placed& placed) const {
    std::vector<std::byte> bytes(placed.memory.buffer().bytes);
    device_.read(placed.memory.buffer(), bytes);
    return bytes;
}

std::vector<std::byte> OwnMemory::read(std::size_t argument) const {
    const auto placed = std::ranges::find(placed_, argument, &Placed::argument);
    const std::vector<std::byte> bytes = whole(*placed);
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(guard_);
    return {first, bytes.end() - static_cast<std::ptrdiff_t>(guard_)};
}

std::string OwnMemory::stray_write() const {
    for (const Placed& placed : placed_) {
        const OwnArgument& argument = kernel_.arguments[placed.argument];
        if (placed.image.empty() || (argument.is_output && guard_ == 0)) {
            continue;
        }
        const std::vector<std::byte> now = whole(placed);
        std::size_t zones = 0, inside = 0;
        for (std::size_t i = 0; i < now.size(); ++i) {
            const bool in_zone = i < guard_ || i >= now.size() - guard_;
            const bool changed = now[i] != placed.image[i];
            zones += changed && in_zone ? 1 : 0;
            inside += changed && !in_zone && !argument.is_output ? 1 : 0;
        }
        if (zones > 0) {
            return fmt::format("{} bytes around {} were overwritten", zones, argument.name);
        }
        if (inside > 0) {
            return fmt::format("{} bytes of {} were overwritten, which is only to be read", inside, argument.name);
        }
    }
    return {};
}

}  // namespace warpsmith
