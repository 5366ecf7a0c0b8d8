#include "bindings/tensor_type.h"

#include <new>
#include <structmember.h>
#include <vector>

#include "bindings/convert.h"
#include "bindings/op_type.h"

namespace lamina::python {

namespace {

PyTypeObject* g_tensor_type = nullptr;

}  // namespace

PyObject* allocate_tensor(PyTypeObject* type) {
    PyObject* o = type->tp_alloc(type, 0);
    if (!o) throw py::error_already_set();
    PyTensor* t = as_py(o);
    new (&t->handle) Handle();
    new (&t->variable) VariableRef();
    t->name = nullptr;
    t->trainable = false;
    t->weak_references = nullptr;
    return o;
}

namespace {

void deallocate(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    // A subclass made in Python is tracked by the collector.
    if (PyType_IS_GC(type)) PyObject_GC_UnTrack(self);
    PyTensor* t = as_py(self);
    // Callbacks of weak references may look for variables by name.
    forget_variable(self);
    if (t->weak_references) PyObject_ClearWeakRefs(self);
    t->variable.~VariableRef();
    t->handle.~Handle();
    Py_XDECREF(t->name);
    type->tp_free(self);
    Py_DECREF(type);
}

PyObject* refuse_new(PyTypeObject* type, PyObject*, PyObject*) {
    PyErr_Format(PyExc_TypeError, "%s objects are made by functions: use tf.tensor(...) or tf.variable(...).",
                 type->tp_name);
    return nullptr;
}

PyObject* get_shape(PyObject* self, void*) {
    const Shape& shape = as_py(self)->handle.spec().shape;
    PyObject* tuple = PyTuple_New(shape.rank());
    if (!tuple) return nullptr;
    for (int i = 0; i < shape.rank(); ++i) {
        PyObject* dim = PyLong_FromLongLong(shape[i]);
        if (!dim) {
            Py_DECREF(tuple);
            return nullptr;
        }
        PyTuple_SET_ITEM(tuple, i, dim);
    }
    return tuple;
}

PyObject* get_dtype(PyObject* self, void*) {
    // Functions in Python ask often: each name becomes a string once.
    static PyObject* names[8] = {};
    const DType type = as_py(self)->handle.spec().dtype;
    PyObject*& name = names[static_cast<size_t>(type)];
    if (!name) name = PyUnicode_InternFromString(name_of(type).data());
    Py_XINCREF(name);
    return name;
}

PyObject* get_size(PyObject* self, void*) {
    return PyLong_FromLongLong(as_py(self)->handle.spec().shape.size());
}
PyObject* get_rank(PyObject* self, void*) { return PyLong_FromLong(as_py(self)->handle.spec().shape.rank()); }
PyObject* get_id(PyObject* self, void*) { return PyLong_FromUnsignedLongLong(as_py(self)->handle.id()); }
PyObject* get_is_disposed(PyObject* self, void*) {
    return PyBool_FromLong(as_py(self)->handle.is_disposed());
}
PyObject* get_kept(PyObject* self, void*) { return PyBool_FromLong(as_py(self)->handle.is_kept()); }
PyObject* get_is_symbolic(PyObject* self, void*) {
    return guarded<PyObject*>(
        nullptr, [&] { return PyBool_FromLong(!as_py(self)->variable && unwrap(self).is_symbolic()); });
}
// What gradients are keyed by.
PyObject* get_value_id(PyObject* self, void*) {
    return guarded<PyObject*>(nullptr, [&] { return PyLong_FromUnsignedLongLong(unwrap(self).value_id()); });
}

PyObject* dispose(PyObject* self, PyObject*) {
    PyTensor* t = as_py(self);
    t->handle.dispose();
    forget_variable(self);
    t->variable.reset();
    Py_RETURN_NONE;
}

PyObject* keep(PyObject* self, PyObject*) {
    as_py(self)->handle.keep();
    Py_INCREF(self);
    return self;
}

Py_ssize_t length(PyObject* self) {
    return guarded<Py_ssize_t>(-1, [&]() -> Py_ssize_t {
        const Shape& shape = as_py(self)->handle.spec().shape;
        if (shape.rank() == 0) type_error("len() of a scalar tensor: it has no first dimension.");
        return shape[0];
    });
}

Py_hash_t identity_hash(PyObject* self) {
    const auto address = reinterpret_cast<uintptr_t>(self);
    const auto hash = static_cast<Py_hash_t>((address >> 4) | (address << (8 * sizeof address - 4)));
    return hash == -1 ? -2 : hash;
}

PyGetSetDef tensor_properties[] = {
    {"shape", get_shape, nullptr, "The sizes of the dimensions, a tuple of int.", nullptr},
    {"dtype", get_dtype, nullptr, "'float32', 'int32', 'bool', 'complex64' or 'string'.", nullptr},
    {"size", get_size, nullptr, "The number of elements.", nullptr},
    {"rank", get_rank, nullptr, "The number of dimensions.", nullptr},
    {"ndim", get_rank, nullptr, "The number of dimensions; NumPy's name of rank.", nullptr},
    {"id", get_id, nullptr, "A number of this handle's own.", nullptr},
    {"isDisposed", get_is_disposed, nullptr, "Whether dispose() was called.", nullptr},
    {"kept", get_kept, nullptr, "Whether tf.keep() holds this tensor back from tidy().", nullptr},
    {"_is_symbolic", get_is_symbolic, nullptr, "Whether this is a value in a trace, without data.", nullptr},
    {"_value_id", get_value_id, nullptr, "Equal for handles on the same value.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyMethodDef tensor_methods[] = {
    {"dispose", dispose, METH_NOARGS, "Releases the memory; the handle is an error to use from then on."},
    {"_keep", keep, METH_NOARGS, "Holds this tensor back from tidy()."},
    {"__complex__", to_complex, METH_NOARGS, "The only element as a complex number."},
    {"_to_list", to_list, METH_NOARGS, "The values as nested lists, or a single one for a scalar."},
    {"_to_flat_list", to_flat_list, METH_NOARGS, "The values as one list in row-major order."},
    {"__dlpack__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(to_dlpack)),
     METH_FASTCALL | METH_KEYWORDS,
     "A DLPack capsule; read-only, or a copy for consumers that know no such flag."},
    {"__dlpack_device__", dlpack_device, METH_NOARGS, "(1, 0): the CPU."},
    {nullptr, nullptr, 0, nullptr},
};

PyMemberDef tensor_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(PyTensor, weak_references), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

}  // namespace

PyTypeObject* tensor_type() noexcept { return g_tensor_type; }

PyObject* wrap(Tensor value) {
    PyObject* o = allocate_tensor(g_tensor_type);
    as_py(o)->handle.init(std::move(value));
    return o;
}

namespace {

[[noreturn]] void disposed_error(const PyTensor& t, const Place* place) {
    const char* name = t.name ? PyUnicode_AsUTF8(t.name) : nullptr;
    const std::string who = name ? text("variable '", name, "'") : text("tensor #", t.handle.id());
    const Spec& spec = t.handle.spec();
    fail(ErrorKind::disposed, "Tensor is disposed. (", who, ": ", name_of(spec.dtype), ", shape [",
         spec.shape, "]", place ? text("; argument '", place->argument, "' of '", place->op, "'") : "", ")");
}

}  // namespace

Tensor unwrap(PyObject* tensor, const Place* place) {
    if (!is_tensor(tensor)) {
        if (place)
            type_error("Argument '", place->argument, "' passed to '", place->op,
                       "' must be a tensor, but got ", describe(tensor), ".");
        type_error("expected a tensor, but got ", describe(tensor), ".");
    }
    PyTensor* t = as_py(tensor);
    if (t->handle.is_disposed()) disposed_error(*t, place);
    return t->variable ? t->variable->read() : t->handle.value();
}

Tensors unwrap_all(const py::iterable& items) {
    Tensors tensors;
    for (py::handle item : items) {
        tensors.push_back(unwrap(item.ptr()));
    }
    return tensors;
}

void init_tensor_types(py::module_& m) {
    static constexpr char doc[] =
        R"(Values of one type and shape, which never change. `tf.tensor` and the operations make tensors.

It has the operators of numbers, `@`, indexing, `len`, iteration and `float()`; NumPy, the buffer protocol and
DLPack read it without a copy.)";
    std::vector<PyType_Slot> slots = {
        {Py_tp_doc, const_cast<char*>(doc)},
        {Py_tp_new, reinterpret_cast<void*>(refuse_new)},
        {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
        {Py_tp_getset, tensor_properties},
        {Py_tp_methods, tensor_methods},
        {Py_tp_members, tensor_members},
        {Py_tp_hash, reinterpret_cast<void*>(identity_hash)},
        {Py_tp_richcompare, reinterpret_cast<void*>(compare)},
        {Py_sq_length, reinterpret_cast<void*>(length)},
        {Py_mp_length, reinterpret_cast<void*>(length)},
        {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
        {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
    };
    for (PyType_Slot* s = number_slots; s->slot; ++s) slots.push_back(*s);
    slots.push_back({0, nullptr});
    PyType_Spec tensor_spec = {"lamina.Tensor", sizeof(PyTensor), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                               slots.data()};
    g_tensor_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&tensor_spec));
    if (!g_tensor_type) throw py::error_already_set();

    m.attr("Tensor") = py::handle(reinterpret_cast<PyObject*>(g_tensor_type));
    init_variable_type(m);
}

}  // namespace lamina::python
