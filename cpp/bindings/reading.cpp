// Reading Python objects whose own code runs meanwhile.
#include "bindings/convert.h"

namespace lamina::python {

namespace {

// More members than anybody gives; an iterator need not end.
constexpr size_t kMostItems = size_t{1} << 22;

}  // namespace

std::optional<py::tuple> held_items(PyObject* values) {
    if (PyTuple_CheckExact(values)) return py::reinterpret_borrow<py::tuple>(values);
    if (PyList_CheckExact(values)) {
        PyObject* items = PyList_AsTuple(values);
        if (!items) throw py::error_already_set();
        return py::reinterpret_steal<py::tuple>(items);
    }
    const py::object iterator = py::reinterpret_steal<py::object>(PyObject_GetIter(values));
    if (!iterator) {
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw py::error_already_set();
        PyErr_Clear();
        return std::nullopt;
    }
    py::list items;
    while (PyObject* item = PyIter_Next(iterator.ptr())) {
        items.append(py::reinterpret_steal<py::object>(item));
        if (items.size() > kMostItems)
            value_error("The ", Py_TYPE(values)->tp_name, " gives more than ", kMostItems, " members.");
    }
    if (PyErr_Occurred()) throw py::error_already_set();
    return py::tuple(items);
}

py::object attribute_of(PyObject* object, const char* name) {
    PyObject* found = PyObject_GetAttrString(object, name);
    if (!found) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) throw py::error_already_set();
        PyErr_Clear();
    }
    return py::reinterpret_steal<py::object>(found);
}

}  // namespace lamina::python
