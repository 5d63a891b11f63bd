# Settings shared by every target of the project.
add_library(erawise_settings INTERFACE)
target_compile_features(erawise_settings INTERFACE cxx_std_23)
target_include_directories(erawise_settings INTERFACE "${PROJECT_SOURCE_DIR}/src")

# A result must not depend on the machine: no fused multiply-add behind our back (float32 sums
# are compared bit for bit with libxgboost), no -march=native (kernels dispatch at run time).
target_compile_options(erawise_settings INTERFACE -ffp-contract=off)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Debian's libraries are shared; ours are static, and only what is used stays in the binary.
target_compile_options(erawise_settings INTERFACE -ffunction-sections -fdata-sections)
target_link_options(erawise_settings INTERFACE -Wl,--gc-sections -Wl,--as-needed)

set(ERAWISE_COMMIT "unknown" CACHE STRING "Source commit, shown by --version")
