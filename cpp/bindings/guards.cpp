// Guards are comparisons of pointers. A type of plain CPython, so that the collector sees what it holds: a
// function's globals or cells often lead back to the model.
#include "bindings/guards.h"

#include <cstring>
#include <vector>

#include "bindings/areas.h"

namespace lamina::python {

namespace {

enum class Kind { item, absent, cell, code, defaults, kwdefaults, class_item, mro, list, dict };

constexpr const char* kNames[] = {"item",       "absent", "cell", "code", "defaults",
                                  "kwdefaults", "class",  "mro",  "list", "dict"};

// What a guard compares: `holder` is a dict, cell, function, type, list; `value` is null for nothing.
struct Guard {
    Kind kind;
    PyObject* holder;
    PyObject* key;
    PyObject* value;
};

struct Guards {
    PyObject_HEAD std::vector<Guard>* all;
};

PyTypeObject* g_type = nullptr;

Guards* as_guards(PyObject* o) { return reinterpret_cast<Guards*>(o); }

// Null where it is not there.
PyObject* entry(PyObject* dict, PyObject* key) {
    PyObject* found = PyDict_GetItemWithError(dict, key);
    if (!found && PyErr_Occurred()) PyErr_Clear();
    return found;
}

PyObject* dict_of(PyTypeObject* type) { return type->tp_dict; }

PyObject* content_of(PyObject* cell) { return reinterpret_cast<PyCellObject*>(cell)->ob_ref; }

bool same_items(PyObject* list, PyObject* held) {
    const Py_ssize_t n = PyTuple_GET_SIZE(held);
    if (PyList_GET_SIZE(list) != n) return false;
    for (Py_ssize_t i = 0; i < n; ++i)
        if (PyList_GET_ITEM(list, i) != PyTuple_GET_ITEM(held, i)) return false;
    return true;
}

// `held`: keys and values in turns, in order.
bool same_entries(PyObject* dict, PyObject* held) {
    const Py_ssize_t n = PyTuple_GET_SIZE(held);
    if (2 * PyDict_GET_SIZE(dict) != n) return false;
    Py_ssize_t position = 0, i = 0;
    PyObject *key, *value;
    for (; i < n && PyDict_Next(dict, &position, &key, &value); i += 2)
        if (key != PyTuple_GET_ITEM(held, i) || value != PyTuple_GET_ITEM(held, i + 1)) return false;
    return i == n;
}

bool holds(const Guard& g) {
    const auto null_of_none = [&](PyObject* now) { return now == g.value || (!now && g.value == Py_None); };
    switch (g.kind) {
        case Kind::item:
        case Kind::absent:
            return entry(g.holder, g.key) == g.value;
        case Kind::cell:
            return content_of(g.holder) == g.value;
        case Kind::code:
            return PyFunction_GET_CODE(g.holder) == g.value;
        case Kind::defaults:
            return null_of_none(PyFunction_GET_DEFAULTS(g.holder));
        case Kind::kwdefaults:
            return null_of_none(PyFunction_GET_KW_DEFAULTS(g.holder));
        case Kind::class_item:
            return entry(dict_of(reinterpret_cast<PyTypeObject*>(g.holder)), g.key) == g.value;
        case Kind::mro:
            return reinterpret_cast<PyTypeObject*>(g.holder)->tp_mro == g.value;
        case Kind::list:
            return same_items(g.holder, g.value);
        case Kind::dict:
            return same_entries(g.holder, g.value);
    }
    return false;
}

Kind kind_from(PyObject* name) {
    const char* text = PyUnicode_AsUTF8(name);
    if (!text) throw py::error_already_set();
    for (size_t i = 0; i < std::size(kNames); ++i)
        if (std::strcmp(text, kNames[i]) == 0) return static_cast<Kind>(i);
    value_error("no kind of guard is called '", text, "'.");
}

bool fits(Kind kind, PyObject* holder, PyObject* value) {
    switch (kind) {
        case Kind::item:
        case Kind::absent:
            return PyDict_CheckExact(holder);
        case Kind::cell:
            return PyCell_Check(holder);
        case Kind::code:
        case Kind::defaults:
        case Kind::kwdefaults:
            return PyFunction_Check(holder);
        case Kind::class_item:
        case Kind::mro:
            return PyType_Check(holder) &&
                   PyType_HasFeature(reinterpret_cast<PyTypeObject*>(holder), Py_TPFLAGS_HEAPTYPE);
        case Kind::list:
            return PyList_CheckExact(holder) && PyTuple_Check(value);
        case Kind::dict:
            return PyDict_CheckExact(holder) && PyTuple_Check(value);
    }
    return false;
}

// (kind, holder, key, value); a "class" guard without a value says that the class has no such attribute.
Guard guard_from(PyObject* item) {
    const char* wrong = "a guard is a tuple (kind, holder, key, value).";
    if (!PyTuple_Check(item)) type_error(wrong);
    const Py_ssize_t size = PyTuple_GET_SIZE(item);
    if (size != 3 && size != 4) type_error(wrong);
    Guard g{kind_from(PyTuple_GET_ITEM(item, 0)), PyTuple_GET_ITEM(item, 1), PyTuple_GET_ITEM(item, 2),
            size == 4 ? PyTuple_GET_ITEM(item, 3) : nullptr};
    if (!fits(g.kind, g.holder, g.value))
        type_error("a guard of the kind '", kNames[static_cast<size_t>(g.kind)], "' cannot watch a ",
                   Py_TYPE(g.holder)->tp_name, ".");
    Py_INCREF(g.holder);
    Py_INCREF(g.key);
    Py_XINCREF(g.value);
    return g;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    if (as_guards(self)->all)
        for (Guard& g : *as_guards(self)->all) {
            Py_VISIT(g.holder);
            Py_VISIT(g.key);
            Py_VISIT(g.value);
        }
    return 0;
}

int clear_references(PyObject* self) {
    std::vector<Guard> gone;
    if (as_guards(self)->all) gone.swap(*as_guards(self)->all);
    for (Guard& g : gone) {
        Py_DECREF(g.holder);
        Py_DECREF(g.key);
        Py_XDECREF(g.value);
    }
    return 0;
}

void deallocate(PyObject* self) {
    PyObject_GC_UnTrack(self);
    PyTypeObject* type = Py_TYPE(self);
    clear_references(self);
    delete as_guards(self)->all;
    type->tp_free(self);
    Py_DECREF(type);
}

PyObject* make(PyTypeObject* type, PyObject* args, PyObject* keywords) {
    return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
        PyObject* given;
        if ((keywords && PyDict_GET_SIZE(keywords)) || !PyArg_ParseTuple(args, "O", &given))
            type_error("Guards() takes a list of tuples (kind, holder, key, value).");
        auto made = py::reinterpret_steal<py::object>(type->tp_alloc(type, 0));
        if (!made) throw py::error_already_set();
        as_guards(made.ptr())->all = new std::vector<Guard>();
        for (const py::handle item : py::reinterpret_borrow<py::iterable>(given))
            as_guards(made.ptr())->all->push_back(guard_from(item.ptr()));
        return made.release().ptr();
    });
}

