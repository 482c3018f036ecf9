# Libraries from the system's packages, and native libraries out of the pinned Python wheels in .venv.

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(LibXml2 REQUIRED)
if(ORRERY_BUILD_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# xxHash has no CMake package on Debian: a header and a library.
find_path(ORRERY_XXHASH_INCLUDE xxhash.h REQUIRED)
find_library(ORRERY_XXHASH_LIBRARY xxhash REQUIRED)
add_library(orrery_xxhash INTERFACE)
target_include_directories(orrery_xxhash SYSTEM INTERFACE "${ORRERY_XXHASH_INCLUDE}")
target_link_libraries(orrery_xxhash INTERFACE "${ORRERY_XXHASH_LIBRARY}")

set(ORRERY_VENV "${CMAKE_SOURCE_DIR}/.venv" CACHE PATH "Python environment that holds the pinned wheels")
file(GLOB site_packages LIST_DIRECTORIES true "${ORRERY_VENV}/lib/python3.*/site-packages")
list(GET site_packages 0 ORRERY_SITE_PACKAGES)

# orrery_late_library(NAME FOLDER FILE): a library that is loaded at run time by the first that needs it. Makes the target
# orrery_NAME, which brings the run path, and ORRERY_NAME_FILE, the name to load.
function(orrery_late_library name folder file)
  string(TOUPPER "${name}" upper)
  add_library(orrery_${name} INTERFACE)
  target_link_libraries(orrery_${name} INTERFACE ${CMAKE_DL_LIBS})
  if(NOT ORRERY_BUILD_PYTHON)  # the package carries its own copies
    target_link_options(orrery_${name} INTERFACE "-Wl,-rpath,${folder}")
  endif()
  if(ORRERY_SANITIZE)  # the loader that a sanitizer puts in between does not look along the program's own run path
    set(file "${folder}/${file}")
  endif()
  set(ORRERY_${upper}_FILE "${file}" PARENT_SCOPE)
endfunction()

# HiGHS: for linear programs; no header is needed.
set(highs_directory "${ORRERY_SITE_PACKAGES}/highsbox/highs_dist/lib")
orrery_late_library(highs "${highs_directory}" libhighs.so)

if(NOT ORRERY_BUILD_LIBRARIES)
  return()
endif()

# The server: HTTP and WebSocket, figures for Prometheus, its log. Of Boost only headers are used.
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(Boost 1.74 REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(spdlog REQUIRED)

# The ledger of trials.
find_package(SQLite3 REQUIRED)

# Redis, for online features. Debian has no CMake package of it.
find_path(ORRERY_HIREDIS_INCLUDE hiredis/hiredis.h REQUIRED)
find_library(ORRERY_HIREDIS_LIBRARY hiredis REQUIRED)
add_library(orrery_hiredis INTERFACE)
target_include_directories(orrery_hiredis SYSTEM INTERFACE "${ORRERY_HIREDIS_INCLUDE}")
target_link_libraries(orrery_hiredis INTERFACE "${ORRERY_HIREDIS_LIBRARY}")

# HDF5: the library for one process; Debian keeps it apart from the one for MPI.
find_path(ORRERY_HDF5_INCLUDE hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
find_library(ORRERY_HDF5_LIBRARY NAMES hdf5_serial hdf5 REQUIRED)
add_library(orrery_hdf5 INTERFACE)
target_include_directories(orrery_hdf5 SYSTEM INTERFACE "${ORRERY_HDF5_INCLUDE}")
target_link_libraries(orrery_hdf5 INTERFACE "${ORRERY_HDF5_LIBRARY}")

# CSV.gz. The CMake package of libdeflate is not in Debian's.
find_path(ORRERY_DEFLATE_INCLUDE libdeflate.h REQUIRED)
find_library(ORRERY_DEFLATE_LIBRARY deflate REQUIRED)
add_library(orrery_deflate INTERFACE)
target_include_directories(orrery_deflate SYSTEM INTERFACE "${ORRERY_DEFLATE_INCLUDE}")
target_link_libraries(orrery_deflate INTERFACE "${ORRERY_DEFLATE_LIBRARY}")

# LEAN's archives. Debian's CMake package of libzip asks for its command-line tools too.
find_path(ORRERY_ZIP_INCLUDE zip.h REQUIRED)
find_library(ORRERY_ZIP_LIBRARY zip REQUIRED)
add_library(orrery_zip INTERFACE)
target_include_directories(orrery_zip SYSTEM INTERFACE "${ORRERY_ZIP_INCLUDE}")
target_link_libraries(orrery_zip INTERFACE "${ORRERY_ZIP_LIBRARY}")

if(NOT EXISTS "${ORRERY_SITE_PACKAGES}/pyarrow/include/arrow/api.h")
  message(FATAL_ERROR "pyarrow is not in ${ORRERY_VENV}; run tools/setup.sh first")
endif()

# Arrow and Parquet: compiled into the pyarrow wheel, with headers. The file names carry the ABI version.
set(arrow_directory "${ORRERY_SITE_PACKAGES}/pyarrow")
file(GLOB arrow_libraries
  "${arrow_directory}/libarrow.so.*" "${arrow_directory}/libparquet.so.*")
add_library(orrery_arrow INTERFACE)
target_include_directories(orrery_arrow SYSTEM INTERFACE "${arrow_directory}/include")
target_link_libraries(orrery_arrow INTERFACE ${arrow_libraries})
if(NOT ORRERY_BUILD_PYTHON)  # the package carries its own copies
  target_link_options(orrery_arrow INTERFACE "-Wl,-rpath,${arrow_directory}")
endif()

# Arrow's S3 part is a library of its own, linked only by what is loaded when an s3:// address is used.
file(GLOB arrow_s3_library "${arrow_directory}/libarrow_s3.so.*")
add_library(orrery_arrow_s3 INTERFACE)
target_link_libraries(orrery_arrow_s3 INTERFACE ${arrow_s3_library})

# LightGBM: the library from the wheel; the C header from the source distribution that tools/setup.sh unpacks.
set(lightgbm_directory "${ORRERY_SITE_PACKAGES}/lightgbm")
orrery_late_library(lightgbm "${lightgbm_directory}/lib" lib_lightgbm.so)
target_include_directories(orrery_lightgbm SYSTEM INTERFACE "${ORRERY_VENV}/include/lightgbm")

# DuckDB: the program builds and starts without it.
set(duckdb_directory "${ORRERY_VENV}/lib/duckdb")
orrery_late_library(duckdb "${duckdb_directory}" libduckdb.so)

# XGBoost: no header is needed.
set(xgboost_directory "${ORRERY_SITE_PACKAGES}/xgboost/lib")
orrery_late_library(xgboost "${xgboost_directory}" libxgboost.so)

# libtorch: compiled into the torch wheel, with headers; `tools/setup.sh networks` installs it. Linked by the networks'
# library alone, which the first network loads. The wheel's headers bring another fmt, so they are searched last.
set(torch_directory "${ORRERY_SITE_PACKAGES}/torch")
if(EXISTS "${torch_directory}/include/ATen/ATen.h" AND NOT ORRERY_BUILD_PYTHON)
  add_library(orrery_torch INTERFACE)
  target_compile_options(orrery_torch INTERFACE "SHELL:-idirafter ${torch_directory}/include")
  target_link_libraries(orrery_torch INTERFACE
    -Wl,--no-as-needed "${torch_directory}/lib/libtorch_cpu.so" "${torch_directory}/lib/libc10.so" -Wl,--as-needed)
  target_link_options(orrery_torch INTERFACE
    "-Wl,-rpath,${torch_directory}/lib:${ORRERY_SITE_PACKAGES}/nvidia/cu13/lib")
endif()

# What the program carries with it where it is installed away from this tree.
set(ORRERY_PRIVATE_LIBRARIES ${arrow_libraries} ${arrow_s3_library} "${lightgbm_directory}/lib/lib_lightgbm.so"
  "${highs_directory}/libhighs.so")
if(EXISTS "${duckdb_directory}/libduckdb.so")
  list(APPEND ORRERY_PRIVATE_LIBRARIES "${duckdb_directory}/libduckdb.so")
endif()
