# What `cmake --install` puts where, and the Debian package of the same (`cpack`): deploy/README.md.
#
# systemd looks for units below /usr and /usr/local alike, and finds the program in the bin of either.
# What administrators change is in /etc/lvp whatever the prefix; a file that is there stays.
include(GNUInstallDirs)
set(deploy ${PROJECT_SOURCE_DIR}/deploy)

install(TARGETS lvp RUNTIME)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config DESTINATION ${CMAKE_INSTALL_DATADIR}/lvp)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE TYPE DOC)
install(FILES ${deploy}/systemd/lvp.service ${deploy}/systemd/lvp@.service DESTINATION lib/systemd/system)
foreach(unit lvp.service lvp@.service)
  install(FILES ${deploy}/systemd/hardening.conf DESTINATION lib/systemd/system/${unit}.d)
endforeach()
install(FILES ${deploy}/systemd/lvp.sysusers DESTINATION lib/sysusers.d RENAME lvp.conf)
foreach(file ${deploy}/systemd/lvp.toml ${PROJECT_SOURCE_DIR}/config/distributed.toml)
  cmake_path(GET file FILENAME name)
  install(CODE "
    if(NOT EXISTS \"\$ENV{DESTDIR}/etc/lvp/${name}\")
      file(INSTALL \"${file}\" DESTINATION /etc/lvp)
    endif()")
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)  # /etc is not below the prefix
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "Live Viewer Profiles")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "What every viewer of a video platform is doing, second by second")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${deploy}/debian/postinst ${deploy}/debian/conffiles)
include(CPack)
