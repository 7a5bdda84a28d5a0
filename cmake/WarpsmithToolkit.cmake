# Chooses the CUDA toolkit: CUDAToolkit_ROOT where it is set, else the one that cmake/fetch-toolkit finds (nothing is
# downloaded here). Its headers are built with; the program remembers its folder.
set(fetch_toolkit "${PROJECT_SOURCE_DIR}/cmake/fetch-toolkit")
if(NOT CUDAToolkit_ROOT AND NOT DEFINED ENV{CUDAToolkit_ROOT})
    execute_process(COMMAND "${fetch_toolkit}" --find
                    OUTPUT_VARIABLE CUDAToolkit_ROOT ERROR_VARIABLE reason RESULT_VARIABLE failed
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_STRIP_TRAILING_WHITESPACE)
    if(failed)
        message(FATAL_ERROR "${reason}")
    endif()
    message(STATUS "${reason}")
endif()
find_package(CUDAToolkit 12.8 REQUIRED)

cmake_path(GET CUDAToolkit_BIN_DIR PARENT_PATH toolkit_root)
add_library(warpsmith_toolkit INTERFACE)
target_link_libraries(warpsmith_toolkit INTERFACE CUDA::toolkit)
target_compile_definitions(warpsmith_toolkit INTERFACE
    WARPSMITH_TOOLKIT_ROOT="${toolkit_root}" WARPSMITH_FETCHED_TOOLKIT="${PROJECT_SOURCE_DIR}/.toolkit")
