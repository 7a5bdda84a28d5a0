// ConstrINT text, with brackets and without, through the door that tells formats apart.
#include <cstdint>

#include "solver/model_file.hpp"
#include "tests/fuzz/exercise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace warpsmith;
    SourceText source{.file = "fuzz", .text = std::string(data, data + size)};
    for (Brackets brackets : {Brackets::dropped, Brackets::counted}) {
        try {
            exercise(read_model(source, brackets).model);
        } catch (const Error&) {
        }
    }
    return 0;
}
