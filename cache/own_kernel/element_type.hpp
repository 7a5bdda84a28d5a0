// The element types of arguments to a user's own kernel: their text, their bytes and their values as numbers and JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

namespace warpsmith {

struct ElementType {
    std::string_view name;  // "bf16"
    std::size_t bytes;
    void (*parse)(std::string_view text, std::byte* to);      // throws Error when the text is no value of the type
    void (*store_index)(std::uint64_t index, std::byte* to);  // the nearest value; integers wrap
    void (*store_random)(std::uint64_t random_bits, std::byte* to);  // integers of the whole range, floats in [-1, 1)
    nlohmann::ordered_json (*value)(const std::byte* from);          // NaN and infinities as text
    double (*number)(const std::byte* from);                         // the nearest double
    void (*store_number)(double value, std::byte* to);  // the nearest value; integers are cut to their range
};

// Throws Error with the nearest name.
const ElementType& find_element_type(std::string_view name);

}  // namespace warpsmith
