// model.predict(x) and predictOnBatch(x) without Python in between: callables that stand in the model's place
// of the methods. They know Programs by the types and shapes of their inputs and run one where nothing has
// changed since; else the method.
#include <Python.h>
// After Python.h, which it needs.
#include <structmember.h>
#include <vector>

#include "bindings/areas.h"
#include "bindings/dependent.h"
#include "bindings/guards.h"
#include "bindings/quick_input.h"
#include "bindings/release.h"
#include "bindings/tensor_type.h"
#include "bindings/ticket_lock.h"
#include "graph/program.h"
#include "ops/recorder.h"

namespace lamina::python {

namespace {

constexpr size_t kEntries = 4;

struct Entry {
    std::shared_ptr<Dependent> dependent;
    Program* program;
    py::object owner;
    py::object guards;  // of the user's own code, or null
};

struct QuickPredict {
    PyObject_HEAD vectorcallfunc vectorcall;
    PyObject* method;  // what predict is otherwise
    PyObject* lock;    // the model's
    int64_t usual;     // samples computed at once where the call does not say; 0: all, and it cannot say
    std::vector<Entry>* entries;
    size_t next;
};

PyTypeObject* g_type = nullptr;

QuickPredict* as_quick(PyObject* o) { return reinterpret_cast<QuickPredict*>(o); }

bool takes(const Program& program, const QuickInputs& inputs) {
    for (size_t i = 0; i < inputs.size(); ++i) {
        const Spec &wanted = program.input_spec(i), &given = inputs[i].spec();
        if (wanted.dtype != given.dtype || !(wanted.shape == given.shape)) return false;
    }
    return true;
}

Entry* find(QuickPredict* q, const QuickInputs& inputs) {
    for (Entry& e : *q->entries)
        if (e.program->input_count() == inputs.size() && takes(*e.program, inputs) &&
            !e.dependent->changed() && e.program->holds() && (!e.guards || guards_hold(e.guards.ptr())))
            return &e;
    return nullptr;
}

PyObject* run(Program& program, const QuickInputs& inputs) {
    Tensors out;
    {
        const ReleasedIf released(program.stats().elements > kProgramReleasesAbove);
        for (size_t i = 0; i < inputs.size(); ++i) inputs[i].bind_to(program, i);
        out = program.run_bound();
    }
    if (out.size() == 1) return wrap(std::move(out[0]));
    py::list list;
    for (Tensor& t : out) list.append(py::reinterpret_steal<py::object>(wrap(std::move(t))));
    return list.release().ptr();
}

// The result, or null without an error where the method has to run.
PyObject* quickly(QuickPredict* q, PyObject* const* args, Py_ssize_t count, PyObject* names) {
    if (q->entries->empty() || count == 0 || Recorder::top()) return nullptr;
    int64_t most = INT64_MAX;
    if (q->usual)
        most = read_batch_size(args, count, names, q->usual);
    else if (count > 1 || names)
        return nullptr;
    QuickInputs inputs;
    if (most == 0 || !read_quick_inputs(args[0], q->entries->front().program->input_count(), inputs))
        return nullptr;
    Entry* entry = find(q, inputs);
    if (!entry || inputs[0].spec().shape[0] > most) return nullptr;
    const TakenAtOnce locked(q->lock);
    if (!locked) return nullptr;
    // Others may empty the list while the interpreter's lock is given up.
    const py::object owner = entry->owner;
    return run(*entry->program, inputs);
}

PyObject* call(PyObject* self, PyObject* const* args, size_t flags, PyObject* names) {
    QuickPredict* q = as_quick(self);
    PyObject* y =
        guarded<PyObject*>(nullptr, [&] { return quickly(q, args, PyVectorcall_NARGS(flags), names); });
    if (y || PyErr_Occurred()) return y;
    return PyObject_Vectorcall(q->method, args, flags, names);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
    QuickPredict* q = as_quick(self);
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(q->method);
    Py_VISIT(q->lock);
    if (q->entries)
        for (Entry& e : *q->entries) Py_VISIT(e.guards.ptr());
    return 0;
}

int clear_references(PyObject* self) {
    QuickPredict* q = as_quick(self);
    if (q->entries) {
        std::vector<Entry> gone;
        gone.swap(*q->entries);
    }
    Py_CLEAR(q->method);
    Py_CLEAR(q->lock);
    return 0;
}

void deallocate(PyObject* self) {
    PyObject_GC_UnTrack(self);
    PyTypeObject* type = Py_TYPE(self);
    clear_references(self);
    delete as_quick(self)->entries;
    type->tp_free(self);
    Py_DECREF(type);
}

// Everything else, name and documentation included, is the method's.
PyObject* get_attribute(PyObject* self, PyObject* name) {
    PyObject* own = PyObject_GenericGetAttr(self, name);
    if (own || !PyErr_ExceptionMatches(PyExc_AttributeError)) return own;
    PyErr_Clear();
    return PyObject_GetAttr(as_quick(self)->method, name);
}

PyObject* represent(PyObject* self) { return PyObject_Repr(as_quick(self)->method); }

PyObject* add(PyObject* self, PyObject* const* args, Py_ssize_t count) {
    return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
        if (count != 3 || (args[2] != Py_None && Py_TYPE(args[2]) != guards_type()))
            type_error("add() takes a Program, a Dependent, and Guards or None.");
        QuickPredict* q = as_quick(self);
        auto owner = py::reinterpret_borrow<py::object>(args[0]);
        auto* program = owner.cast<Program*>();
        Entry entry{py::handle(args[1]).cast<std::shared_ptr<Dependent>>(), program, owner,
                    args[2] == Py_None ? py::object() : py::reinterpret_borrow<py::object>(args[2])};
        if (q->entries->size() < kEntries) {
            q->entries->push_back(std::move(entry));
        } else {
            (*q->entries)[q->next] = std::move(entry);
            q->next = (q->next + 1) % kEntries;
        }
        Py_RETURN_NONE;
    });
}

