// The checks that a launch asks for: races, and reads of memory that nothing wrote.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "device/emulator/access.hpp"
#include "device/emulator/byte_set.hpp"
#include "device/emulator/ordering.hpp"
#include "device/emulator/shadow.hpp"

namespace warpsmith::emulator {

// What lanes are about to store: registers of one element each, of which the low bytes go to memory.
struct StoredValue {
    const Slot* slots = nullptr;
    std::uint32_t elements = 1;
    std::uint32_t element_bytes = 4;
    std::uint32_t register_bytes = 4;
};

// How lanes touch memory, as far as checks care.
struct Touch {
    Use use = Use::read;
    std::uint32_t bytes = 4;              // per lane
    bool strong = false;                  // atomic or volatile: does not race with its like
    bool starts_copy = false;             // an asynchronous copy into this memory begins
    bool ends_copy = false;               // and ends
    bool by_proxy = false;                // the asynchronous one, as wgmma and bulk copies
    const StoredValue* stored = nullptr;  // what a store will write: the same value twice does no harm
};

struct Cluster;
struct Grid;

// "'st.shared.f32' at kernel.cu:7"
std::string place_text(const Program& program, std::uint32_t pc);

class Checker {
  public:
    Checker(const Grid& grid, std::uint32_t warps_per_block);

    void start(Block& block);

    // What the lanes are going to do.
    void touch(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access, const Touch& how);

    // Synchronisation by one lane through the location that it accessed.
    void strong_access(Warp& warp, unsigned lane, const Access& access, const Ordering::Strong& how);

    // A fence.proxy of any thread of the cluster.
    void fence_proxy(Cluster& cluster) const;

    // The allocation is freed: its records go.
    void forget(const Allocation* allocation) { shadows_.erase(allocation); }

    Ordering& ordering() { return ordering_; }
    bool finds_races() const { return races_; }

  private:
    // One region and what lanes touch in it.
    struct Span {
        Warp& warp;
        const Instruction& instruction;
        const Region& region;
        const Access& access;
        std::uint32_t lanes;
        bool consecutive;  // all lanes, one behind the other without a gap
        std::uint64_t offset(unsigned lane) const { return access.address[lane] - region.first; }
    };
    void touch_region(const Span& span, const Touch& how);
    static bool all_written(const ByteSet& written, const Span& span, std::uint32_t bytes);
    void check_written(const Span& span, const Touch& how);
    void check_races(const Span& span, const Touch& how);
    static std::pair<std::uint64_t, std::uint64_t> ends(const Span& span, const Touch& how);
    void check_asynchronous(const Span& span, const Touch& how);
    void check_outgoing(const Span& span, const Touch& how);
    void check_products(const Span& span, const Touch& how);
    void check_proxy(const Span& span, const Touch& how);
    // What all lanes of an access have in common.
    struct Noting {
        Shadow& shadow;
        Summary who;
        Note note;
        const Touch& how;
    };
    Note note_of(const Span& span, const Touch& how) const;
    void check_shared_read(const Span& span, const Noting& noting);
    // Lanes one after another whose bytes lie at equal distances, a power of two.
    struct Run {
        unsigned first = 0, count = 1;
        std::uint64_t stride = 4;  // bytes
    };
    static Run run_from(const Span& span, std::uint32_t lanes, const Noting& noting);
    void check_run(const Span& span, const Noting& noting, const Run& run);
    void check_lane(const Span& span, const Noting& noting, unsigned lane, std::size_t index);
    bool conflicts(const Span& span, unsigned lane, const AccessRecord& record, const Touch& how) const;
    bool harmless(const Span& span, unsigned lane, const AccessRecord& write, const Touch& how) const;
    void report_race(const Span& span, unsigned lane, const AccessRecord& record, const Touch& how, bool against_write);
    void report_unwritten(const Span& span, unsigned lane, const Touch& how);
    Shadow& shadow_of(const Region& region);
    std::uint32_t place_of(const Span& span) const;

    const Grid& grid_;
    bool races_, uninitialised_;
    Ordering ordering_;
    std::unordered_map<const Allocation*, Shadow> shadows_;
};

}  // namespace warpsmith::emulator
