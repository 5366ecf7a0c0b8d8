// What has to stay as it is while a Program made of a user's Python code is used.
#pragma once

#include "bindings/python.h"

namespace lamina::python {

PyTypeObject* guards_type();

// Whether everything is still what it was. Runs no Python; needs the interpreter's lock.
bool guards_hold(PyObject* guards);

void init_guards(py::module_& m);

}  // namespace lamina::python
