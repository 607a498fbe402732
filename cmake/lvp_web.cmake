# The two web pages, built by npm from web/ and put into the program.
#
# lvp_web_page(TARGET NAME): embeds web/NAME/dist as lvp::embedded::web_NAME.
option(LVP_WEB "Build the web pages (needs node and npm); without, the program serves none" ON)

set(web ${PROJECT_SOURCE_DIR}/web)
if(LVP_WEB)
  find_program(LVP_NPM npm REQUIRED)
  file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS
    ${web}/dashboard/src/* ${web}/dashboard/public/* ${web}/dashboard/index.html ${web}/dashboard/vite.config.ts
    ${web}/player/src/* ${web}/player/public/* ${web}/player/index.html ${web}/player/vite.config.ts
    ${web}/shared/*)
  add_custom_command(
    OUTPUT ${PROJECT_BINARY_DIR}/web_modules.stamp
    COMMAND ${LVP_NPM} ci --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/web_modules.stamp
    WORKING_DIRECTORY ${web}
    DEPENDS ${web}/package.json ${web}/package-lock.json
    COMMENT "Installing web packages"
    VERBATIM)
  add_custom_command(
    OUTPUT ${PROJECT_BINARY_DIR}/web_pages.stamp
    COMMAND ${LVP_NPM} run --silent build
    COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/web_pages.stamp
    WORKING_DIRECTORY ${web}
    DEPENDS ${PROJECT_BINARY_DIR}/web_modules.stamp ${web_sources} ${web}/tsconfig.json
    COMMENT "Building web pages"
    VERBATIM)
  add_custom_target(lvp_web DEPENDS ${PROJECT_BINARY_DIR}/web_pages.stamp)
endif()

function(lvp_web_page target name)
  if(LVP_WEB)
    lvp_embed(${target} ${web}/${name}/dist web_${name} DEPENDS lvp_web ${PROJECT_BINARY_DIR}/web_pages.stamp)
  else()
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/no_web)
    lvp_embed(${target} ${PROJECT_BINARY_DIR}/no_web web_${name})
  endif()
endfunction()
