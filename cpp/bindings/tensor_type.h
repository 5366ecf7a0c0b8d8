// The Python type of tensors, and of variables, which derive from it.
#pragma once

#include "bindings/python.h"
#include "core/handle.h"
#include "ops/op.h"

namespace lamina::python {

struct Place;  // convert.h

struct PyTensor {
    PyObject_HEAD Handle handle;
    VariableRef variable;  // set for variables
    PyObject* name;        // str, for variables
    bool trainable;
    PyObject* weak_references;
};

inline PyTensor* as_py(PyObject* o) noexcept { return reinterpret_cast<PyTensor*>(o); }

// Creates the types; once, at import.
void init_tensor_types(py::module_& m);
void init_variable_type(py::module_& m);

// An object of the type (a tensor or a subclass) that still wants its value.
PyObject* allocate_tensor(PyTypeObject* type);
// Takes a variable, if it is one, out of the registry of names.
void forget_variable(PyObject* object) noexcept;
// The live variable with a name whose value has this id, borrowed; nullptr where there is none.
PyObject* variable_of(uint64_t value_id) noexcept;

PyTypeObject* tensor_type() noexcept;
PyTypeObject* variable_type() noexcept;
inline bool is_tensor(PyObject* o) noexcept { return PyObject_TypeCheck(o, tensor_type()); }
inline bool is_variable(PyObject* o) noexcept { return PyObject_TypeCheck(o, variable_type()); }

// A new Python tensor; a new reference.
PyObject* wrap(Tensor value);

// The value of a Python tensor now; where it is disposed, an error naming it and the place it was given to.
Tensor unwrap(PyObject* tensor, const Place* place = nullptr);
Tensors unwrap_all(const py::iterable& tensors);
// The variable behind a Python variable, likewise.
const VariableRef& unwrap_variable(PyObject* variable);

// Slots that live in files of their own.
int get_buffer(PyObject* self, Py_buffer* view, int flags);
void release_buffer(PyObject* self, Py_buffer* view);
PyObject* to_dlpack(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* names);
PyObject* dlpack_device(PyObject* self, PyObject*);
PyObject* to_complex(PyObject* self, PyObject*);
PyObject* to_list(PyObject* self, PyObject*);
PyObject* to_flat_list(PyObject* self, PyObject*);
extern PyType_Slot number_slots[];
PyObject* compare(PyObject* a, PyObject* b, int operation);

}  // namespace lamina::python
