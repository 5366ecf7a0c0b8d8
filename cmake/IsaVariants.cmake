# One OBJECT library per CPU level from the same kernel sources.
#
# kernels/*.cpp are compiled at every level, *_vector.cpp at the vector levels, *_ref.cpp at ref64, the reference in double.

file(GLOB kernel_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cpp/kernels/*.cpp)
list(FILTER kernel_sources EXCLUDE REGEX "/isa\\.cpp$")
set(vector_sources ${kernel_sources})
list(FILTER vector_sources EXCLUDE REGEX "_ref\\.cpp$")
set(reference_sources ${kernel_sources})
list(FILTER reference_sources EXCLUDE REGEX "_vector\\.cpp$")

function(lamina_kernel_level level)
  cmake_parse_arguments(ARG "" "" "SOURCES;FLAGS" ${ARGN})
  add_library(lamina_kernels_${level} OBJECT ${ARG_SOURCES})
  target_include_directories(lamina_kernels_${level} PRIVATE ${PROJECT_SOURCE_DIR}/cpp)
  target_compile_definitions(lamina_kernels_${level} PRIVATE LAMINA_LEVEL=${level})
  # Sanitized kernels take minutes to optimize, and are not there to be fast.
  set(optimize -O3)
  if(LAMINA_SANITIZE)
    set(optimize -O1)
    # In this pass GCC 12 breaks off under the thread sanitizer.
    if(LAMINA_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      list(APPEND optimize -fno-tree-sra)
    endif()
  endif()
  # Sums must not depend on what the compiler contracts; the intrinsics' headers trip -Wmaybe-uninitialized.
  target_compile_options(lamina_kernels_${level} PRIVATE ${ARG_FLAGS} ${optimize} -ffp-contract=off -fno-math-errno
                         -fno-trapping-math -Wall -Wextra $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
                         $<$<CXX_COMPILER_ID:Clang>:-Wno-unused-function>)
  target_link_libraries(lamina_kernels_${level} PRIVATE lamina_flags)
  set(LAMINA_KERNEL_OBJECTS ${LAMINA_KERNEL_OBJECTS} $<TARGET_OBJECTS:lamina_kernels_${level}> PARENT_SCOPE)
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64")
  lamina_kernel_level(v2 SOURCES ${vector_sources} FLAGS -march=x86-64-v2)
  lamina_kernel_level(v3 SOURCES ${vector_sources} FLAGS -march=x86-64-v3)
  lamina_kernel_level(v4 SOURCES ${vector_sources} FLAGS -march=x86-64-v4 -mprefer-vector-width=512)
else()
  lamina_kernel_level(neon SOURCES ${vector_sources} FLAGS "")
endif()
lamina_kernel_level(ref64 SOURCES ${reference_sources} FLAGS -DLAMINA_REF64)
