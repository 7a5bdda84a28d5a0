// Space files: whatever the text is, reading it ends in models or in an Error.
#include "solver/space_file.hpp"

#include <cstdint>

#include "tests/fuzz/exercise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace warpsmith;
    SourceText source{.file = "fuzz", .text = std::string(data, data + size)};
    try {
        for (const ModelFromText& space : read_spaces(source)) {
            exercise(space.model);
        }
    } catch (const Error&) {
    }
    return 0;
}
