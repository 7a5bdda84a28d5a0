// Judges the results of a case by what a GPU recorded, or else by the PTX ISA.
#pragma once

#include <optional>

#include "tests/conformance/golden.hpp"

namespace warpsmith::conformance {

enum class Judgement : std::uint8_t {
    equal,        // bit for bit
    within,       // other bits, but as near as the PTX ISA asks, or another NaN where it leaves that open
    different,    // wrong
    unsupported,  // the emulator does not know the instruction
    failed,       // no results for another reason
    unchecked,    // nothing to compare with
};
std::string_view name_of(Judgement judgement);

struct Difference {
    std::size_t row = 0, result = 0;
    std::uint64_t expected = 0, got = 0;
};

struct Verdict {
    Judgement judgement = Judgement::unchecked;
    bool by_hardware = false;             // else by the document
    std::vector<Difference> differences;  // those that are wrong
    std::size_t values = 0, other_bits = 0;
    std::string error;
};

// `recorded` may be null.
Verdict judge(const Case& test, const Answer& answer, const Answer* recorded);

// One result of one row, from the bytes that a kernel stored.
std::uint64_t stored(const Case& test, const std::vector<std::byte>& bytes, std::size_t result, std::size_t row);
Row operands_of(const Case& test, std::size_t row);

}  // namespace warpsmith::conformance
