# The library's targets and the two functions every folder uses: gt_sources and gt_test.

include(GrpctestDependencies)
grpctest_dependency_nghttp2()
grpctest_dependency_protobuf_c()
grpctest_dependency_zlib()
grpctest_dependency_pcre2()
grpctest_dependency_jansson()

add_library(grpctest_warnings INTERFACE)
target_compile_options(grpctest_warnings INTERFACE
    -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wundef -Wpointer-arith -Wvla -Wwrite-strings $<$<BOOL:${GRPCTEST_WERROR}>:-Werror>)

# All of the library's objects, once, position independent, for the static and the shared library.
add_library(grpctest_objects OBJECT)
set_target_properties(grpctest_objects PROPERTIES
    POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
target_include_directories(grpctest_objects PRIVATE
    "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}")
target_compile_definitions(grpctest_objects PRIVATE _GNU_SOURCE)
target_link_libraries(grpctest_objects PRIVATE
    grpctest_dependency::protobuf_c grpctest_dependency::nghttp2 grpctest_dependency::zlib
    grpctest_dependency::pcre2 grpctest_dependency::jansson grpctest_warnings)

# Its small files call each other all the time. The objects hold both code and what gcc needs to make
# it anew when it links: the shared library is made so, a program on the static one that asks for it,
# and any other program finds code as ever.
if(GRPCTEST_LTO)
    target_compile_options(grpctest_objects PRIVATE
        $<$<COMPILE_LANG_AND_ID:C,GNU>:-flto=auto;-ffat-lto-objects>)
endif()

# gt_library(KIND): grpctest_static or grpctest_shared, exported as grpctest::static and ::shared.
# protobuf-c is public because <grpctest/protobufc.h> shows it; the others never show.
function(gt_library kind)
    string(TOUPPER ${kind} type)
    add_library(grpctest_${kind} ${type} $<TARGET_OBJECTS:grpctest_objects>)
    add_library(grpctest::${kind} ALIAS grpctest_${kind})
    set_target_properties(grpctest_${kind} PROPERTIES
        OUTPUT_NAME grpctest EXPORT_NAME ${kind} LINKER_LANGUAGE C VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    target_include_directories(grpctest_${kind} PUBLIC
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
    target_link_libraries(grpctest_${kind}
        PUBLIC grpctest_dependency::protobuf_c
        PRIVATE grpctest_dependency::nghttp2 grpctest_dependency::zlib
            grpctest_dependency::pcre2 grpctest_dependency::jansson)
endfunction()
gt_library(static)
gt_library(shared)
if(GRPCTEST_LTO)
    target_link_options(grpctest_shared PRIVATE $<$<C_COMPILER_ID:GNU>:-flto=auto>)
endif()
if(DEFINED BUILD_SHARED_LIBS AND NOT BUILD_SHARED_LIBS)
    add_library(grpctest::grpctest ALIAS grpctest_static)
else()
    add_library(grpctest::grpctest ALIAS grpctest_shared)
endif()

# gt_sources(FILE...): adds this folder's sources to the library.
function(gt_sources)
    foreach(file IN LISTS ARGN)
        target_sources(grpctest_objects PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    endforeach()
endfunction()

# gt_test(NAME FILE... [LIBRARIES lib...] [LABELS label...]): a cmocka program that sees the
# library's inside. The label real-peer says that it talks to another gRPC implementation: such
# tests run plain only, not under the sanitizers and valgrind.
function(gt_test name)
    if(NOT GRPCTEST_TESTS)
        return()
    endif()
    cmake_parse_arguments(TEST "" "" "LIBRARIES;LABELS" ${ARGN})
    add_executable(${name} ${TEST_UNPARSED_ARGUMENTS} $<TARGET_OBJECTS:grpctest_line_buffered>)
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
    target_link_libraries(${name} PRIVATE ${TEST_LIBRARIES} grpctest_static
        grpctest_dependency::nghttp2 grpctest_dependency::cmocka grpctest_warnings)
    add_test(NAME ${name} COMMAND ${GRPCTEST_TEST_LAUNCHER} $<TARGET_FILE:${name}>)
    set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABELS}")
endfunction()

if(GRPCTEST_TESTS)
    grpctest_dependency_cmocka()
    add_library(grpctest_line_buffered OBJECT "${PROJECT_SOURCE_DIR}/ci/line_buffered.c")
    enable_testing()
endif()
