// T1 tuning-input files: whatever the text is, reading it ends in models or in an Error.
#include "solver/t1_file.hpp"

#include <cstdint>

#include "tests/fuzz/exercise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace warpsmith;
    SourceText source{.file = "fuzz", .text = std::string(data, data + size)};
    try {
        exercise(read_t1(source).model);
    } catch (const Error&) {
    }
    return 0;
}
