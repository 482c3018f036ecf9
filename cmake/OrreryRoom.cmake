# orrery_room(NAME [PUBLIC libraries…] [PRIVATE libraries…] [TEST libraries…])
#
# One folder, one library: every x.cc of the folder, with every x_test.cc in the room's test program.
# NAME `factor` makes the target `orrery_factor` and the test program `orrery_factor_test`.
function(orrery_room name)
  cmake_parse_arguments(ROOM "" "" "PUBLIC;PRIVATE;TEST" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "*.cc")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cc$")
  if(NOT sources)
    # A room of headers alone, as every room is on its first day.
    add_library(orrery_${name} INTERFACE)
    target_link_libraries(orrery_${name} INTERFACE ${ROOM_PUBLIC})
    target_include_directories(orrery_${name} INTERFACE "${CMAKE_SOURCE_DIR}")
    return()
  endif()
  add_library(orrery_${name} STATIC ${sources})
  target_link_libraries(orrery_${name} PUBLIC ${ROOM_PUBLIC} PRIVATE orrery_flags ${ROOM_PRIVATE})
  target_include_directories(orrery_${name} PUBLIC "${CMAKE_SOURCE_DIR}")
  if(ORRERY_BUILD_TESTS AND tests)
    orrery_test(orrery_${name}_test SOURCES ${tests} LIBRARIES orrery_${name} ${ROOM_TEST})
  endif()
endfunction()

# All test programs and nothing else: what a build for sanitizers needs.
add_custom_target(orrery_tests)

# orrery_test(TARGET SOURCES files… LIBRARIES libraries…): a GoogleTest program known to ctest case by case.
function(orrery_test target)
  cmake_parse_arguments(TEST "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${target} ${TEST_SOURCES})
  target_link_libraries(${target} PRIVATE orrery_flags ${TEST_LIBRARIES} GTest::gtest_main)
  orrery_not_hot(${target} 1)
  add_dependencies(orrery_tests ${target})
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTIES TIMEOUT 600)
endfunction()
