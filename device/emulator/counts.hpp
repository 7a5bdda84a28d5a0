// What a launch executed, by class of instruction and by source line.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace warpsmith::emulator {

// What an instruction is counted as.
enum class Class : std::uint8_t {
    integer,       // arithmetic, logic and bits of integers
    f32,           // add, multiply, fused multiply-add, minimum of f32
    f64,           // the same of f64
    half,          // the same of f16 and bf16, packed or not
    special,       // approximations and division, square root
    convert,       // cvt
    move,          // mov, cvta, selp and others that rearrange bits
    compare,       // setp, set
    load_global,   // also generic
    store_global,  // also generic
    load_shared,
    store_shared,
    load_local,
    store_local,
    load_constant,  // parameters too
    atomic,         // atom, red
    copy_async,     // cp.async and bulk copies
    tensor,         // mma, wgmma
    matrix_load,    // ldmatrix, stmatrix
    shuffle,        // shfl
    vote,           // vote, match, redux, activemask
    barrier,        // block, warp and cluster barriers, mbarrier
    branch,         // bra, call, ret, exit
    fence,
    other,
};
constexpr std::size_t kClasses = static_cast<std::size_t>(Class::other) + 1;

// "integer", "load_global" and so on.
std::string_view name_of(Class kind);

// Of one instruction class, or summed over some.
struct Tally {
    std::uint64_t warps = 0;    // warp-instructions issued
    std::uint64_t threads = 0;  // lanes that executed them
};

// Traffic of global and shared memory; counted when a launch is profiled.
struct Traffic {
    std::uint64_t global_bytes = 0;    // asked for by lanes
    std::uint64_t global_sectors = 0;  // distinct 32-byte sectors per warp access
    std::uint64_t shared_bytes = 0;
    std::uint64_t shared_wavefronts = 0;      // passes over the 32 banks
    std::uint64_t shared_bank_conflicts = 0;  // passes beyond those that the bytes alone need
};

struct LineCounts {
    std::string file;
    unsigned line = 0;
    Tally all;
    std::array<Tally, kClasses> by_class;
    Traffic traffic;
    std::uint64_t tensor_macs = 0;
};

struct Counts {
    Tally all;
    std::array<Tally, kClasses> by_class;
    Traffic traffic;
    std::uint64_t tensor_macs = 0;  // multiply-adds of mma and wgmma
    std::vector<LineCounts> lines;  // by file and line; only when profiled

    const Tally& of(Class kind) const { return by_class[static_cast<std::size_t>(kind)]; }
};

}  // namespace warpsmith::emulator
