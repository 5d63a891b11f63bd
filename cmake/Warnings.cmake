# Warnings shared by every target of the project.
option(ERAWISE_WERROR "Treat warnings as errors" OFF)
add_library(erawise_warnings INTERFACE)
target_compile_options(erawise_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wnull-dereference -Wimplicit-fallthrough
  -Wextra-semi -Wundef)
if(ERAWISE_WERROR)
  target_compile_options(erawise_warnings INTERFACE -Werror)
endif()
