# Precompiled headers of the release build. moldau_precompile(KIND LIBRARIES...) makes the one of
# cmake/precompiled/<KIND>.h; moldau_precompiled(TARGET KIND) gives it to a target.
#
# A precompiled header holds the paths of its build directory, so ccache would never share objects
# between two clones. It therefore looks at <header>.pch.sum instead, which is made here of what the
# header contains after preprocessing.
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  function(moldau_precompile KIND)
  endfunction()
  function(moldau_precompiled TARGET KIND)
  endfunction()
  return()
endif()

if(CMAKE_CXX_COMPILER_LAUNCHER)
  list(INSERT CMAKE_CXX_COMPILER_LAUNCHER 3 CCACHE_PCH_EXTSUM=1)
endif()

function(moldau_precompile KIND)
  set(TARGET precompiled_${KIND})
  set(HEADER ${CMAKE_SOURCE_DIR}/cmake/precompiled/${KIND}.h)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled/${KIND}.cc "")
  add_library(${TARGET} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${KIND}.cc)
  # The cache would give the header of another build directory, with its paths.
  set_target_properties(${TARGET} PROPERTIES CXX_COMPILER_LAUNCHER "")
  # Those who use it must agree with it on what changes the language, threads among them.
  target_compile_options(${TARGET} PRIVATE -pthread "SHELL:-Xclang -fno-pch-timestamp")
  target_link_libraries(${TARGET} PRIVATE ${ARGN})
  target_precompile_headers(${TARGET} PRIVATE ${HEADER})
  set(SUM ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${TARGET}.dir/cmake_pch.hxx.pch.sum)
  add_custom_command(OUTPUT ${SUM}
    COMMAND sh -c "'${CMAKE_CXX_COMPILER}' -std=c++23 -E -P -x c++ '${HEADER}' | sha256sum > '${SUM}'"
    DEPENDS ${HEADER} VERBATIM)
  add_custom_target(${TARGET}_sum DEPENDS ${SUM})
endfunction()

function(moldau_precompiled TARGET KIND)
  target_compile_options(${TARGET} PRIVATE -pthread)
  target_precompile_headers(${TARGET} REUSE_FROM precompiled_${KIND})
  add_dependencies(${TARGET} precompiled_${KIND}_sum)
endfunction()
