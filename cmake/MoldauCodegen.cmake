# Runs tools/codegen over schema/ into <build>/gen. moldau_generated_sources(MODULE OUT) names the
# generated .cc files of a module; the target moldau_generate makes all files at once.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(CODEGEN ${CMAKE_SOURCE_DIR}/tools/codegen/generate.py)
file(GLOB_RECURSE CODEGEN_INPUTS CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/schema/* ${CMAKE_SOURCE_DIR}/tools/codegen/*.py)
execute_process(COMMAND ${Python3_EXECUTABLE} ${CODEGEN} --list
  --schema ${CMAKE_SOURCE_DIR}/schema --out ${CMAKE_BINARY_DIR}/gen
  OUTPUT_VARIABLE CODEGEN_OUTPUTS OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" CODEGEN_OUTPUTS "${CODEGEN_OUTPUTS}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CODEGEN_INPUTS})

add_custom_command(OUTPUT ${CODEGEN_OUTPUTS}
  COMMAND ${Python3_EXECUTABLE} ${CODEGEN} --schema ${CMAKE_SOURCE_DIR}/schema
    --out ${CMAKE_BINARY_DIR}/gen
  DEPENDS ${CODEGEN_INPUTS}
  COMMENT "Generating code from schema/"
  VERBATIM)
add_custom_target(moldau_generate DEPENDS ${CODEGEN_OUTPUTS})

function(moldau_generated_sources MODULE OUT)
  set(FOUND ${CODEGEN_OUTPUTS})
  list(FILTER FOUND INCLUDE REGEX "/gen/${MODULE}/.*\\.cc$")
  set(${OUT} ${FOUND} PARENT_SCOPE)
endfunction()
