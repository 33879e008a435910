# Installing: both libraries, the headers, the CMake package and the pkg-config files.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/grpctest")
set(pkgconfig_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# gt_pkgconfig(NAME): makes NAME.pc; prefix is told relative to the file, so that a tree can be moved.
function(gt_pkgconfig name)
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
        BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/${pkgconfig_dir}" OUTPUT_VARIABLE prefix_from_pc)
    configure_file("${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in" ${name}.pc @ONLY)
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc" DESTINATION "${pkgconfig_dir}")
endfunction()

install(TARGETS grpctest_static grpctest_shared EXPORT grpctest
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/grpctest" TYPE INCLUDE
    PATTERN cmocka.h EXCLUDE)
gt_pkgconfig(grpctest)

if(TARGET grpctest_cmocka)
    set_target_properties(grpctest_cmocka PROPERTIES EXPORT_NAME cmocka)
    install(TARGETS grpctest_cmocka EXPORT grpctest-cmocka
        INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    install(FILES "${PROJECT_SOURCE_DIR}/include/grpctest/cmocka.h"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/grpctest")
    install(EXPORT grpctest-cmocka NAMESPACE grpctest:: FILE grpctest-cmocka-targets.cmake
        DESTINATION "${package_dir}")
    gt_pkgconfig(grpctest-cmocka)
endif()

install(EXPORT grpctest NAMESPACE grpctest:: FILE grpctest-targets.cmake
    DESTINATION "${package_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/grpctest-config.cmake.in"
    grpctest-config.cmake INSTALL_DESTINATION "${package_dir}")
# Before 1.0 every minor version may break its users.
write_basic_package_version_file(grpctest-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
    "${CMAKE_CURRENT_BINARY_DIR}/grpctest-config.cmake"
    "${CMAKE_CURRENT_BINARY_DIR}/grpctest-config-version.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/GrpctestDependencies.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/GrpctestEmbed.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/GrpctestProtobufC.cmake"
    DESTINATION "${package_dir}")
