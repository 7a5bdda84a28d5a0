// One --arg of `run`: a scalar, a buffer and what it holds before the launch, or a tensor map of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cache/own_kernel/element_type.hpp"
#include "tools/tensor_map_argument.hpp"

namespace warpsmith {

struct RunArgument {
    const ElementType* type = nullptr;
    bool is_buffer = false;
    std::uint64_t count = 1;       // elements
    std::vector<std::byte> bytes;  // of the scalar or of the whole buffer; empty for a buffer that nothing writes
    std::optional<TensorMapArgument> tensor_map;  // what the kernel gets in place of the buffer's address
};

// "i32=5", "f32=0.5"; "f32[1024]=iota|zeros|ones|random|uninit|@file.bin";
// "tensormap:f32[800]=iota,dims=40x20,box=32x8". `seed` is that of random values. Throws Error naming the argument and
// what was expected.
RunArgument parse_run_argument(const std::string& spec, std::uint64_t seed);

}  // namespace warpsmith
