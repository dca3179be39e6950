# The one supported compiler and the flags that every target shares.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "Moldau needs clang 19 or newer; this is ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}.\n"
    "Install it:  sudo apt-get install clang-19 lld-19 cmake ninja-build\n"
    "Then:        cmake --preset release")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

find_program(MOLDAU_CCACHE ccache)
if(MOLDAU_CCACHE)
  # Paths relative to the tree, so that two clones share what they compile.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros ${MOLDAU_CCACHE})
endif()

find_program(MOLDAU_MOLD mold)
find_program(MOLDAU_LLD NAMES ld.lld-19 ld.lld)
if(MOLDAU_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(MOLDAU_LLD)
  add_link_options(--ld-path=${MOLDAU_LLD})
endif()

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wunused -Wimplicit-fallthrough -Wno-missing-field-initializers -Werror
  -fno-plt -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_compile_options($<$<CONFIG:Release>:-ffunction-sections> $<$<CONFIG:Release>:-fdata-sections>)
add_link_options($<$<CONFIG:Release>:-Wl,--gc-sections>)

set(MOLDAU_SANITIZE "" CACHE STRING "sanitizers, as for -fsanitize=")
if(MOLDAU_SANITIZE)
  add_compile_options(-fsanitize=${MOLDAU_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer -gline-tables-only)
  add_link_options(-fsanitize=${MOLDAU_SANITIZE})
endif()
option(MOLDAU_FUZZ "build the fuzz targets with libFuzzer" OFF)
if(MOLDAU_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
