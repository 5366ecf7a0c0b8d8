#include <new>

#include "bindings/python.h"

namespace lamina::python {

void set_python_error() noexcept {
    try {
        throw;
    } catch (py::error_already_set& e) {
        e.restore();
    } catch (const Error& e) {
        PyObject* type = PyExc_RuntimeError;
        switch (e.kind()) {
            case ErrorKind::value:
                type = PyExc_ValueError;
                break;
            case ErrorKind::type:
                type = PyExc_TypeError;
                break;
            case ErrorKind::memory:
                type = PyExc_MemoryError;
                break;
            case ErrorKind::index:
                type = PyExc_IndexError;
                break;
            case ErrorKind::runtime:
            case ErrorKind::disposed:
            case ErrorKind::internal:
                break;
        }
        PyErr_SetString(type, e.what());
    } catch (const std::bad_alloc&) {
        PyErr_NoMemory();
    } catch (const std::exception& e) {
        PyErr_SetString(PyExc_RuntimeError, e.what());
    } catch (...) {
        PyErr_SetString(PyExc_SystemError, "unknown C++ exception");
    }
}

std::string describe(PyObject* object) {
    std::string type = Py_TYPE(object)->tp_name;
    if (PyObject_HasAttrString(reinterpret_cast<PyObject*>(Py_TYPE(object)), "_described")) {
        PyObject* own = PyObject_CallMethod(object, "_described", nullptr);
        const char* s = own ? PyUnicode_AsUTF8(own) : nullptr;
        if (s) type = s;
        PyErr_Clear();
        Py_XDECREF(own);
        return type;
    }
    PyObject* repr = PyObject_Repr(object);
    if (!repr) {
        PyErr_Clear();
        return type;
    }
    const char* s = PyUnicode_AsUTF8(repr);
    std::string value = s ? s : "";
    if (!s) PyErr_Clear();
    Py_DECREF(repr);
    if (value.size() > 60) value = value.substr(0, 57) + "...";
    return value + " (" + type + ")";
}

}  // namespace lamina::python
