#include "device/emulator/types.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace warpsmith::emulator {
namespace {

// In the order of Type, so that traits() is an index.
constexpr TypeTraits kTypes[] = {
    {"pred", Type::pred, Kind::predicate, 32},
    {"b8", Type::b8, Kind::bits, 8},
    {"b16", Type::b16, Kind::bits, 16},
    {"b32", Type::b32, Kind::bits, 32},
    {"b64", Type::b64, Kind::bits, 64},
    {"b128", Type::b128, Kind::bits, 128},
    {"u8", Type::u8, Kind::unsigned_integer, 8},
    {"u16", Type::u16, Kind::unsigned_integer, 16},
    {"u32", Type::u32, Kind::unsigned_integer, 32},
    {"u64", Type::u64, Kind::unsigned_integer, 64},
    {"s8", Type::s8, Kind::signed_integer, 8},
    {"s16", Type::s16, Kind::signed_integer, 16},
    {"s32", Type::s32, Kind::signed_integer, 32},
    {"s64", Type::s64, Kind::signed_integer, 64},
    {"f16", Type::f16, Kind::floating, 16},
    {"bf16", Type::bf16, Kind::floating, 16},
    {"tf32", Type::tf32, Kind::floating, 32},
    {"f32", Type::f32, Kind::floating, 32},
    {"f64", Type::f64, Kind::floating, 64},
    {"f16x2", Type::f16x2, Kind::packed, 32},
    {"bf16x2", Type::bf16x2, Kind::packed, 32},
    {"f32x2", Type::f32x2, Kind::packed, 64},
    {"u16x2", Type::u16x2, Kind::packed, 32},
    {"s16x2", Type::s16x2, Kind::packed, 32},
    {"e4m3", Type::e4m3, Kind::floating, 8},
    {"e5m2", Type::e5m2, Kind::floating, 8},
    {"e4m3x2", Type::e4m3x2, Kind::packed, 16},
    {"e5m2x2", Type::e5m2x2, Kind::packed, 16},
    {"ue8m0x2", Type::ue8m0x2, Kind::packed, 16},
    {"e2m3x2", Type::e2m3x2, Kind::packed, 16},
    {"e3m2x2", Type::e3m2x2, Kind::packed, 16},
    {"e2m1x2", Type::e2m1x2, Kind::packed, 8},
    {"s4", Type::s4, Kind::signed_integer, 4},
    {"u4", Type::u4, Kind::unsigned_integer, 4},
    {"b1", Type::b1, Kind::bits, 1},
};

}  // namespace

const TypeTraits& traits(Type type) {
    return kTypes[static_cast<std::size_t>(type)];
}

std::optional<Type> type_named(std::string_view name) {
    const TypeTraits* const row =
        std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeTraits& t) { return t.name == name; });
    if (row == std::end(kTypes)) {
        return std::nullopt;
    }
    return row->type;
}

}  // namespace warpsmith::emulator
