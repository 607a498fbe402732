# lvp_room(NAME [DEPS rooms…] [LIBS libraries…] [TEST_LIBS libraries…] [SOURCES files…] [TESTS files…])
#
# One room of src/: a static library lvp_<name> that sees only the rooms in DEPS, a check that every
# header of the folder compiles alone, and one test program <name>_test that links the room with
# nothing but what it declares. Third-party LIBS stay private to the room: that is the door.
function(lvp_room name)
  cmake_parse_arguments(ROOM "" "" "DEPS;LIBS;TEST_LIBS;SOURCES;TESTS" ${ARGN})
  list(TRANSFORM ROOM_DEPS PREPEND lvp_ OUTPUT_VARIABLE deps)

  if(NOT LVP_SANITIZE)  # which would find the same
    file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  endif()
  set(checks "")
  foreach(header IN LISTS headers)
    get_filename_component(stem ${header} NAME_WE)
    set(check ${CMAKE_CURRENT_BINARY_DIR}/headers/${stem}.cc)
    file(CONFIGURE OUTPUT ${check} CONTENT "#include \"${name}/${stem}.h\"\n#include \"${name}/${stem}.h\"\n")
    list(APPEND checks ${check})
  endforeach()

  add_library(lvp_${name} STATIC ${ROOM_SOURCES} ${checks})
  target_include_directories(lvp_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(lvp_${name} PUBLIC ${deps} PRIVATE lvp_warnings ${ROOM_LIBS})

  if(ROOM_TESTS AND BUILD_TESTING)
    add_executable(${name}_test ${ROOM_TESTS})
    target_link_libraries(${name}_test PRIVATE lvp_${name} lvp_warnings ${ROOM_TEST_LIBS} GTest::gtest GTest::gtest_main)
    lvp_discover_tests(${name}_test ${name}.)
  endif()
endfunction()

# Registers every case of a GoogleTest program as its own test, named <prefix>Suite.Case.
include(GoogleTest)
function(lvp_discover_tests target prefix)
  math(EXPR seconds "120 * ${LVP_PATIENCE}")
  gtest_discover_tests(${target} TEST_PREFIX ${prefix} DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${seconds} LABELS unit)
endfunction()

# Gives the tests of this folder that are there so far the time that sanitizers take, and tells them.
function(lvp_more_patience)
  get_property(tests DIRECTORY PROPERTY TESTS)
  foreach(test IN LISTS tests)
    get_property(seconds TEST ${test} PROPERTY TIMEOUT)
    math(EXPR seconds "${seconds} * ${LVP_PATIENCE}")
    set_property(TEST ${test} PROPERTY TIMEOUT ${seconds})
    set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT LVP_PATIENCE=${LVP_PATIENCE})
  endforeach()
endfunction()
