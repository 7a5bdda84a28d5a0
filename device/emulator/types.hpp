// The scalar types of PTX: their names, widths and kinds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace warpsmith::emulator {

enum class Type : std::uint8_t {
    pred,
    b8,
    b16,
    b32,
    b64,
    b128,
    u8,
    u16,
    u32,
    u64,
    s8,
    s16,
    s32,
    s64,
    f16,
    bf16,
    tf32,
    f32,
    f64,
    f16x2,
    bf16x2,
    f32x2,
    u16x2,
    s16x2,
    e4m3,
    e5m2,
    e4m3x2,
    e5m2x2,
    ue8m0x2,
    e2m3x2,
    e3m2x2,
    e2m1x2,
    s4,
    u4,
    b1,
};

enum class Kind : std::uint8_t { predicate, bits, unsigned_integer, signed_integer, floating, packed };

struct TypeTraits {
    std::string_view name;
    Type type;
    Kind kind;
    unsigned bits;
};

const TypeTraits& traits(Type type);

// The type that `name` (no dot) names; nothing when it is not a type.
std::optional<Type> type_named(std::string_view name);

inline unsigned bytes(Type type) {
    return (traits(type).bits + 7) / 8;
}
inline bool is_signed(Type type) {
    return traits(type).kind == Kind::signed_integer;
}
inline bool is_floating(Type type) {
    return traits(type).kind == Kind::floating;
}
inline bool is_integer(Type type) {
    return traits(type).kind == Kind::signed_integer || traits(type).kind == Kind::unsigned_integer;
}

}  // namespace warpsmith::emulator
