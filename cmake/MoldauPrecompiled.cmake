# Precompiled headers of the release build. moldau_precompile(KIND OPTIMIZE LIBRARIES...) makes the
# one of cmake/precompiled/<KIND>.h, for sources with the optimization option OPTIMIZE, or with the
# preset's when it is empty: clang refuses one made with another. moldau_precompiled(KIND SOURCES...)
# gives it to sources of the same folder's targets. A module with a header of its name has one of its
# own, all others share src.h or small.h.
#
# A precompiled header holds the paths of its build directory, so ccache would never share objects
# between two clones. It therefore looks at <header>.pch.sum instead, which is made here of what the
# header contains after preprocessing. (CMake's REUSE_FROM puts an absolute path on each command line,
# to the same effect.) Names of files in it, which CHECK has, are those without the tree's own path.
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  function(moldau_precompile KIND OPTIMIZE)
  endfunction()
  function(moldau_precompiled KIND)
  endfunction()
  return()
endif()

if(CMAKE_CXX_COMPILER_LAUNCHER)
  list(INSERT CMAKE_CXX_COMPILER_LAUNCHER 3 CCACHE_PCH_EXTSUM=1)
endif()
# Everyone who uses a precompiled header must agree with it on what changes the language.
add_compile_options(-pthread "SHELL:-Xclang -fno-pch-timestamp")

function(moldau_precompile KIND OPTIMIZE)
  set(TARGET precompiled_${KIND})
  set(HEADER ${CMAKE_SOURCE_DIR}/cmake/precompiled/${KIND}.h)
  file(GLOB ALL CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/precompiled/*.h)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled/${KIND}.cc "")
  add_library(${TARGET} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${KIND}.cc)
  # The cache would give the header of another build directory, with its paths.
  set_target_properties(${TARGET} PROPERTIES CXX_COMPILER_LAUNCHER "")
  target_link_libraries(${TARGET} PRIVATE ${ARGN})
  set(FOLDERS ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/gen)
  target_include_directories(${TARGET} PRIVATE ${FOLDERS})
  add_dependencies(${TARGET} moldau_generate)
  target_compile_options(${TARGET} PRIVATE ${OPTIMIZE})
  if(NOT KIND STREQUAL "test")
    target_compile_options(${TARGET} PRIVATE -fno-exceptions)
  endif()
  target_precompile_headers(${TARGET} PRIVATE ${HEADER})
  set(PCH ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${TARGET}.dir/cmake_pch.hxx.pch)
  add_custom_command(OUTPUT ${PCH}.sum
    COMMAND sh -c "'${CMAKE_CXX_COMPILER}' -std=c++23 -E -P -Wno-pragma-once-outside-header -ffile-prefix-map='${CMAKE_SOURCE_DIR}/=' -x c++ -I'$<JOIN:${FOLDERS},' -I'>' '${HEADER}' | sha256sum > '${PCH}.sum'"
    DEPENDS ${ALL} ${PCH} VERBATIM)
  add_custom_target(${TARGET}_sum DEPENDS ${PCH}.sum)
  set_property(GLOBAL PROPERTY moldau_precompiled_${KIND} ${PCH})
endfunction()

function(moldau_precompiled KIND)
  get_property(PCH GLOBAL PROPERTY moldau_precompiled_${KIND})
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -Winvalid-pch -include-pch ${PCH})
  set_property(SOURCE ${ARGN} APPEND PROPERTY OBJECT_DEPENDS ${PCH} ${PCH}.sum)
endfunction()
