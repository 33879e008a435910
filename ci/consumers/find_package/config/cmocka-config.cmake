# Stands in for the package that cmocka brings itself, with a target from 1.1.6 on.
add_library(cmocka::cmocka INTERFACE IMPORTED)
target_link_libraries(cmocka::cmocka INTERFACE cmocka)
