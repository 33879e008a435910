# Stands in for the package that PCRE2 brings itself when it is built with CMake.
add_library(PCRE2::8BIT INTERFACE IMPORTED)
target_link_libraries(PCRE2::8BIT INTERFACE pcre2-8)
