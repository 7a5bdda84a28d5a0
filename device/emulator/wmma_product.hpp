// The shapes and types of wmma.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "device/emulator/assembly.hpp"

namespace warpsmith::emulator {

struct WmmaShape {
    std::string_view word;
    std::uint32_t m, n, k;
    std::array<Type, 4> inputs;  // of A and B; pred stands for none
    std::array<Type, 3> sums;    // of C and D
    bool has_input(Type type) const;
    bool has_sum(Type type) const;
};

// Throws Unsupported where no word is a shape.
const WmmaShape& take_wmma_shape(Modifiers& modifiers);

// Whether elements are smaller than bytes: their matrices are made of words of 32 bits along k.
constexpr bool is_packed_in_words(Type type) {
    return type == Type::s4 || type == Type::u4 || type == Type::b1;
}

// Puts a list of exactly that many registers into Program::slots; its index.
std::uint32_t wmma_list(Assembly& assembly, std::size_t index, std::size_t registers, unsigned bits, bool written);

void translate_wmma_product(Assembly& assembly);

}  // namespace warpsmith::emulator