PyObject* clear(PyObject* self, PyObject*) {
    // Emptied before it is freed: freeing a Program may run Python.
    std::vector<Entry> gone;
    gone.swap(*as_quick(self)->entries);
    as_quick(self)->next = 0;
    Py_RETURN_NONE;
}

// The method's own, without `self`.
PyObject* get_signature(PyObject* self, void*) {
    return guarded<PyObject*>(nullptr, [&] {
        const py::object signature = py::module_::import("inspect").attr("signature");
        return signature(py::handle(as_quick(self)->method)).release().ptr();
    });
}

PyObject* get_doc(PyObject* self, void*) { return PyObject_GetAttrString(as_quick(self)->method, "__doc__"); }

PyGetSetDef properties[] = {
    {"__doc__", get_doc, nullptr, nullptr, nullptr},
    {"__signature__", get_signature, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(QuickPredict, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};
PyMethodDef methods[] = {
    {"add", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(add)), METH_FASTCALL,
     "Has a Program of one input run for tensors of its input's type and shape until a Dependent changes "
     "and as long as the Guards hold."},
    {"clear", clear, METH_NOARGS, "Forgets all Programs."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

void init_quick_predict(py::module_& m) {
    static PyType_Slot slots[] = {
        {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
        {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
        {Py_tp_clear, reinterpret_cast<void*>(clear_references)},
        {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
        {Py_tp_getattro, reinterpret_cast<void*>(get_attribute)},
        {Py_tp_repr, reinterpret_cast<void*>(represent)},
        {Py_tp_getset, properties},
        {Py_tp_members, members},
        {Py_tp_methods, methods},
        {0, nullptr},
    };
    static PyType_Spec spec = {"lamina.QuickPredict", sizeof(QuickPredict), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                                   Py_TPFLAGS_DISALLOW_INSTANTIATION,
                               slots};
    g_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    if (!g_type) throw py::error_already_set();
    m.def(
        "quick_predict",
        [](py::object method, py::object lock, int64_t usual) {
            if (!is_ticket_lock(lock.ptr())) type_error("the model's lock must be a TicketLock.");
            PyObject* o = g_type->tp_alloc(g_type, 0);
            if (!o) throw py::error_already_set();
            QuickPredict* q = as_quick(o);
            q->vectorcall = call;
            q->method = method.release().ptr();
            q->lock = lock.release().ptr();
            q->usual = usual;
            q->entries = new std::vector<Entry>();
            return py::reinterpret_steal<py::object>(o);
        },
        py::arg("method"), py::arg("lock"), py::arg("usual"),
        "method, with a quick way for inputs whose Program is known. `usual`: samples computed at once where "
        "the "
        "call does not say; 0: all of them, whatever they are.");
    m.attr("QuickPredict") = py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(g_type));
}

}  // namespace lamina::python
