// From Python objects to tensors and attributes.
#pragma once

#include <optional>

#include "bindings/python.h"
#include "ops/op.h"

namespace lamina::python {

// Where a value was given, for error messages.
struct Place {
    const char* op;
    const char* argument;
};

// A tensor from numbers, strings, nested sequences, and all that has a buffer, an array interface or DLPack.
// Without a dtype: what TensorFlow.js infers (numbers float32, typed arrays by their type). float64 and int64
// values become float32 and int32; in an array, a number that does not fit is a ValueError.
Tensor tensor_from(PyObject* values, std::optional<DType> dtype, const Place& place);

// An input of an op: tensors as they are, anything else converted to what the input accepts. Plain numbers
// become `number` where the op takes reals.
Tensor input_from(PyObject* value, Accept accept, DType number, const Place& place);

// Whether an operator may treat the object as a tensor: a tensor, a number, or something array-like.
bool is_tensor_like(PyObject* value);

Attr attr_from(PyObject* value, const AttrSpec& spec, const Place& place);
py::object attr_to(const Attr& attr);

// The members of a list, tuple or whatever can be iterated; nullopt where it cannot. They are held, so that
// code of the user's that runs while they are read may change the sequence.
std::optional<py::tuple> held_items(PyObject* values);
// An attribute, or a null object where there is none; other errors of its reading are passed on.
py::object attribute_of(PyObject* object, const char* name);

Shape shape_from(PyObject* value, const Place& place);
DType dtype_from(PyObject* value, const Place& place);

// Buffer-protocol and array-interface exporters, or nullopt where the object is none (array_input.cpp).
std::optional<Tensor> tensor_from_array(PyObject* values, const Place& place);
// From an object with __dlpack__ (dlpack.cpp).
Tensor tensor_from_dlpack(PyObject* values, const Place& place);

// Elements of a typed block of memory, with strides in bytes, as a contiguous tensor of a type we have.
// `kind` is NumPy's letter: f, i, u, b, c, or kBrainFloat. `swapped`: in the other endianness.
constexpr char kBrainFloat = 'B';
Tensor tensor_from_memory(const void* data, char kind, int item_bytes, const Shape& shape,
                          const int64_t* strides, const Place& place, bool swapped = false);

}  // namespace lamina::python
