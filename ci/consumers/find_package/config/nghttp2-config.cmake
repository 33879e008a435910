# Stands in for the package that nghttp2 brings itself from 1.61 on.
add_library(nghttp2::nghttp2 INTERFACE IMPORTED)
target_link_libraries(nghttp2::nghttp2 INTERFACE nghttp2)
