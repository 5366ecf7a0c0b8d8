// Errors of the core, each with the Python exception that it becomes.
#pragma once

#include <exception>
#include <sstream>
#include <string>
#include <utility>

namespace lamina {

enum class ErrorKind { value, type, runtime, memory, index, disposed, internal };

class Error : public std::exception {
  public:
    Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}
    ErrorKind kind() const noexcept { return kind_; }
    const char* what() const noexcept override { return message_.c_str(); }

  private:
    ErrorKind kind_;
    std::string message_;
};

template <class... Parts>
std::string text(const Parts&... parts) {
    std::ostringstream out;
    (out << ... << parts);
    return out.str();
}

template <class... Parts>
[[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
    throw Error(kind, text(parts...));
}

template <class... Parts>
[[noreturn]] void value_error(const Parts&... parts) {
    fail(ErrorKind::value, parts...);
}

template <class... Parts>
[[noreturn]] void type_error(const Parts&... parts) {
    fail(ErrorKind::type, parts...);
}

}  // namespace lamina
