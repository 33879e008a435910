# Stands in for the package that protobuf-c brings itself when it is built with CMake.
add_library(protobuf-c::protobuf-c INTERFACE IMPORTED)
target_link_libraries(protobuf-c::protobuf-c INTERFACE protobuf-c)
