// Global memory of one emulated device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "device/emulator/byte_set.hpp"

namespace warpsmith::emulator {

struct Allocation {
    std::uint64_t address = 0;
    std::size_t bytes = 0;
    std::unique_ptr<std::byte[]> host;  // null once freed
    bool read_only = false;             // a .const variable
    bool all_written = false;           // whatever `written` holds
    ByteSet written;
    bool freed() const { return host == nullptr; }
};

class Memory {
  public:
    // `most_bytes` at a time, whatever the kernel and its host ask for.
    explicit Memory(std::size_t most_bytes = ~std::size_t{0});
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    // Contents are all ones, which is NaN in every floating type. Addresses are multiples of 256 with at least 4 KiB of
    // nothing between allocations, and are not used again after free. Throws Error when there is no memory left.
    std::uint64_t allocate(std::size_t bytes);

    // What malloc in a kernel gives and free takes back: 0 when the heap is full, false when it is none of the heap.
    std::uint64_t allocate_in_heap(std::size_t bytes);
    // Pointers to its allocation do not hold any more.
    bool free_in_heap(std::uint64_t address);

    // Throws Error unless `address` is what allocate returned and is not freed yet.
    void free(std::uint64_t address);

    // Copies to or from the device. Throws Error when the range is not inside one live allocation.
    void write(std::uint64_t address, std::span<const std::byte> bytes);
    void read(std::uint64_t address, std::span<std::byte> bytes) const;

    // The allocation, freed or not, that holds `address`; null when none does.
    Allocation* find(std::uint64_t address);
    const Allocation* find(std::uint64_t address) const;

    // The last allocation that starts at or below `address`, for messages; null when there is none.
    const Allocation* below(std::uint64_t address) const;

    // Addresses of a module's variables: allocated at its first launch, kept for the next.
    std::vector<std::uint64_t>& module_variables(const std::weak_ptr<const void>& module) { return modules_[module]; }

    // From now on every byte counts as written: what a launch without checks stored is not tracked.
    void assume_written();

  private:
    const Allocation& live(std::uint64_t address, std::size_t bytes, const char* what) const;

    std::map<std::uint64_t, Allocation> allocations_;  // by address
    std::map<std::weak_ptr<const void>, std::vector<std::uint64_t>, std::owner_less<>> modules_;
    std::map<std::uint64_t, std::size_t> heap_;  // address and bytes
    std::deque<std::uint64_t> freed_in_heap_;    // remembered for messages, the last ones
    std::size_t heap_bytes_ = 0;
    std::size_t most_bytes_, live_bytes_ = 0;
    std::uint64_t next_;
};

}  // namespace warpsmith::emulator
