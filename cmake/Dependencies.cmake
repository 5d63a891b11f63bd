# Every third-party package of the project. All of them are Debian packages (see the Dockerfile).
find_package(Threads REQUIRED)
find_package(CURL 8 REQUIRED)
find_package(LibLZMA 5.4 REQUIRED)
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog 1.12 REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)  # headers only
find_package(PkgConfig REQUIRED)
# Of Parquet pages.
pkg_check_modules(CODECS REQUIRED IMPORTED_TARGET libbrotlidec liblz4 libzstd snappy zlib)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
# Each vector target is one more copy of every kernel. Left out are those that our kernels do not
# gain from: AVX-512 machines later than AVX3_DL's run that, those with SSSE3 only run SSE2. SVE and
# RVV have registers of unknown size, which the kernels cannot keep in arrays; such machines run NEON
# or the portable target.
set_property(TARGET PkgConfig::HWY APPEND PROPERTY INTERFACE_COMPILE_DEFINITIONS
  "HWY_DISABLED_TARGETS=(HWY_AVX3_ZEN4|HWY_AVX3_SPR|HWY_AVX10_2|HWY_SSSE3|HWY_ALL_SVE|HWY_RVV)")

# Only the header: the library is opened at run time, and only when its engine is used
# (src/infer/xgboost_library.h says why).
find_path(XGBOOST_INCLUDE_DIR xgboost/c_api.h REQUIRED)
