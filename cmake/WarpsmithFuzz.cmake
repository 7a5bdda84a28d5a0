# Of the whole project only solver/ and tests/fuzz, with clang's libFuzzer and sanitizers.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "WARPSMITH_FUZZ needs clang for libFuzzer; configure with --preset fuzz")
endif()
find_package(Z3 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)

include(WarpsmithOptions)
include(WarpsmithFolder)

add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
add_link_options(-fsanitize=address,undefined)
warpsmith_folder(solver DEPENDS fmt::fmt nlohmann_json::nlohmann_json z3::libz3)
add_subdirectory(tests/fuzz)
