# What grpctest stands on, under names that are the same wherever it was found: the package's own
# CMake config first, then pkg-config. The build and the installed package both include this file.

# grpctest_dependency(NAME PACKAGE MODULE TARGET...): makes grpctest_dependency::NAME of the first of
# the TARGETs that find_package(PACKAGE) brings, or else of the pkg-config MODULE.
macro(grpctest_dependency name package module)
    if(NOT TARGET grpctest_dependency::${name})
        find_package(${package} CONFIG QUIET GLOBAL)
        set(_grpctest_found "")
        foreach(_grpctest_target IN ITEMS ${ARGN})
            if(NOT _grpctest_found AND TARGET ${_grpctest_target})
                set(_grpctest_found ${_grpctest_target})
            endif()
        endforeach()
        if(NOT _grpctest_found)
            find_package(PkgConfig REQUIRED)
            pkg_check_modules(GRPCTEST_${name} REQUIRED QUIET IMPORTED_TARGET GLOBAL ${module})
            set(_grpctest_found PkgConfig::GRPCTEST_${name})
        endif()
        add_library(grpctest_dependency::${name} INTERFACE IMPORTED GLOBAL)
        target_link_libraries(grpctest_dependency::${name} INTERFACE ${_grpctest_found})
    endif()
endmacro()

macro(grpctest_dependency_nghttp2)
    grpctest_dependency(nghttp2 nghttp2 libnghttp2 nghttp2::nghttp2 nghttp2::nghttp2_static)
endmacro()

macro(grpctest_dependency_protobuf_c)
    grpctest_dependency(protobuf_c protobuf-c libprotobuf-c protobuf-c::protobuf-c)
endmacro()

macro(grpctest_dependency_zlib)
    grpctest_dependency(zlib ZLIB zlib ZLIB::ZLIB ZLIB::ZLIBSTATIC)
endmacro()

macro(grpctest_dependency_pcre2)
    grpctest_dependency(pcre2 PCRE2 libpcre2-8 PCRE2::8BIT pcre2-8-shared pcre2-8-static)
endmacro()

macro(grpctest_dependency_jansson)
    grpctest_dependency(jansson jansson jansson jansson::jansson)
endmacro()

macro(grpctest_dependency_cmocka)
    grpctest_dependency(cmocka cmocka cmocka cmocka::cmocka)
endmacro()
