// The Python type of ops: a callable built from the block, with positional and keyword arguments in its
// order.
#pragma once

#include "bindings/python.h"
#include "ops/op.h"

namespace lamina::python {

void init_op_type(py::module_& m);

// A callable for the op; a new reference. Also serves as a method of Tensor.
PyObject* wrap_op(const Op& op);

// Calls the op with positional arguments; a new reference, or null with the Python error set.
PyObject* invoke(const Op& op, PyObject* const* args, Py_ssize_t count, PyObject* names) noexcept;

}  // namespace lamina::python
