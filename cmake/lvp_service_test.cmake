# lvp_service_test(NAME SERVICES services… PROGRAM target [OPTIONS options…] [LABELS labels…] [TIMEOUT seconds])
#
# A test that runs a program (of GoogleTest, or any that ends with 0 when all is well) beside real
# services: tools/services starts them and says in its environment where they are. One such test at
# a time, and alone on the machine's processors: brokers and the program want them all.
#   SERVICES  kafka dynamodb kinesis postgres
#   PROGRAM   a target or a command, with arguments after it if there are any
#   OPTIONS   of tools/services: --brokers 3, --sasl, --tls
function(lvp_service_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT" "SERVICES;PROGRAM;OPTIONS;LABELS" ${ARGN})
  if(NOT TEST_SERVICES OR NOT TEST_PROGRAM)
    message(FATAL_ERROR "lvp_service_test(${name}) needs SERVICES and PROGRAM")
  endif()
  if(LVP_SANITIZE STREQUAL "thread" AND "kafka" IN_LIST TEST_SERVICES)
    return()  # librdkafka starts threads that the sanitizer does not hear of, and dies of it
  endif()
  list(GET TEST_PROGRAM 0 program)
  if(TARGET ${program})
    list(POP_FRONT TEST_PROGRAM)
    list(PREPEND TEST_PROGRAM $<TARGET_FILE:${program}>)
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  add_test(NAME ${name}
    COMMAND ${PROJECT_SOURCE_DIR}/tools/services run ${TEST_OPTIONS} ${TEST_SERVICES} -- ${TEST_PROGRAM})
  set_tests_properties(${name} PROPERTIES
    LABELS "system;${TEST_LABELS}" TIMEOUT ${TEST_TIMEOUT} RESOURCE_LOCK services PROCESSORS 2)
endfunction()
