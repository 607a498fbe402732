# lvp_embed(TARGET DIR NAME [DEPENDS targets…]): puts the files of a folder into the program.
#
# Declares in namespace lvp::embedded the table `extern const std::span<const File> NAME;`
# (base/embedded.h). The file list is read when the program is built, so a folder that another
# target makes (DEPENDS) may be empty at configure time.
function(lvp_embed target dir name)
  cmake_parse_arguments(EMBED "" "" "DEPENDS" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embed_${name})
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${dir}/*)
  add_custom_command(
    OUTPUT ${out}.S ${out}.cc
    COMMAND ${CMAKE_COMMAND} -DDIR=${dir} -DNAME=${name} -DOUT=${out} -P ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${inputs} ${EMBED_DEPENDS} ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    COMMENT "Embedding ${name}"
    VERBATIM)
  target_sources(${target} PRIVATE ${out}.S ${out}.cc)
endfunction()
