# Compiler flags that the whole tree shares.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

option(ORRERY_BUILD_TESTS "Build the test programs" ON)
option(ORRERY_BUILD_BENCHMARKS "Build the micro-benchmarks" OFF)
option(ORRERY_BUILD_LIBRARIES "Build the rooms that need Arrow and LightGBM" ON)
option(ORRERY_BUILD_PYTHON "Build the Python extension" OFF)
option(ORRERY_UNITY "Compile many sources of a target as one, which costs a whole build less than half the time" ON)
set(ORRERY_SANITIZE "" CACHE STRING "Value of -fsanitize=, empty for none")

# Sources of a target see each other's names then, also those without linkage: each stands once in a target.
set(CMAKE_UNITY_BUILD ${ORRERY_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 10)

add_library(orrery_flags INTERFACE)
target_compile_options(orrery_flags INTERFACE
  -Wall -Wextra -Wconversion -Wno-sign-conversion -Werror
  # One binary gives the same bits everywhere: a fused multiply-add happens only where it is written.
  -ffp-contract=off
  # The floor of the supported machines; anything above it is chosen at run time.
  -march=x86-64-v3)
target_include_directories(orrery_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(orrery_flags INTERFACE ORRERY_VERSION="${PROJECT_VERSION}")

if(ORRERY_SANITIZE)
  target_compile_options(orrery_flags INTERFACE
    -fsanitize=${ORRERY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # g++ 12 takes its own instrumentation of the standard library for uninitialised reads.
    -Wno-maybe-uninitialized)
  target_link_options(orrery_flags INTERFACE -fsanitize=${ORRERY_SANITIZE})
endif()

if(ORRERY_UNITY)
  # g++ takes names without linkage in an included file for a header's; a source is no header.
  target_compile_options(orrery_flags INTERFACE -Wno-subobject-linkage)
endif()

# orrery_not_hot(TARGET [LEVEL]): optimises a release build of a target less, since no user waits for its code and
# everybody for its compilation.
function(orrery_not_hot target)
  set(level "${ARGV1}")
  if(NOT level)
    set(level 2)
  endif()
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O${level}>)
endfunction()

find_program(ORRERY_CCACHE ccache)
if(ORRERY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ORRERY_CCACHE}")
endif()
find_program(ORRERY_MOLD mold)
if(ORRERY_MOLD)
  target_link_options(orrery_flags INTERFACE -fuse-ld=mold)
endif()
