# Stands in for the package that zlib brings itself when it is built with CMake.
add_library(ZLIB::ZLIB INTERFACE IMPORTED)
target_link_libraries(ZLIB::ZLIB INTERFACE z)
