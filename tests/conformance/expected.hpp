// What the PTX ISA says that an instruction gives, computed from its text and from nothing of the emulator's.
#pragma once

#include "tests/conformance/case.hpp"

namespace warpsmith::conformance {

// The words of "cvt.rn.satfinite.f16x2.f32", without what stands in parentheses.
struct Spelling {
    explicit Spelling(const std::string& name);
    bool has(std::string_view word) const;
    const std::string& opcode() const { return words.front(); }
    const std::string& type() const { return words.back(); }
    std::vector<std::string> words;
};

// Sets what is expected of the case, where its group's document says; else leaves it.
void expect_integer(Case& test);
void expect_bits(Case& test);
void expect_float(Case& test);
void expect_half(Case& test);
void expect_compare(Case& test);
void expect_convert(Case& test);
void expect_approximate(Case& test);
void expect_atomic(Case& test);
void expect_memory(Case& test);
void expect_warp(Case& test);
void expect_matrix(Case& test);
void expect_tensor(Case& test);
void expect_wmma(Case& test);  // of the group "matrix"

// A function of one element, for each element of packed operands.
using ElementFunction = std::function<std::uint64_t(const Row& operands)>;
Expected per_element(const Case& test, const ElementFunction& function);

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;
// The number that the bits are in an integer type, and its bits.
Wide number(std::string_view type, std::uint64_t bits);
std::uint64_t bits_of(Wide value, unsigned width);

}  // namespace warpsmith::conformance
