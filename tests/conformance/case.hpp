// One instruction variant under test: a PTX kernel, its inputs, and how its results are judged.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/tensor_tile.hpp"

namespace warpsmith::conformance {

using Values = std::vector<std::uint64_t>;  // raw bits, one per row
using Row = std::vector<std::uint64_t>;     // raw bits, one per operand

// How the bits of a result are compared.
enum class Match : std::uint8_t {
    exact,        // every bit
    nan_is_nan,   // every bit of recorded results; the PTX ISA leaves the payload of NaNs open
    approximate,  // near the truth; without a truth, near the recorded result
};

// What a row must give: the bits of each result. Written from the PTX ISA, not from the emulator.
using Expected = std::function<Row(const Row& operands)>;
// The same for a row whose results depend on other rows.
struct Case;
using ExpectedTogether = std::function<Row(const Case& test, std::size_t row)>;
// The exact value that an element of an approximate result stands for, and by how much it may be off.
struct Approximation {
    double value = 0;
    double tolerance = 0;
    bool specified = true;  // false: the PTX ISA says nothing for these operands
};
using Truth = std::function<Approximation(const Row& operands)>;

// The tensor map that a kernel gets as its third parameter, whose address is in %z, and what one copy does with it.
struct TensorCopy {
    TensorTile map;  // without the address
    // What the kernel makes of the map before it copies, its address counted from that of the tensor.
    std::optional<TensorTile> changed = {};
    bool into_results = false;  // the tensor is the memory of the results; else that of the operands
    std::array<int, kMostTensorDims> at = {};
    std::array<unsigned, kMostSpaceDims> offsets = {};
    unsigned room = 0;  // bytes from the beginning of shared memory
};

// A kernel in which thread t computes row t: it loads its operands into %a %b %c %h, runs `body`, and stores %d %e %f
// %g. Registers have the size of their types. The body may also use:
//   %xa.. %xh  address of this row's operand      %yd.. %yg  address of this row's result
//   %i  %o     address of the first operand       and result
//   %t  row    %l lane    %w warp of the block    %p %q %r predicates    %m %n .b32    %u %v .b64
struct Case {
    std::string name;   // the instruction as PTX spells it, what else matters in parentheses: unique
    std::string group;  // "integer"
    std::string body;
    std::vector<std::string> results, operands;  // PTX types; "pred" is kept as a byte
    std::vector<Values> inputs;                  // [operand][row]
    std::size_t rows = 0;
    unsigned block = 32, grid = 1, cluster = 1;  // grid * block threads: at least `rows`
    bool stores = true;                          // false: the body stores its results
    std::string version = "8.0";                 // of PTX, the oldest that has the instruction
    std::string target = "sm_90a";               // the oldest architecture that has it
    std::optional<TensorCopy> tensor;
    Match match = Match::exact;
    double tolerance = 0;  // of an approximate result without a truth
    Expected expected;
    ExpectedTogether expected_together;
    Truth truth;
};

struct TypeOfOperand {
    std::string_view name;
    unsigned bits = 32;        // in a register
    std::string_view element;  // of a packed type: "f16" of "f16x2"; else the type itself
    unsigned count = 1;        // elements
};
// Throws Error for a type that is not in the table.
const TypeOfOperand& type_of(std::string_view name);
std::size_t stored_bytes(std::string_view type);

// The module, with one entry, kEntry(.u64 inputs, .u64 results).
inline constexpr const char* kEntry = "conformance_case";
std::string ptx_of(const Case& test);
// As the kernel reads them: [operand][row], each operand's part aligned to 16 bytes.
std::vector<std::byte> input_bytes(const Case& test);
// Of each result: one per thread at most, some kernels read more.
std::size_t result_rows(const Case& test);
std::size_t result_offset(const Case& test, std::size_t result);
std::size_t output_size(const Case& test);
// Of the kernel and its inputs: results recorded for another one do not count.
std::uint64_t digest(const Case& test);

}  // namespace warpsmith::conformance
