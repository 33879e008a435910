# What is made of .proto files: protobuf-c's code, and descriptions for gt_use_types.
#
#   gt_protobufc_generate(target PROTOS file... [IMPORT_DIRS dir...])
#
# A library of protobuf-c messages. Each file is looked for in the current source folder, then in IMPORT_DIRS, then where protobuf
# keeps its own ("google/protobuf/wrappers.proto": protobuf-c has no compiled ones, so an import of
# one is listed like any other file). The code is generated into the build tree, and compiled into
# a static library whose headers ("users.pb-c.h") are system headers to whoever links it, so that
# no warning of theirs is shown.
#
#   gt_descriptor_set(target PROTOS file... [IMPORT_DIRS dir...])
#
# A library that holds the files' FileDescriptorSet, imports included: the header "target.set.h" declares
# `extern const unsigned char target[]` and `extern const size_t target_size`, for gt_types_add_set.
# Files are looked for in the same places.

find_program(GRPCTEST_PROTOC protoc)
find_program(GRPCTEST_PROTOC_GEN_C protoc-gen-c)
find_path(GRPCTEST_PROTOBUF_INCLUDE google/protobuf/wrappers.proto)

set(GRPCTEST_EMBED "${CMAKE_CURRENT_LIST_DIR}/GrpctestEmbed.cmake")

function(gt_protobufc_generate target)
    cmake_parse_arguments(GEN "" "" "PROTOS;IMPORT_DIRS" ${ARGN})
    foreach(need GRPCTEST_PROTOC GRPCTEST_PROTOC_GEN_C GRPCTEST_PROTOBUF_INCLUDE)
        if(NOT ${need})
            message(FATAL_ERROR "gt_protobufc_generate(${target}): ${need} was not found; it takes "
                "protoc, protobuf-c's plugin protoc-gen-c and protobuf's own .proto files")
        endif()
    endforeach()

    set(folders "${CMAKE_CURRENT_SOURCE_DIR}" ${GEN_IMPORT_DIRS} "${GRPCTEST_PROTOBUF_INCLUDE}")
    list(TRANSFORM folders PREPEND "-I" OUTPUT_VARIABLE imports)
    set(out "${CMAKE_CURRENT_BINARY_DIR}/${target}")
    file(MAKE_DIRECTORY "${out}")

    foreach(proto IN LISTS GEN_PROTOS)
        find_file(source "${proto}" PATHS ${folders} NO_CACHE REQUIRED NO_DEFAULT_PATH)
        string(REGEX REPLACE "\\.proto$" "" stem "${proto}")
        list(APPEND sources "${source}")
        list(APPEND generated "${out}/${stem}.pb-c.c")
        list(APPEND headers "${out}/${stem}.pb-c.h")
        unset(source)
    endforeach()

    # One run for all of them: an import's header has to be there before its importer compiles.
    add_custom_command(
        OUTPUT ${generated} ${headers}
        COMMAND "${GRPCTEST_PROTOC}" "--plugin=protoc-gen-c=${GRPCTEST_PROTOC_GEN_C}"
                "--c_out=${out}" ${imports} ${GEN_PROTOS}
        DEPENDS ${sources}
        COMMENT "Generating protobuf-c code of ${target}"
        VERBATIM)

    add_library(${target} STATIC ${generated} ${headers})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${target} SYSTEM PUBLIC "${out}")
    target_link_libraries(${target} PUBLIC grpctest_dependency::protobuf_c)
endfunction()

function(gt_descriptor_set target)
    cmake_parse_arguments(SET "" "" "PROTOS;IMPORT_DIRS" ${ARGN})
    if(NOT GRPCTEST_PROTOC OR NOT GRPCTEST_PROTOBUF_INCLUDE)
        message(FATAL_ERROR "gt_descriptor_set(${target}): it takes protoc and protobuf's own "
            ".proto files, which were not found")
    endif()

    set(folders "${CMAKE_CURRENT_SOURCE_DIR}" ${SET_IMPORT_DIRS} "${GRPCTEST_PROTOBUF_INCLUDE}")
    list(TRANSFORM folders PREPEND "-I" OUTPUT_VARIABLE imports)
    set(out "${CMAKE_CURRENT_BINARY_DIR}/${target}")
    file(MAKE_DIRECTORY "${out}")
    foreach(proto IN LISTS SET_PROTOS)
        find_file(source "${proto}" PATHS ${folders} NO_CACHE REQUIRED NO_DEFAULT_PATH)
        list(APPEND sources "${source}")
        unset(source)
    endforeach()

    add_custom_command(
        OUTPUT "${out}/${target}.c" "${out}/${target}.set.h"
        COMMAND "${GRPCTEST_PROTOC}" --include_imports "--descriptor_set_out=${out}/${target}.set"
                ${imports} ${SET_PROTOS}
        COMMAND "${CMAKE_COMMAND}" "-DNAME=${target}" "-DFOLDER=${out}" -P "${GRPCTEST_EMBED}"
        DEPENDS ${sources} "${GRPCTEST_EMBED}"
        COMMENT "Describing the messages of ${target}"
        VERBATIM)

    add_library(${target} STATIC "${out}/${target}.c" "${out}/${target}.set.h")
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${target} SYSTEM PUBLIC "${out}")
endfunction()
