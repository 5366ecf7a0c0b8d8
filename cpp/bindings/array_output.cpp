// Giving values out: nested lists and the buffer protocol.
#include <memory>

#include "bindings/reads.h"
#include "bindings/tensor_type.h"
#include "core/string_tensor.h"

namespace lamina::python {

namespace {

PyObject* element(const Tensor& t, int64_t i) {
    switch (t.dtype()) {
        case DType::float32:
            return PyFloat_FromDouble(static_cast<double>(t.data<float>()[i]));
        case DType::float64:
            return PyFloat_FromDouble(t.data<double>()[i]);
        case DType::int32:
            return PyLong_FromLong(t.data<int32_t>()[i]);
        case DType::boolean:
            return PyBool_FromLong(t.data<uint8_t>()[i] != 0);
        case DType::complex64:
            return PyComplex_FromDoubles(static_cast<double>(t.data<Complex>()[i].re),
                                         static_cast<double>(t.data<Complex>()[i].im));
        case DType::string: {
            const std::string_view s = string_at(t, i);
            return PyUnicode_DecodeUTF8(s.data(), static_cast<Py_ssize_t>(s.size()), "replace");
        }
    }
    return nullptr;
}

PyObject* nested(const Tensor& t, int axis, int64_t& at) {
    if (axis == t.rank()) return element(t, at++);
    PyObject* list = PyList_New(t.shape()[axis]);
    if (!list) throw py::error_already_set();
    for (int64_t i = 0; i < t.shape()[axis]; ++i) {
        PyObject* item = nested(t, axis + 1, at);
        if (!item) {
            Py_DECREF(list);
            throw py::error_already_set();
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

// What a view keeps alive: the memory, and the shape arrays the consumer reads.
struct Export {
    BufferRef buffer;
    Py_ssize_t shape[Shape::kMaxRank], strides[Shape::kMaxRank];
};

const char* format_of(DType t) {
    switch (t) {
        case DType::float32:
            return "f";
        case DType::int32:
            return "i";
        case DType::boolean:
            return "?";
        case DType::complex64:
            return "Zf";
        case DType::float64:
            return "d";
        case DType::string:
            break;
    }
    return nullptr;
}

}  // namespace

PyObject* to_list(PyObject* self, PyObject*) {
    return guarded<PyObject*>(nullptr, [&] {
        note_read(self);
        const Tensor t = unwrap(self);
        t.raw();
        int64_t at = 0;
        return nested(t, 0, at);
    });
}

PyObject* to_flat_list(PyObject* self, PyObject*) {
    return guarded<PyObject*>(nullptr, [&] {
        note_read(self);
        const Tensor t = unwrap(self);
        t.raw();
        int64_t at = 0;
        return nested(t.with_shape(Shape{t.size()}), 0, at);
    });
}

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
    view->obj = nullptr;
    try {
        note_read(self);
        const Tensor t = unwrap(self);
        const char* format = format_of(t.dtype());
        if (!format) throw Error(ErrorKind::type, "string tensors have no buffer; use arraySync().");
        if (flags & PyBUF_WRITABLE) {
            PyErr_SetString(PyExc_BufferError, "tensors are immutable: their memory can only be read");
            return -1;
        }
        t.raw();
        auto held = std::make_unique<Export>();
        held->buffer = t.buffer();
        auto stride = static_cast<Py_ssize_t>(element_size(t.dtype()));
        view->itemsize = stride;
        view->len = static_cast<Py_ssize_t>(t.size()) * stride;
        for (int i = t.rank() - 1; i >= 0; --i) {
            held->shape[i] = static_cast<Py_ssize_t>(t.shape()[i]);
            held->strides[i] = stride;
            stride *= held->shape[i];
        }
        view->buf = held->buffer->data();
        view->readonly = 1;
        view->ndim = t.rank();
        view->format = (flags & PyBUF_FORMAT) ? const_cast<char*>(format) : nullptr;
        view->shape = (flags & PyBUF_ND) ? held->shape : nullptr;
        view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? held->strides : nullptr;
        view->suboffsets = nullptr;
        view->internal = held.release();
        Py_INCREF(self);
        view->obj = self;
        return 0;
    } catch (const Error& e) {
        PyErr_SetString(PyExc_BufferError, e.what());
        return -1;
    } catch (...) {
        set_python_error();
        return -1;
    }
}

void release_buffer(PyObject*, Py_buffer* view) {
    delete static_cast<Export*>(view->internal);
    view->internal = nullptr;
}

}  // namespace lamina::python
