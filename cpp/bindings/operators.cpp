// Python's operators on tensors.
#include "bindings/convert.h"
#include "bindings/op_type.h"
#include "bindings/reads.h"
#include "bindings/tensor_type.h"

namespace lamina::python {

namespace {

PyObject* not_implemented() {
    Py_INCREF(Py_NotImplemented);
    return Py_NotImplemented;
}

PyObject* apply(const char* name, PyObject* a, PyObject* b) {
    if (!is_tensor_like(a) || !is_tensor_like(b) || PyUnicode_Check(a) || PyUnicode_Check(b))
        return not_implemented();
    PyObject* args[] = {a, b};
    return invoke(*find_op(name), args, 2, nullptr);
}

PyObject* apply(const char* name, PyObject* a) { return invoke(*find_op(name), &a, 1, nullptr); }

PyObject* add(PyObject* a, PyObject* b) { return apply("add", a, b); }
PyObject* subtract(PyObject* a, PyObject* b) { return apply("sub", a, b); }
PyObject* multiply(PyObject* a, PyObject* b) { return apply("mul", a, b); }
PyObject* true_divide(PyObject* a, PyObject* b) { return apply("div", a, b); }
PyObject* floor_divide(PyObject* a, PyObject* b) { return apply("floorDiv", a, b); }
PyObject* remainder(PyObject* a, PyObject* b) { return apply("mod", a, b); }
PyObject* matrix_multiply(PyObject* a, PyObject* b) { return apply("matMul", a, b); }
PyObject* negative(PyObject* a) { return apply("neg", a); }
PyObject* absolute(PyObject* a) { return apply("abs", a); }
PyObject* invert(PyObject* a) { return apply("logicalNot", a); }
PyObject* bit_and(PyObject* a, PyObject* b) { return apply("logicalAnd", a, b); }
PyObject* bit_or(PyObject* a, PyObject* b) { return apply("logicalOr", a, b); }
PyObject* bit_xor(PyObject* a, PyObject* b) { return apply("logicalXor", a, b); }
PyObject* positive(PyObject* a) {
    Py_INCREF(a);
    return a;
}

PyObject* power(PyObject* a, PyObject* b, PyObject* modulus) {
    if (modulus != Py_None) return not_implemented();
    return apply("pow", a, b);
}

// The only element as a C double; an error where there are several.
double only_element(PyObject* self, const char* what) {
    note_read(self);
    const Tensor t = unwrap(self);
    if (t.size() != 1)
        value_error(what, "() of a tensor of shape [", t.shape(),
                    "]: only a tensor with one element is a single value; "
                    "use any(), all(), or arraySync().");
    switch (t.dtype()) {
        case DType::float32:
            return static_cast<double>(*t.data<float>());
        case DType::float64:
            return *t.data<double>();
        case DType::int32:
            return *t.data<int32_t>();
        case DType::boolean:
            return *t.data<uint8_t>();
        case DType::complex64:
            // A truth value is all that is asked of a complex number here.
            if (*what == 'b') return t.data<Complex>()->re != 0 || t.data<Complex>()->im != 0;
            [[fallthrough]];
        default:
            type_error(what, "() of a ", name_of(t.dtype()), " tensor.");
    }
}

PyObject* to_float(PyObject* self) {
    return guarded<PyObject*>(nullptr, [&] { return PyFloat_FromDouble(only_element(self, "float")); });
}
PyObject* to_int(PyObject* self) {
    return guarded<PyObject*>(nullptr, [&] { return PyLong_FromDouble(only_element(self, "int")); });
}
int to_bool(PyObject* self) {
    return guarded<int>(-1, [&] { return only_element(self, "bool") != 0; });
}
PyObject* to_index(PyObject* self) {
    return guarded<PyObject*>(nullptr, [&] {
        note_read(self);
        const Tensor t = unwrap(self);
        if (t.dtype() != DType::int32 || t.rank() != 0)
            type_error("only a scalar int32 tensor can be an index.");
        return PyLong_FromLong(*t.data<int32_t>());
    });
}

}  // namespace

PyObject* to_complex(PyObject* self, PyObject*) {
    return guarded<PyObject*>(nullptr, [&] {
        note_read(self);
        const Tensor t = unwrap(self);
        if (t.dtype() != DType::complex64 || t.size() != 1)
            return PyComplex_FromDoubles(only_element(self, "complex"), 0);
        const Complex z = *t.data<Complex>();
        return PyComplex_FromDoubles(static_cast<double>(z.re), static_cast<double>(z.im));
    });
}

PyType_Slot number_slots[] = {
    {Py_nb_add, reinterpret_cast<void*>(add)},
    {Py_nb_subtract, reinterpret_cast<void*>(subtract)},
    {Py_nb_multiply, reinterpret_cast<void*>(multiply)},
    {Py_nb_true_divide, reinterpret_cast<void*>(true_divide)},
    {Py_nb_floor_divide, reinterpret_cast<void*>(floor_divide)},
    {Py_nb_remainder, reinterpret_cast<void*>(remainder)},
    {Py_nb_matrix_multiply, reinterpret_cast<void*>(matrix_multiply)},
    {Py_nb_power, reinterpret_cast<void*>(power)},
    {Py_nb_negative, reinterpret_cast<void*>(negative)},
    {Py_nb_positive, reinterpret_cast<void*>(positive)},
    {Py_nb_absolute, reinterpret_cast<void*>(absolute)},
    {Py_nb_invert, reinterpret_cast<void*>(invert)},
    {Py_nb_and, reinterpret_cast<void*>(bit_and)},
    {Py_nb_or, reinterpret_cast<void*>(bit_or)},
    {Py_nb_xor, reinterpret_cast<void*>(bit_xor)},
    {Py_nb_float, reinterpret_cast<void*>(to_float)},
    {Py_nb_int, reinterpret_cast<void*>(to_int)},
    {Py_nb_index, reinterpret_cast<void*>(to_index)},
    {Py_nb_bool, reinterpret_cast<void*>(to_bool)},
    {0, nullptr},
};

PyObject* compare(PyObject* a, PyObject* b, int operation) {
    constexpr const char* names[] = {"less", "lessEqual", "equal", "notEqual", "greater", "greaterEqual"};
    // A string is tensor-like here: tensors of strings compare with one.
    if (!is_tensor_like(a) || !is_tensor_like(b)) return not_implemented();
    PyObject* args[] = {a, b};
    return invoke(*find_op(names[operation]), args, 2, nullptr);
}

}  // namespace lamina::python
