# cmake --install BUILD --prefix PREFIX: the program, the run-time library with its headers, and how CMake and pkg-config
# find it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS warpsmith RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(TARGETS warpsmith_library LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(FILES cache/warpsmith.h cache/warpsmith.hpp DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/warpsmith")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/warpsmith")
configure_package_config_file(cmake/warpsmithConfig.cmake.in "${CMAKE_BINARY_DIR}/generated/warpsmithConfig.cmake"
    INSTALL_DESTINATION "${package_folder}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file("${CMAKE_BINARY_DIR}/generated/warpsmithConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
# Relative to the file itself, so that the installed folder can be moved.
file(RELATIVE_PATH prefix_from_pkgconfig "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" prefix_from_pkgconfig "${prefix_from_pkgconfig}")
configure_file(cmake/warpsmith.pc.in "${CMAKE_BINARY_DIR}/generated/warpsmith.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/generated/warpsmithConfig.cmake"
              "${CMAKE_BINARY_DIR}/generated/warpsmithConfigVersion.cmake" DESTINATION "${package_folder}")
install(FILES "${CMAKE_BINARY_DIR}/generated/warpsmith.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
