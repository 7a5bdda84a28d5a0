# What every target of ours is compiled with.
add_library(warpsmith_options INTERFACE)
target_compile_options(warpsmith_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 reports these on correct std::string and std::variant code once sanitizers or -O3 inline it.
    target_compile_options(warpsmith_options INTERFACE
        -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-stringop-overread
        -Wno-array-bounds -Wno-missing-field-initializers)
else()
    # What GCC's -Wconversion and -Wextra leave out too.
    target_compile_options(warpsmith_options INTERFACE
        -Wno-sign-conversion -Wno-missing-field-initializers -Wno-missing-braces)
endif()

if(WARPSMITH_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
        add_compile_options(-fsanitize=fuzzer-no-link)
    endif()
endif()

if(WARPSMITH_TIDY)
    find_program(CLANG_TIDY NAMES clang-tidy clang-tidy-14 REQUIRED)
    set(CMAKE_CXX_CLANG_TIDY "${CLANG_TIDY};--quiet;--extra-arg=-Wno-unknown-warning-option")  # GCC's names above
endif()

# Headers that most files include are compiled once: a third less time for a build. Not for clang-tidy (preset tidy): there
# every file must include what it uses.
option(WARPSMITH_PRECOMPILE "precompile the headers that most files include" ON)
set(warpsmith_common_headers <algorithm> <functional> <map> <optional> <span> <string> <vector> <fmt/format.h>)

# warpsmith_precompile(TARGET HEADERS...): of its own; or warpsmith_precompile(TARGET FROM OTHER), one compiled alike.
function(warpsmith_precompile target)
    cmake_parse_arguments(ARG "" "FROM" "" ${ARGN})
    if(NOT WARPSMITH_PRECOMPILE)
        return()
    elseif(ARG_FROM AND NOT ARG_FROM STREQUAL target)
        target_precompile_headers(${target} REUSE_FROM ${ARG_FROM})
    else()
        target_precompile_headers(${target} PRIVATE ${warpsmith_common_headers} ${ARG_UNPARSED_ARGUMENTS})
    endif()
endfunction()
