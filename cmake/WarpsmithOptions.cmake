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

# Several files at a time: docs/decisions/0025-several-files-compile-as-one.md.
option(WARPSMITH_UNITS "compile several files as one" OFF)
find_program(WARPSMITH_PYTHON python3 HINTS /usr/bin REQUIRED)  # Debian's first: python3-numpy belongs to it

function(warpsmith_units target)
    if(NOT WARPSMITH_UNITS)
        return()
    endif()
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources INCLUDE REGEX "^${PROJECT_SOURCE_DIR}/.*[.]cpp$")
    list(FILTER sources EXCLUDE REGEX "^${CMAKE_BINARY_DIR}/")
    list(FILTER sources EXCLUDE REGEX "/c_api[.]cpp$")  # libwarpsmith.so has it compiled its own way, and one object only
    execute_process(COMMAND "${WARPSMITH_PYTHON}" "${PROJECT_SOURCE_DIR}/cmake/units.py" 1500 ${sources}
                    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE units OUTPUT_STRIP_TRAILING_WHITESPACE
                    COMMAND_ERROR_IS_FATAL ANY)
    string(REPLACE "\n" ";" units "${units}")
    set(number 0)
    foreach(unit ${units})
        string(REPLACE "|" ";" files "${unit}")
        set_source_files_properties(${files} PROPERTIES UNITY_GROUP ${number})
        math(EXPR number "${number} + 1")
    endforeach()
    # A name inside a function of one file may be that of a function of another; and what is in no header may be unnamed.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP
        UNITY_BUILD_CODE_BEFORE_INCLUDE "#pragma GCC diagnostic ignored \"-Wshadow\"")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources} "${PROJECT_SOURCE_DIR}/cmake/units.py")
endfunction()
