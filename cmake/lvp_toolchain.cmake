# Compiler settings and the third-party libraries, each found once here and linked by the one room
# that is its door (docs/dependencies.md).

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})

find_program(LVP_CCACHE ccache)
if(LVP_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LVP_CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(RocksDB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(JSC REQUIRED IMPORTED_TARGET javascriptcoregtk-4.1)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_package(ZLIB REQUIRED)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(MAXMINDDB REQUIRED IMPORTED_TARGET libmaxminddb)
pkg_check_modules(TCMALLOC REQUIRED IMPORTED_TARGET libtcmalloc_minimal)

# Debian's shared library, not the static one that its CMake file prefers: smaller and patched by apt.
find_library(LVP_ROCKSDB NAMES librocksdb.so REQUIRED)

add_library(lvp_warnings INTERFACE)
target_compile_options(lvp_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # g++ 12 reports values as maybe uninitialised and out of bounds where std::expected and
  # std::optional are inlined; clang and the sanitizers watch for the real thing.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow
    -Wno-stringop-overread -Wno-restrict>)

set(LVP_SANITIZE "" CACHE STRING "Sanitizers for the whole program, e.g. address,undefined")
if(LVP_SANITIZE)
  # Not vptr: JavaScriptCore is built without the types' names that it looks for, and calls what of
  # std::shared_ptr it finds in our programs.
  add_compile_options(-fsanitize=${LVP_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LVP_SANITIZE})
endif()

# How many times longer than without sanitizers a test may take: of the whole test by lvp_more_patience,
# of what the program is asked for by tests/system/lvp.py.
set(LVP_PATIENCE 1)
if(LVP_SANITIZE)
  set(LVP_PATIENCE 5)
endif()
