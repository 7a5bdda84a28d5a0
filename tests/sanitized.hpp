// Whether a test runs under the address sanitizer.
#pragma once

#include <cstdint>

namespace warpsmith {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

// How many of as many random cases to try: eight times slower, sanitizers look for what most of the cases would show.
constexpr std::uint32_t tried_of(std::uint32_t cases) {
    return kSanitized ? cases / 5 : cases;
}

}  // namespace warpsmith
