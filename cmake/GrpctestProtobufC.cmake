# gt_protobufc_generate: a library of protobuf-c messages out of .proto files.
#
#   gt_protobufc_generate(target PROTOS file... [IMPORT_DIRS dir...])
#
# Each file is looked for in the current source folder, then in IMPORT_DIRS, then where protobuf
# keeps its own ("google/protobuf/wrappers.proto": protobuf-c has no compiled ones, so an import of
# one is listed like any other file). The code is generated into the build tree, and compiled into
# a static library whose headers ("users.pb-c.h") are system headers to whoever links it, so that
# no warning of theirs is shown.

find_program(GRPCTEST_PROTOC protoc)
find_program(GRPCTEST_PROTOC_GEN_C protoc-gen-c)
find_path(GRPCTEST_PROTOBUF_INCLUDE google/protobuf/wrappers.proto)

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
