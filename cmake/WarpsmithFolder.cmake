# One library per folder, made of every .cpp below it: adding a file edits no list. Position-independent, because the
# run-time library is made of them, and hidden, because it shows only its own interface.

# SANITIZED_UNOPTIMISED: what spends its time elsewhere is not optimised where it is sanitized. A unit of tuner/ took clang 31 s with
# -O1, 13 s without.
function(warpsmith_folder name)
    cmake_parse_arguments(ARG "SANITIZED_UNOPTIMISED" "" "DEPENDS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${name}/*.cpp")
    add_library(warpsmith_${name} STATIC ${sources})
    target_include_directories(warpsmith_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(warpsmith_${name} PUBLIC ${ARG_DEPENDS} PRIVATE warpsmith_options)
    if(ARG_SANITIZED_UNOPTIMISED AND WARPSMITH_SANITIZE)
        target_compile_options(warpsmith_${name} PRIVATE -O0)
        warpsmith_precompile(warpsmith_${name} FROM warpsmith_generator)
    else()
        warpsmith_precompile(warpsmith_${name} FROM warpsmith_solver)
    endif()
    warpsmith_units(warpsmith_${name})
    set_target_properties(warpsmith_${name} PROPERTIES
        POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

function(warpsmith_program name)
    cmake_parse_arguments(ARG "" "FOLDER" "DEPENDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${ARG_FOLDER}/*.cpp")
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} warpsmith_options)
    warpsmith_precompile(${name})
    warpsmith_units(${name})
endfunction()
