// printf of device code: a format and its arguments, which lie in the thread's local memory, as text.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "device/emulator/integer_types.hpp"

namespace warpsmith::emulator {

// Where arguments and texts come from. Both give an empty result on an address that cannot be read.
struct PrintfSource {
    std::function<short_names::u64(short_names::u64 offset, unsigned bytes)> argument;
    std::function<std::string(short_names::u64 address)> text;
};

// A conversion that C does not know is printed as it stands.
std::string format_printf(std::string_view format, const PrintfSource& source);

}  // namespace warpsmith::emulator
