# The library's targets and the two functions every folder uses: gt_sources and gt_test.

find_package(PkgConfig REQUIRED)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c)

add_library(grpctest_warnings INTERFACE)
target_compile_options(grpctest_warnings INTERFACE
    -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wundef -Wpointer-arith -Wvla -Wwrite-strings $<$<BOOL:${GRPCTEST_WERROR}>:-Werror>)

# All of the library's objects, once, position independent, for the static and the shared library.
add_library(grpctest_objects OBJECT)
set_target_properties(grpctest_objects PROPERTIES
    POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
target_include_directories(grpctest_objects PUBLIC
    "${PROJECT_SOURCE_DIR}/include" PRIVATE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(grpctest_objects PRIVATE _GNU_SOURCE)
target_link_libraries(grpctest_objects
    PUBLIC PkgConfig::PROTOBUF_C PRIVATE PkgConfig::NGHTTP2 grpctest_warnings)

add_library(grpctest_static STATIC)
set_target_properties(grpctest_static PROPERTIES OUTPUT_NAME grpctest)
target_link_libraries(grpctest_static PUBLIC grpctest_objects)
target_link_libraries(grpctest_static PUBLIC PkgConfig::NGHTTP2 PkgConfig::PROTOBUF_C)

# gt_sources(FILE...): adds this folder's sources to the library.
function(gt_sources)
    foreach(file IN LISTS ARGN)
        target_sources(grpctest_objects PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    endforeach()
endfunction()

# gt_test(NAME FILE... [LIBRARIES lib...]): a cmocka program that sees the library's inside.
function(gt_test name)
    if(NOT GRPCTEST_TESTS)
        return()
    endif()
    cmake_parse_arguments(TEST "" "" "LIBRARIES" ${ARGN})
    add_executable(${name} ${TEST_UNPARSED_ARGUMENTS})
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
    target_link_libraries(${name} PRIVATE ${TEST_LIBRARIES} grpctest_static PkgConfig::NGHTTP2
                          PkgConfig::CMOCKA grpctest_warnings)
    add_test(NAME ${name} COMMAND ${name})
endfunction()

if(GRPCTEST_TESTS)
    pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
    enable_testing()
endif()