PyObject* hold(PyObject* self, PyObject*) { return PyBool_FromLong(guards_hold(self)); }

// (kind, holder, key) of those that do not hold.
PyObject* broken(PyObject* self, PyObject*) {
    return guarded<PyObject*>(nullptr, [&] {
        py::list found;
        for (const Guard& g : *as_guards(self)->all)
            if (!holds(g))
                found.append(py::make_tuple(kNames[static_cast<size_t>(g.kind)],
                                            py::reinterpret_borrow<py::object>(g.holder),
                                            py::reinterpret_borrow<py::object>(g.key)));
        return found.release().ptr();
    });
}

Py_ssize_t length(PyObject* self) { return static_cast<Py_ssize_t>(as_guards(self)->all->size()); }

PyMethodDef methods[] = {
    {"hold", hold, METH_NOARGS, "Whether everything is still what it was."},
    {"broken", broken, METH_NOARGS, "(kind, holder, key) of what is not what it was."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

PyTypeObject* guards_type() { return g_type; }

bool guards_hold(PyObject* guards) {
    for (const Guard& g : *as_guards(guards)->all)
        if (!holds(g)) return false;
    return true;
}

void init_guards(py::module_& m) {
    static PyType_Slot slots[] = {
        {Py_tp_new, reinterpret_cast<void*>(make)},
        {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
        {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
        {Py_tp_clear, reinterpret_cast<void*>(clear_references)},
        {Py_sq_length, reinterpret_cast<void*>(length)},
        {Py_tp_methods, methods},
        {0, nullptr},
    };
    static PyType_Spec spec = {"lamina.Guards", sizeof(Guards), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
                               slots};
    g_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    if (!g_type) throw py::error_already_set();
    m.attr("Guards") = py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(g_type));
}

}  // namespace lamina::python
