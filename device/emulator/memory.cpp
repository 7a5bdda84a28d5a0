#include "device/emulator/memory.hpp"

#include <cstring>
#include <new>
#include <string>

#include "device/emulator/address_space.hpp"
#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

constexpr std::uint64_t kAlignment = 256;  // as cudaMalloc
constexpr std::uint64_t kGuard = 4096;
constexpr int kUnwritten = 0xFF;
constexpr std::size_t kHeapBytes = std::size_t{8} << 20;  // as cudaLimitMallocHeapSize
constexpr std::size_t kMostInHeap = 1U << 16;             // allocations, each of which costs the host some 500 bytes

std::string range_text(std::uint64_t address, std::size_t bytes) {
    return std::to_string(bytes) + " bytes at " + std::to_string(address);
}

}  // namespace

Memory::Memory(std::size_t most_bytes) : most_bytes_(most_bytes), next_(kGlobalStart) {}

std::uint64_t Memory::allocate(std::size_t bytes) {
    Allocation allocation{.address = next_, .bytes = bytes};
    if (bytes > most_bytes_ - live_bytes_) {
        throw Error("allocating emulated device memory: " + std::to_string(bytes) + " bytes beyond the " +
                    std::to_string(live_bytes_) + " in use, where there are " + std::to_string(most_bytes_) +
                    "; use a smaller workload");
    }
    try {
        allocation.host.reset(new std::byte[bytes + kAlignment]);  // room for the alignment of vector accesses
        allocation.written = ByteSet(bytes);
    } catch (const std::bad_alloc&) {
        throw Error("allocating emulated device memory: the host has no room for " + std::to_string(bytes) +
                    " bytes; use a smaller workload");
    }
    std::memset(allocation.host.get(), kUnwritten, bytes + kAlignment);
    const std::uint64_t address = next_;
    next_ = (next_ + bytes + kGuard + kAlignment - 1) / kAlignment * kAlignment;
    allocations_.emplace(address, std::move(allocation));
    live_bytes_ += bytes;
    return address;
}

void Memory::free(std::uint64_t address) {
    const auto found = allocations_.find(address);
    if (found == allocations_.end() || found->second.freed()) {
        throw Error("freeing emulated device memory: " + std::to_string(address) +
                    " is not an allocation; free each address that allocate returned once");
    }
    live_bytes_ -= found->second.bytes;
    found->second.host.reset();
    found->second.written = ByteSet();
}

std::uint64_t Memory::allocate_in_heap(std::size_t bytes) {
    if (bytes == 0 || bytes > kHeapBytes - heap_bytes_ || heap_.size() >= kMostInHeap) {
        return 0;
    }
    const std::uint64_t address = allocate(bytes);
    heap_[address] = bytes;
    heap_bytes_ += bytes;
    return address;
}

bool Memory::free_in_heap(std::uint64_t address) {
    const auto found = heap_.find(address);
    if (found == heap_.end()) {
        return false;
    }
    heap_bytes_ -= found->second;
    heap_.erase(found);
    free(address);
    freed_in_heap_.push_back(address);
    if (freed_in_heap_.size() > kMostInHeap) {
        allocations_.erase(freed_in_heap_.front());
        freed_in_heap_.pop_front();
    }
    return true;
}

const Allocation* Memory::below(std::uint64_t address) const {
    auto next = allocations_.upper_bound(address);
    return next == allocations_.begin() ? nullptr : &std::prev(next)->second;
}

const Allocation* Memory::find(std::uint64_t address) const {
    const Allocation* const candidate = below(address);
    return candidate != nullptr && address - candidate->address < candidate->bytes ? candidate : nullptr;
}

Allocation* Memory::find(std::uint64_t address) {
    return const_cast<Allocation*>(static_cast<const Memory*>(this)->find(address));
}

const Allocation& Memory::live(std::uint64_t address, std::size_t bytes, const char* what) const {
    const Allocation* const allocation = below(address);
    if (allocation == nullptr || allocation->freed() || address - allocation->address > allocation->bytes ||
        bytes > allocation->bytes - (address - allocation->address)) {
        throw Error(std::string(what) + " emulated device memory: " + range_text(address, bytes) +
                    " are not inside one allocation; check the address and the size");
    }
    return *allocation;
}

void Memory::write(std::uint64_t address, std::span<const std::byte> bytes) {
    Allocation& allocation = const_cast<Allocation&>(live(address, bytes.size(), "writing"));
    const std::size_t offset = address - allocation.address;
    if (!bytes.empty()) {
        std::memcpy(allocation.host.get() + offset, bytes.data(), bytes.size());
    }
    allocation.written.insert(offset, bytes.size());
}

void Memory::read(std::uint64_t address, std::span<std::byte> bytes) const {
    const Allocation& allocation = live(address, bytes.size(), "reading");
    if (!bytes.empty()) {
        std::memcpy(bytes.data(), allocation.host.get() + (address - allocation.address), bytes.size());
    }
}

void Memory::assume_written() {
    for (auto& [address, allocation] : allocations_) {
        allocation.all_written = true;
    }
}

}  // namespace warpsmith::emulator
