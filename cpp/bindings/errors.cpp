#include <cstring>
#include <new>

#include "bindings/python.h"

namespace lamina::python {

namespace {

// Names from files and C need not be UTF-8.
void set_message(PyObject* type, const char* what) noexcept {
    PyObject* message = PyUnicode_DecodeUTF8(what, static_cast<Py_ssize_t>(std::strlen(what)), "replace");
    if (!message) return;
    PyErr_SetObject(type, message);
    Py_DECREF(message);
}

}  // namespace

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
        set_message(type, e.what());
    } catch (const std::bad_alloc&) {
        PyErr_NoMemory();
    } catch (const std::exception& e) {
        set_message(PyExc_RuntimeError, e.what());
    } catch (...) {
        PyErr_SetString(PyExc_SystemError, "unknown C++ exception");
    }
}

std::string describe(PyObject* object) {
    constexpr size_t kLongest = 60;
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
    if (value.size() > kLongest) {
        size_t end = kLongest - 3;
        while ((static_cast<unsigned char>(value[end]) & 0xc0u) == 0x80u) --end;  // not within a character
        value = value.substr(0, end) + "...";
    }
    return value + " (" + type + ")";
}

}  // namespace lamina::python
