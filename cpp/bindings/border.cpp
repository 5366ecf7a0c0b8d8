// Where an error leaves the library: functions and iterators that take the library's own frames out of the
// traceback, so that people see their line and the message. Calls through C leave no frame themselves.
#include <Python.h>
// After Python.h, which it needs.
#include <cstdlib>
#include <cstring>
#include <string>
#include <structmember.h>

#include "bindings/areas.h"

namespace lamina::python {

namespace {

// Longest chain of "During handling of the above exception" that is looked at.
constexpr int kLongestChain = 32;

std::string& own_folder() {
    static auto& folder = *new std::string();
    return folder;
}

bool shows_all() {
    const char* wanted = std::getenv("LAMINA_TRACEBACK");
    return own_folder().empty() || (wanted && std::strcmp(wanted, "full") == 0);
}

bool is_own(PyTracebackObject* entry) {
    PyCodeObject* code = PyFrame_GetCode(entry->tb_frame);
    const char* file = PyUnicode_AsUTF8(code->co_filename);
    const bool own = file && std::strncmp(file, own_folder().c_str(), own_folder().size()) == 0;
    if (!file) PyErr_Clear();
    Py_DECREF(code);
    return own;
}

PyTracebackObject* next_of(PyTracebackObject* entry) {
    return reinterpret_cast<PyTracebackObject*>(entry->tb_next);
}

// The traceback without own frames; takes the reference and gives one. Null: nothing is left. An exception
// whose traceback was taken away has None in its place.
PyObject* without_own(PyObject* traceback) {
    if (!PyTraceBack_Check(traceback)) {
        Py_DECREF(traceback);
        return nullptr;
    }
    auto* first = reinterpret_cast<PyTracebackObject*>(traceback);
    while (first && is_own(first)) {
        auto* next = next_of(first);
        Py_XINCREF(next);
        Py_DECREF(first);
        first = next;
    }
    for (auto* entry = first; entry; entry = next_of(entry)) {
        while (next_of(entry) && is_own(next_of(entry))) {
            auto* gone = next_of(entry);
            auto* after = next_of(gone);
            Py_XINCREF(after);
            entry->tb_next = after;
            Py_DECREF(gone);
        }
    }
    return reinterpret_cast<PyObject*>(first);
}

// Errors that led to this one: those that came up and were handled inside the library say nothing to people.
void trim_chain(PyObject* error) {
    py::object current = py::reinterpret_borrow<py::object>(error);
    for (int i = 0; i < kLongestChain && current; ++i) {
        const auto cause = py::reinterpret_steal<py::object>(PyException_GetCause(current.ptr()));
        const auto context = py::reinterpret_steal<py::object>(PyException_GetContext(current.ptr()));
        const py::object& before = cause ? cause : context;
        if (!before) return;
        PyObject* traceback = PyException_GetTraceback(before.ptr());
        if (traceback) {
            PyObject* left = without_own(traceback);
            PyException_SetTraceback(before.ptr(), left ? left : Py_None);
            if (!left && !cause) PyObject_SetAttrString(current.ptr(), "__suppress_context__", Py_True);
            Py_XDECREF(left);
        }
        PyErr_Clear();
        current = before;
    }
}

// Trims the error that is set.
void trim() {
    if (shows_all() || PyErr_ExceptionMatches(PyExc_StopIteration)) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback) traceback = without_own(traceback);
    PyException_SetTraceback(value, traceback ? traceback : Py_None);
    trim_chain(value);
    PyErr_Restore(type, value, traceback);
}

template <class T>
T* trimmed(T* result) {
    if (!result && PyErr_Occurred()) trim();
    return result;
}

// A function, method, or iterator, and the same to its callers.
struct Border {
    PyObject_HEAD vectorcallfunc vectorcall;
    PyObject* inner;
};

PyTypeObject* g_function = nullptr;
PyTypeObject* g_iterator = nullptr;

PyObject* inner_of(PyObject* self) { return reinterpret_cast<Border*>(self)->inner; }

PyObject* call(PyObject* self, PyObject* const* args, size_t flags, PyObject* names) {
    return trimmed(PyObject_Vectorcall(inner_of(self), args, flags, names));
}

PyObject* bind(PyObject* self, PyObject* instance, PyObject*) {
    if (!instance || instance == Py_None) return Py_NewRef(self);
    return PyMethod_New(self, instance);
}

PyObject* next(PyObject* self) {
    PyObject* inner = inner_of(self);
    return trimmed(Py_TYPE(inner)->tp_iternext(inner));
}

template <const char* name>
PyObject* delegate(PyObject* self, PyObject* args) {
    PyObject* method = PyObject_GetAttrString(inner_of(self), name);
    if (!method) return nullptr;
    PyObject* result = PyObject_CallObject(method, args);
    Py_DECREF(method);
    return trimmed(result);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(inner_of(self));
    return 0;
}

int clear_references(PyObject* self) {
    Py_CLEAR(reinterpret_cast<Border*>(self)->inner);
    return 0;
}

void deallocate(PyObject* self) {
    PyObject_GC_UnTrack(self);
    PyTypeObject* type = Py_TYPE(self);
    clear_references(self);
    type->tp_free(self);
    Py_DECREF(type);
}

// Everything else is the function's.
PyObject* get_attribute(PyObject* self, PyObject* name) {
    PyObject* own = PyObject_GenericGetAttr(self, name);
    if (own || !PyErr_ExceptionMatches(PyExc_AttributeError)) return own;
    PyErr_Clear();
    return PyObject_GetAttr(inner_of(self), name);
}

int set_attribute(PyObject* self, PyObject* name, PyObject* value) {
    return PyObject_SetAttr(inner_of(self), name, value);
}

PyObject* represent(PyObject* self) { return PyObject_Repr(inner_of(self)); }

PyObject* get_wrapped(PyObject* self, void*) { return Py_NewRef(inner_of(self)); }

PyObject* get_doc(PyObject* self, void*) { return PyObject_GetAttrString(inner_of(self), "__doc__"); }

PyObject* get_module(PyObject* self, void*) { return PyObject_GetAttrString(inner_of(self), "__module__"); }

// So that `inspect` and documentation take it for the function that it is.
PyObject* get_class(PyObject* self, void*) {
    return Py_NewRef(reinterpret_cast<PyObject*>(Py_TYPE(inner_of(self))));
}

PyObject* reduce(PyObject* self, PyObject*) { return PyObject_GetAttrString(inner_of(self), "__qualname__"); }

PyObject* bordered(PyTypeObject* type, PyObject* inner) {
    PyObject* o = type->tp_alloc(type, 0);
    if (!o) throw py::error_already_set();
    reinterpret_cast<Border*>(o)->vectorcall = call;
    reinterpret_cast<Border*>(o)->inner = Py_NewRef(inner);
    return o;
}

constexpr char kSend[] = "send", kThrow[] = "throw", kClose[] = "close";

PyGetSetDef properties[] = {
    {"__wrapped__", get_wrapped, nullptr, nullptr, nullptr},
    {"__doc__", get_doc, nullptr, nullptr, nullptr},
    {"__module__", get_module, nullptr, nullptr, nullptr},
    {"__class__", get_class, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Border, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};
PyMethodDef methods[] = {
    {"__reduce__", reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyMethodDef iterator_methods[] = {
    {"send", delegate<kSend>, METH_VARARGS, nullptr},
    {"throw", delegate<kThrow>, METH_VARARGS, nullptr},
    {"close", delegate<kClose>, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyTypeObject* made(PyType_Spec& spec) {
    auto* type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    if (!type) throw py::error_already_set();
    return type;
}

}  // namespace

void init_border(py::module_& m) {
    static PyType_Slot function_slots[] = {
        {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
        {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
        {Py_tp_clear, reinterpret_cast<void*>(clear_references)},
        {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
        {Py_tp_descr_get, reinterpret_cast<void*>(bind)},
        {Py_tp_getattro, reinterpret_cast<void*>(get_attribute)},
        {Py_tp_setattro, reinterpret_cast<void*>(set_attribute)},
        {Py_tp_repr, reinterpret_cast<void*>(represent)},
        {Py_tp_getset, properties},
        {Py_tp_members, members},
        {Py_tp_methods, methods},
        {0, nullptr},
    };
    static PyType_Spec function_spec = {"lamina.Border", sizeof(Border), 0,
                                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                                            Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                        function_slots};
    g_function = made(function_spec);

    static PyType_Slot iterator_slots[] = {
        {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
        {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
        {Py_tp_clear, reinterpret_cast<void*>(clear_references)},
        {Py_tp_iter, reinterpret_cast<void*>(PyObject_SelfIter)},
        {Py_tp_iternext, reinterpret_cast<void*>(next)},
        {Py_tp_methods, iterator_methods},
        {0, nullptr},
    };
    static PyType_Spec iterator_spec = {
        "lamina.BorderIterator", sizeof(Border), 0,
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, iterator_slots};
    g_iterator = made(iterator_spec);

    m.def(
        "hide_frames_of", [](const std::string& folder) { own_folder() = folder; },
        "Takes frames of code in this folder out of errors that cross a border.");
    m.def(
        "border",
        [](const py::object& f) { return py::reinterpret_steal<py::object>(bordered(g_function, f.ptr())); },
        "The function; errors that leave it have no own frames.");
    m.def(
        "border_iterator",
        [](const py::object& f) {
            if (!PyIter_Check(f.ptr())) type_error("expected an iterator.");
            return py::reinterpret_steal<py::object>(bordered(g_iterator, f.ptr()));
        },
        "The same for a generator.");
}

}  // namespace lamina::python
