# erawise_library(NAME SOURCES ... PUBLIC ... PRIVATE ...)
# One static library per folder of src/. PUBLIC and PRIVATE are what it links.
function(erawise_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(erawise_${name} STATIC ${arg_SOURCES})
  target_link_libraries(erawise_${name}
    PUBLIC erawise_settings ${arg_PUBLIC}
    PRIVATE erawise_warnings ${arg_PRIVATE})
endfunction()
