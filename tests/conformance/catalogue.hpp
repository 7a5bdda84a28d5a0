// All cases, in groups: one file each.
#pragma once

#include "tests/conformance/case.hpp"
#include "tests/conformance/values.hpp"

namespace warpsmith::conformance {

using Cases = std::vector<Case>;

void add_integer_cases(Cases& cases);
void add_bit_cases(Cases& cases);
void add_float_cases(Cases& cases);
void add_half_cases(Cases& cases);
void add_approximate_cases(Cases& cases);
void add_compare_cases(Cases& cases);
void add_convert_cases(Cases& cases);
void add_memory_cases(Cases& cases);
void add_atomic_cases(Cases& cases);
void add_warp_cases(Cases& cases);
void add_matrix_cases(Cases& cases);
void add_wmma_cases(Cases& cases);
void add_wgmma_cases(Cases& cases);
void add_async_cases(Cases& cases);
void add_tensor_cases(Cases& cases);

Cases all_cases();

// "OPCODE %d, %a, %b;" on crossed special values.
Case simple(std::string group, const std::string& opcode, const std::string& result,
            const std::vector<std::string>& operands);
// The same with a body of its own.
Case with_body(std::string group, const std::string& name, std::string body, const std::vector<std::string>& results,
               const std::vector<std::string>& operands);
// Some of the rows, from all over.
void keep_rows(Case& test, std::size_t rows);
// Random inputs for exactly `rows` threads, one block.
Case warp_case(std::string group, const std::string& name, std::string body, const std::vector<std::string>& results,
               const std::vector<std::string>& operands, unsigned rows = 64);

// An element of a matrix: a small whole number, so that every sum is exact in whatever order, or a fraction in (-2, 2).
std::uint64_t matrix_element(const std::string& type, bool whole, Random& random);

}  // namespace warpsmith::conformance
