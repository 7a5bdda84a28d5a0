// PTX: whatever the text is, reading it ends in a module or in an Error, and the launches of its kernels end.
#include <cstdint>

#include "tests/fuzz/exercise_ptx.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        warpsmith::exercise_ptx(std::string(data, data + size));
    } catch (const warpsmith::Error&) {
    }
    return 0;
}
