// a + b and the like: tensors, variables and numbers, with broadcasting.
#pragma once

#include "lamina/call.h"

namespace lamina {
inline namespace v1 {

inline Tensor operator+(const Tensor& a, const Tensor& b) { return detail::call1("add", {a, b}); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return detail::call1("sub", {a, b}); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return detail::call1("mul", {a, b}); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return detail::call1("div", {a, b}); }
inline Tensor operator-(const Tensor& a) { return detail::call1("neg", {a}); }

}  // namespace v1
}  // namespace lamina
