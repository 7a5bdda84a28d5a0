// mma.sync of integers of 8 bits in 8 x 8 results, of 4 bits and of 1 bit, word by word: a register of A or B is a tile
// of 8 rows of four words (see mma_fragments.hpp).
#include <cstring>

#include "device/emulator/dot_word.hpp"
#include "device/emulator/mma_row.hpp"
#include "device/emulator/schedule.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

constexpr u32 kN = 8, kWordsOfRow = 4;

// Slots from `extra` on: D, A, B, C. `aux` says whether the result clamps.
template <class Dot, u32 M, u32 tiles>
void run(Warp& warp, const Instruction& instruction, u32) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    constexpr u32 heights = M / 8, results = 2 * heights;
    const Slot* const slots = warp.program->slots.data() + instruction.extra;
    const Slot *const slots_a = slots + results, *const slots_b = slots_a + tiles * heights;
    s32 result[results][kLanes];
    for (u32 i = 0; i < results; ++i) {
        const s32* const c = warp.source<s32>(slots_b[tiles + i]);
        for (u32 lane = 0; lane < kLanes; ++lane) {
            s64 sum = c[lane];
            for (u32 word = 0; word < tiles * kWordsOfRow; ++word) {
                const u32 tile = word / kWordsOfRow, at = word % kWordsOfRow, column = lane % 4 * 2 + i % 2;
                const u32* const a = warp.source<u32>(slots_a[tile * heights + i / 2]);
                const u32* const b = warp.source<u32>(slots_b[tile]);
                sum += Dot::apply(a[lane / 4 * kWordsOfRow + at], b[column * kWordsOfRow + at]);
            }
            result[i][lane] = narrow_sum(sum, instruction.aux != 0);
        }
    }
    for (u32 i = 0; i < results; ++i) {
        std::memcpy(warp.target<s32>(slots[i]), result[i], sizeof(result[i]));
    }
    warp.advance();
}

// `tiles` registers of B hold K rows.
template <class Dot, u32 M, u32 tiles>
constexpr MmaRow row(std::string_view shape, u32 k, Type a, Type b, std::string_view bit_operation = {}) {
    return {shape,
            Type::s32,
            a,
            b,
            Type::s32,
            {M / 4, tiles * M / 8, tiles, M / 4},
            32,
            M * kN * k,
            run<Dot, M, tiles>,
            bit_operation};
}

template <bool sign_a, bool sign_b>
using Nibbles = ProductsOf<4, sign_a, sign_b>;

constexpr MmaRow kMmaNarrowRows[] = {
    row<ProductsOf<8, true, true>, 8, 1>("m8n8k16", 16, Type::s8, Type::s8),
    row<ProductsOf<8, true, false>, 8, 1>("m8n8k16", 16, Type::s8, Type::u8),
    row<ProductsOf<8, false, true>, 8, 1>("m8n8k16", 16, Type::u8, Type::s8),
    row<ProductsOf<8, false, false>, 8, 1>("m8n8k16", 16, Type::u8, Type::u8),
    row<Nibbles<true, true>, 8, 1>("m8n8k32", 32, Type::s4, Type::s4),
    row<Nibbles<true, false>, 8, 1>("m8n8k32", 32, Type::s4, Type::u4),
    row<Nibbles<false, true>, 8, 1>("m8n8k32", 32, Type::u4, Type::s4),
    row<Nibbles<false, false>, 8, 1>("m8n8k32", 32, Type::u4, Type::u4),
    row<Nibbles<true, true>, 16, 1>("m16n8k32", 32, Type::s4, Type::s4),
    row<Nibbles<true, false>, 16, 1>("m16n8k32", 32, Type::s4, Type::u4),
    row<Nibbles<false, true>, 16, 1>("m16n8k32", 32, Type::u4, Type::s4),
    row<Nibbles<false, false>, 16, 1>("m16n8k32", 32, Type::u4, Type::u4),
    row<Nibbles<true, true>, 16, 2>("m16n8k64", 64, Type::s4, Type::s4),
    row<Nibbles<true, false>, 16, 2>("m16n8k64", 64, Type::s4, Type::u4),
    row<Nibbles<false, true>, 16, 2>("m16n8k64", 64, Type::u4, Type::s4),
    row<Nibbles<false, false>, 16, 2>("m16n8k64", 64, Type::u4, Type::u4),
    row<CountOfXor, 8, 1>("m8n8k128", 128, Type::b1, Type::b1, "xor"),
    row<CountOfAnd, 8, 1>("m8n8k128", 128, Type::b1, Type::b1, "and"),
    row<CountOfXor, 16, 1>("m16n8k128", 128, Type::b1, Type::b1, "xor"),
    row<CountOfAnd, 16, 1>("m16n8k128", 128, Type::b1, Type::b1, "and"),
    row<CountOfXor, 16, 2>("m16n8k256", 256, Type::b1, Type::b1, "xor"),
    row<CountOfAnd, 16, 2>("m16n8k256", 256, Type::b1, Type::b1, "and"),
};

}  // namespace

std::span<const MmaRow> narrow_mma_rows() {
    return kMmaNarrowRows;
}

}  // namespace warpsmith::emulator
