// Element types of tensors: names, sizes, and exact conversion between double and the stored bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace warpsmith {

enum class DType : std::uint8_t { f32, f16, bf16, i32 };

std::string_view name(DType dtype);       // "f32", "f16", "bf16", "i32"
std::string_view cuda_type(DType dtype);  // "float", "__half", "__nv_bfloat16", "int"
std::optional<DType> parse_dtype(std::string_view text);
std::size_t size_bytes(DType dtype);

// The nearest value of the type, ties to even; overflow becomes infinity.
double round_to(DType dtype, double value);

// Little-endian elements as a GPU stores them.
std::vector<std::byte> encode(std::span<const double> values, DType dtype);
std::vector<double> decode(std::span<const std::byte> bytes, DType dtype);

}  // namespace warpsmith
