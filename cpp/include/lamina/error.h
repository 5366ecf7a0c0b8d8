// What the library throws.
#pragma once

#include <stdexcept>
#include <string>

#include "lamina/c_api.h"

namespace lamina {
inline namespace v1 {

enum class ErrorCode : lamina_status {
    value = LAMINA_VALUE_ERROR,
    type = LAMINA_TYPE_ERROR,
    runtime = LAMINA_RUNTIME_ERROR,
    memory = LAMINA_MEMORY_ERROR,
    index = LAMINA_INDEX_ERROR,
    internal = LAMINA_INTERNAL_ERROR,
};

class Error : public std::runtime_error {
  public:
    Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
    ErrorCode code() const noexcept { return code_; }

  private:
    ErrorCode code_;
};

namespace detail {

inline void check(lamina_status status) {
    if (status != LAMINA_OK) throw Error(static_cast<ErrorCode>(status), lamina_last_error());
}

}  // namespace detail

}  // namespace v1
}  // namespace lamina
