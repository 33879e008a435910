# Stands in for the package that jansson brings itself when it is built with CMake.
add_library(jansson::jansson INTERFACE IMPORTED)
target_link_libraries(jansson::jansson INTERFACE jansson)
