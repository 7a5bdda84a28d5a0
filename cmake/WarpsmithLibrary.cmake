# libwarpsmith.so, the run-time library: the C interface of cache/ with what it needs of the other folders, showing
# nothing but that interface.
add_library(warpsmith_library SHARED "${PROJECT_SOURCE_DIR}/cache/c_api.cpp")
target_link_libraries(warpsmith_library PRIVATE warpsmith_cache warpsmith_options)
target_compile_definitions(warpsmith_library PRIVATE WARPSMITH_VERSION="${PROJECT_VERSION}")
target_link_options(warpsmith_library PRIVATE
    "-Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/warpsmith.map" -Wl,--as-needed -Wl,--no-undefined)
set_target_properties(warpsmith_library PROPERTIES
    OUTPUT_NAME warpsmith VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/warpsmith.map" LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
