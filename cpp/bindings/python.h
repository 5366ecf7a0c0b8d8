// Small things that all binding files need.
#pragma once

#include <pybind11/pybind11.h>

#include "core/error.h"
#include "core/tensor.h"
#include "ops/op.h"

namespace lamina::python {

namespace py = pybind11;

// Sets the Python error that stands for the C++ exception in flight; to be called in a catch block.
void set_python_error() noexcept;

// For slots that CPython calls directly: runs f and turns exceptions into Python errors and `failed`.
template <class R, class F>
R guarded(R failed, F&& f) noexcept {
    try {
        return f();
    } catch (...) {
        set_python_error();
        return failed;
    }
}

// What an object is called in an error message: its type and, where it is short, its value.
std::string describe(PyObject* object);

}  // namespace lamina::python
