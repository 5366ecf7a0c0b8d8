// The Python type of variables, and the registry of their names.
#include <string>
#include <unordered_map>

#include "autograd/tape.h"
#include "bindings/convert.h"
#include "bindings/tensor_type.h"

namespace lamina::python {

namespace {

PyTypeObject* g_variable_type = nullptr;

// Live variables by name; not owned: a variable takes itself out when it is disposed or dropped.
std::unordered_map<std::string, PyObject*>& registry() {
    static auto* variables = new std::unordered_map<std::string, PyObject*>;
    return *variables;
}

// The same ones by their values' ids.
std::unordered_map<uint64_t, PyObject*>& by_value() {
    static auto* variables = new std::unordered_map<uint64_t, PyObject*>;
    return *variables;
}

std::string text_of(PyObject* name) {
    const char* s = PyUnicode_AsUTF8(name);
    if (!s) throw py::error_already_set();
    return s;
}

PyObject* make(PyTypeObject* type, PyObject* args, PyObject* keywords) {
    static const char* names[] = {"initialValue", "trainable", "name", "dtype", nullptr};
    PyObject *initial = nullptr, *name = Py_None, *dtype = Py_None;
    int trainable = 1;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|pOO:Variable", const_cast<char**>(names), &initial,
                                     &trainable, &name, &dtype))
        return nullptr;
    return guarded<PyObject*>(nullptr, [&] {
        static uint64_t next_number = 0;
        if (name != Py_None && !PyUnicode_Check(name))
            type_error("Variable: name must be a string, but got ", describe(name), ".");
        while (name == Py_None && registry().contains(std::to_string(next_number))) ++next_number;
        const py::object label = name == Py_None ? py::object(py::str(std::to_string(next_number++)))
                                                 : py::reinterpret_borrow<py::object>(name);
        const std::string key = text_of(label.ptr());
        const std::optional<DType> wanted =
            dtype == Py_None ? std::nullopt : std::optional(dtype_from(dtype, {"variable", "dtype"}));
        VariableRef variable = Variable::make(tensor_from(initial, wanted, {"variable", "initialValue"}));
        // Reading the value may have run code that makes variables.
        if (registry().contains(key)) value_error("Variable with name ", key, " was already registered");

        PyObject* o = allocate_tensor(type);
        PyTensor* t = as_py(o);
        t->handle.init_variable(variable->spec());
        t->variable = std::move(variable);
        t->trainable = trainable != 0;
        t->name = py::object(label).release().ptr();
        registry()[key] = o;
        by_value()[t->variable->value_id()] = o;
        if (t->trainable) note_trainable(t->variable->value_id(), true);
        return o;
    });
}

PyObject* assign(PyObject* self, PyObject* value) {
    return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
        const VariableRef variable = unwrap_variable(self);
        // Numbers and lists have no dtype of their own.
        const bool plain = PyList_Check(value) || PyTuple_Check(value) || PyFloat_CheckExact(value) ||
                           PyLong_CheckExact(value) || PyBool_Check(value);
        Inputs inputs;
        inputs.counts.push_back(0);
        inputs.counts.push_back(1);
        inputs.tensors.push_back(tensor_from(value, plain ? std::optional(variable->dtype()) : std::nullopt,
                                             {"assign", "newValue"}));
        inputs.variables.push_back(variable);
        inputs.variable_counts.push_back(1);
        call(*find_op("assign"), std::move(inputs));
        Py_RETURN_NONE;
    });
}

PyObject* get_name(PyObject* self, void*) {
    PyObject* name = as_py(self)->name ? as_py(self)->name : Py_None;
    Py_INCREF(name);
    return name;
}
PyObject* get_trainable(PyObject* self, void*) { return PyBool_FromLong(as_py(self)->trainable); }
int set_trainable(PyObject* self, PyObject* value, void*) {
    const int truth = value ? PyObject_IsTrue(value) : -1;
    if (truth < 0) return -1;
    PyTensor* t = as_py(self);
    t->trainable = truth != 0;
    if (t->variable && t->name) note_trainable(t->variable->value_id(), t->trainable);
    return 0;
}

PyGetSetDef properties[] = {
    {"name", get_name, nullptr, "The variable's unique name.", nullptr},
    {"trainable", get_trainable, set_trainable, "Whether optimizers change this variable.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyMethodDef methods[] = {
    {"assign", assign, METH_O,
     "Makes the variable hold another value, a tensor or what becomes one, of the same shape and dtype."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

PyTypeObject* variable_type() noexcept { return g_variable_type; }

const VariableRef& unwrap_variable(PyObject* variable) {
    if (!is_variable(variable)) type_error("expected a variable, got ", describe(variable), ".");
    unwrap(variable);
    return as_py(variable)->variable;
}

void forget_variable(PyObject* object) noexcept {
    PyTensor* t = as_py(object);
    if (!t->name) return;
    const char* name = PyUnicode_AsUTF8(t->name);
    const auto found = name ? registry().find(name) : registry().end();
    if (found != registry().end() && found->second == object) registry().erase(found);
    if (t->variable) {
        by_value().erase(t->variable->value_id());
        note_trainable(t->variable->value_id(), false);
    }
}

PyObject* variable_of(uint64_t value_id) noexcept {
    const auto found = by_value().find(value_id);
    return found == by_value().end() ? nullptr : found->second;
}

void init_variable_type(py::module_& m) {
    static constexpr char doc[] =
        "A tensor whose value `assign` and optimizers replace; `tf.variable` makes them.";
    PyType_Slot slots[] = {
        {Py_tp_doc, const_cast<char*>(doc)},
        {Py_tp_new, reinterpret_cast<void*>(make)},
        {Py_tp_getset, properties},
        {Py_tp_methods, methods},
        {0, nullptr},
    };
    PyType_Spec spec = {"lamina.Variable", sizeof(PyTensor), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                        slots};
    PyObject* bases = PyTuple_Pack(1, tensor_type());
    g_variable_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpecWithBases(&spec, bases));
    Py_DECREF(bases);
    if (!g_variable_type) throw py::error_already_set();
    m.attr("Variable") = py::handle(reinterpret_cast<PyObject*>(g_variable_type));

    m.def(
        "hidden_variable",
        [](py::handle initial) {
            VariableRef variable =
                Variable::make(tensor_from(initial.ptr(), std::nullopt, {"hidden_variable", "initial"}));
            PyObject* o = allocate_tensor(g_variable_type);
            as_py(o)->handle.init_hidden(variable->spec());
            as_py(o)->variable = std::move(variable);
            return py::reinterpret_steal<py::object>(o);
        },
        "A variable without a name that memory() does not count, for state that TensorFlow.js keeps as a "
        "plain number.");
    m.def(
        "registeredVariables",
        [] {
            // Held first: a collection on the way may drop variables, and with them their entries.
            std::vector<std::pair<std::string, py::object>> held;
            for (const auto& [name, variable] : registry())
                held.emplace_back(name, py::reinterpret_borrow<py::object>(variable));
            py::dict all;
            for (const auto& [name, variable] : held) all[py::str(name)] = variable;
            return all;
        },
        "All live variables by name.");
    m.def(
        "find_variable",
        [](const std::string& name) {
            const auto found = registry().find(name);
            return py::reinterpret_borrow<py::object>(found == registry().end() ? Py_None : found->second);
        },
        py::arg("name"), "The live variable of that name, or None.");
}

}  // namespace lamina::python
