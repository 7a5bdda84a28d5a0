// Comparisons as setp and set have them in common.
#pragma once

#include "device/emulator/assembly.hpp"
#include "device/emulator/warp.hpp"

namespace warpsmith::emulator {

// How the result joins with a further predicate; in the order of "and", "or", "xor".
enum class Join : std::uint32_t { alone, with_and, with_or, with_xor };

struct Comparison {
    Handler run = nullptr;
    Join how = Join::alone;
    Type type = Type::b32;
};

inline bool is_pair(Type type) {
    return traits(type).kind == Kind::packed;
}

// Takes operator, joining, .ftz and types from the modifiers; with `result` also the type of the result, which comes
// before that of the operands. Throws Unsupported on a comparison that there is none of.
Comparison take_comparison(Assembly& assembly, Type* result);

// Adds the comparison of the operands from 1 on. Of packed types the low halves' result goes to `low`, the high halves'
// to `high`; of others `high`, unless 0, gets the opposite.
void emit_comparison(Assembly& assembly, const Comparison& comparison, Slot low, Slot high);

// Sets a predicate for `lanes`, keeping it for others.
inline void merge_mask(Warp& warp, Slot slot, std::uint32_t value, std::uint32_t lanes) {
    std::uint32_t& target = *warp.target<std::uint32_t>(slot);
    target = (target & ~lanes) | (value & lanes);
}

}  // namespace warpsmith::emulator
