// The fragments of mma.sync as rows of numbers: how A, B and the accumulator lie in the registers of a warp.
//
// A register of the warp is a tile of 8 rows of 16 bytes, row r in lanes 4r to 4r + 3. Registers of A go down the rows
// first (0-7, 8-15), then along k; those of B, whose rows are columns n, along k. An accumulator of 32 bits has columns
// 2c and 2c + 1 in two registers.
#pragma once

#include <cstdint>
#include <limits>

#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/rounding.hpp"
#include "device/emulator/small_floats.hpp"

namespace warpsmith::emulator::mma {

using namespace short_names;

constexpr u32 kM = 16, kN = 8;

// How an element of A or B is read: its type in registers, that of its value, and that in which products are added up.
template <class H>
struct HalfElement {
    using Stored = H;
    using Narrow = float;
    using Number = double;
    WARPSMITH_INLINE float value(H x) { return widen(x); }
};
struct Tf32Element {
    using Stored = u32;
    using Narrow = float;
    using Number = double;
    WARPSMITH_INLINE float value(u32 x) { return std::bit_cast<float>(x & 0xFFFFE000); }
};
template <class T>
struct IntegerElement {
    using Stored = T;
    using Narrow = s32;
    using Number = s32;
    WARPSMITH_INLINE s32 value(T x) { return x; }
};

template <class Element>
constexpr u32 kPerTile = 16 / sizeof(typename Element::Stored);  // elements of a tile's row

// Registers listed from `slots` on, each a tile, to rows of k numbers. `tile_rows` counts the tiles on top of each
// other.
template <class Element, u32 K, u32 tile_rows>
[[gnu::always_inline]] inline void unpack_tiles(const Warp& warp, const Slot* slots,
                                                typename Element::Number (*rows)[K]) {
    using Stored = typename Element::Stored;
    constexpr u32 per_tile = kPerTile<Element>, elements = 8 * per_tile;
    for (u32 t = 0; t < K / per_tile * tile_rows; ++t) {
        const Stored* const tile = warp.source<Stored>(slots[t]);
        alignas(64) typename Element::Narrow flat[elements];
        for (u32 i = 0; i < elements; ++i) {
            flat[i] = Element::value(tile[i]);
        }
        for (u32 r = 0; r < 8; ++r) {
            for (u32 i = 0; i < per_tile; ++i) {
                rows[t % tile_rows * 8 + r][t / tile_rows * per_tile + i] = flat[r * per_tile + i];
            }
        }
    }
}

// Accumulators: 32 bits, two registers per tile of 8 x 8; or halves, one register per tile.
struct FloatAccumulator {
    using Number = double;
    static constexpr u32 registers = 4;
    [[gnu::always_inline]] static inline void read(const Warp& warp, const Slot* slots, double (*c)[kN]) {
        for (u32 i = 0; i < registers; ++i) {
            const float* const half = warp.source<float>(slots[i]);
            for (u32 lane = 0; lane < kLanes; ++lane) {
                c[i / 2 * 8 + lane / 4][lane % 4 * 2 + i % 2] = half[lane];
            }
        }
    }
    [[gnu::always_inline]] static inline void write(Warp& warp, const Slot* slots, const double (*d)[kN], bool) {
        for (u32 i = 0; i < registers; ++i) {
            float* const half = warp.target<float>(slots[i]);
            for (u32 lane = 0; lane < kLanes; ++lane) {
                half[lane] = canonical(static_cast<float>(d[i / 2 * 8 + lane / 4][lane % 4 * 2 + i % 2]));
            }
        }
    }
};
struct HalfAccumulator {
    using Number = double;
    static constexpr u32 registers = 2;
    [[gnu::always_inline]] static inline void read(const Warp& warp, const Slot* slots, double (*c)[kN]) {
        for (u32 i = 0; i < registers; ++i) {
            const Float16* const tile = warp.source<Float16>(slots[i]);
            for (u32 e = 0; e < 2 * kLanes; ++e) {
                c[i * 8 + e / kN][e % kN] = static_cast<double>(widen(tile[e]));
            }
        }
    }
    [[gnu::always_inline]] static inline void write(Warp& warp, const Slot* slots, const double (*d)[kN], bool) {
        for (u32 i = 0; i < registers; ++i) {
            Float16* const tile = warp.target<Float16>(slots[i]);
            for (u32 e = 0; e < 2 * kLanes; ++e) {
                tile[e] = narrow_to_half(narrow_to_odd(d[i * 8 + e / kN][e % kN]));
            }
        }
    }
};
struct IntegerAccumulator {
    using Number = s64;
    static constexpr u32 registers = 4;
    [[gnu::always_inline]] static inline void read(const Warp& warp, const Slot* slots, s64 (*c)[kN]) {
        for (u32 i = 0; i < registers; ++i) {
            const s32* const half = warp.source<s32>(slots[i]);
            for (u32 lane = 0; lane < kLanes; ++lane) {
                c[i / 2 * 8 + lane / 4][lane % 4 * 2 + i % 2] = half[lane];
            }
        }
    }
    [[gnu::always_inline]] static inline void write(Warp& warp, const Slot* slots, const s64 (*d)[kN], bool clamps) {
        for (u32 i = 0; i < registers; ++i) {
            s32* const half = warp.target<s32>(slots[i]);
            for (u32 lane = 0; lane < kLanes; ++lane) {
                const s64 value = d[i / 2 * 8 + lane / 4][lane % 4 * 2 + i % 2];
                const s64 low = std::numeric_limits<s32>::min(), high = std::numeric_limits<s32>::max();
                const s64 clamped = value < low ? low : value > high ? high : value;
                half[lane] = static_cast<s32>(static_cast<u32>(clamps ? clamped : value));
            }
        }
    }
};

}  // namespace warpsmith::emulator::mma
