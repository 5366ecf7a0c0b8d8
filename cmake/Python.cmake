# The extension modules: _core (pybind11) and those written in Cython.

find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
find_package(pybind11 CONFIG REQUIRED)

file(GLOB binding_sources CONFIGURE_DEPENDS cpp/bindings/*.cpp)
pybind11_add_module(_core MODULE NO_EXTRAS ${binding_sources})
target_compile_options(_core PRIVATE -Wall -Wextra)
# pybind11 is most of what each binding file compiles.
target_precompile_headers(_core PRIVATE cpp/bindings/python.h)
target_compile_definitions(_core PRIVATE LAMINA_VERSION="${PROJECT_VERSION}")
target_link_libraries(_core PRIVATE lamina_core lamina_cold_flags)
# What runs once, or before something that takes long.
set_source_files_properties(
  cpp/bindings/bind_autograd.cpp cpp/bindings/bind_graph.cpp cpp/bindings/bind_loop.cpp cpp/bindings/bind_system.cpp cpp/bindings/bind_tensors.cpp
  cpp/bindings/bind_watch.cpp cpp/bindings/dlpack.cpp cpp/bindings/errors.cpp cpp/bindings/module.cpp
  PROPERTIES COMPILE_OPTIONS $<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU,Clang,AppleClang>>:-O1>)
if(NOT LAMINA_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Release")
  target_link_options(_core PRIVATE -Wl,--gc-sections -s)
endif()

set(extension_modules _core)
file(GLOB cython_sources CONFIGURE_DEPENDS python/lamina/*.pyx)
foreach(source ${cython_sources})
  get_filename_component(name ${source} NAME_WE)
  add_custom_command(
    OUTPUT ${name}.cpp
    COMMAND Python::Interpreter -m cython -3 --cplus -Wextra ${source} -o ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp
    DEPENDS ${source} VERBATIM)
  Python_add_library(${name} MODULE WITH_SOABI ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE lamina_cold_flags)
  list(APPEND extension_modules ${name})
endforeach()

install(TARGETS ${extension_modules} DESTINATION lamina)

# For work on the checkout: puts the modules, and what programs in C++ need, beside the Python sources.
add_custom_target(dev ALL)
foreach(module ${extension_modules})
  add_custom_command(TARGET dev POST_BUILD COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:${module}>
                                                   ${PROJECT_SOURCE_DIR}/python/lamina/)
endforeach()
add_custom_command(TARGET dev POST_BUILD COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --component sdk
                                                 --prefix ${PROJECT_SOURCE_DIR}/python)
add_dependencies(dev ${extension_modules} lamina lamina_ops_header)
if(SKBUILD)
  set_target_properties(dev PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
