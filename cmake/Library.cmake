# liblamina: the C interface with its headers, for programs without Python.
#
# Everything goes under lamina/, where the Python package is: `python -m lamina --cmake-dir` finds it there.

include(CMakePackageConfigHelpers)

file(GLOB capi_sources CONFIGURE_DEPENDS cpp/capi/*.cpp)
list(FILTER capi_sources EXCLUDE REGEX "/make_ops_header\\.cpp$")
add_library(lamina_capi OBJECT ${capi_sources})
target_include_directories(lamina_capi PRIVATE cpp cpp/include)
target_compile_definitions(lamina_capi PRIVATE LAMINA_BUILDING LAMINA_VERSION="${PROJECT_VERSION}")
target_compile_options(lamina_capi PRIVATE -Wall -Wextra)
target_link_libraries(lamina_capi PRIVATE lamina_cold_flags)

# The functions of ops are written from their registry.
add_executable(make_ops_header cpp/capi/make_ops_header.cpp)
target_link_libraries(make_ops_header PRIVATE lamina_core)
set(ops_header ${PROJECT_BINARY_DIR}/include/lamina/ops.h)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include/lamina)
add_custom_command(OUTPUT ${ops_header} COMMAND make_ops_header ${ops_header} DEPENDS make_ops_header VERBATIM)
add_custom_target(lamina_ops_header ALL DEPENDS ${ops_header})

# One file, named by its SONAME: a wheel has no symbolic links.
add_library(lamina SHARED $<TARGET_OBJECTS:lamina_capi>)
target_link_libraries(lamina PRIVATE lamina_core)
set_target_properties(lamina PROPERTIES SOVERSION ${PROJECT_VERSION_MAJOR})
if(APPLE)
  target_link_options(lamina PRIVATE -Wl,-exported_symbol,_lamina_*)
elseif(UNIX)
  set(symbols ${PROJECT_SOURCE_DIR}/cmake/liblamina.map)
  target_link_options(lamina PRIVATE -Wl,--version-script=${symbols})
  set_target_properties(lamina PROPERTIES LINK_DEPENDS ${symbols})
endif()
if(NOT LAMINA_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Release")
  target_link_options(lamina PRIVATE -Wl,--gc-sections -s)
endif()

install(TARGETS lamina COMPONENT sdk
        RUNTIME DESTINATION lamina/lib
        LIBRARY DESTINATION lamina/lib NAMELINK_SKIP
        ARCHIVE DESTINATION lamina/lib)
if(LAMINA_STATIC)
  add_library(lamina_static STATIC $<TARGET_OBJECTS:lamina_capi>)
  target_link_libraries(lamina_static PRIVATE lamina_core)
  install(TARGETS lamina_static COMPONENT sdk ARCHIVE DESTINATION lamina/lib)
endif()
install(DIRECTORY cpp/include/lamina DESTINATION lamina/include COMPONENT sdk FILES_MATCHING PATTERN "*.h")
install(FILES ${ops_header} DESTINATION lamina/include/lamina COMPONENT sdk)

if(APPLE)
  set(LAMINA_LIBRARY liblamina.${PROJECT_VERSION_MAJOR}.dylib)
else()
  set(LAMINA_LIBRARY liblamina.so.${PROJECT_VERSION_MAJOR})
endif()
configure_package_config_file(cmake/laminaConfig.cmake.in ${PROJECT_BINARY_DIR}/laminaConfig.cmake
                              INSTALL_DESTINATION lamina/cmake)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/laminaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/laminaConfig.cmake ${PROJECT_BINARY_DIR}/laminaConfigVersion.cmake
        DESTINATION lamina/cmake COMPONENT sdk)
