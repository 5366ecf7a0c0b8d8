#include "bindings/op_type.h"

#include <functional>
#include <numeric>
#include <structmember.h>

#include "bindings/convert.h"
#include "bindings/release.h"
#include "bindings/tensor_type.h"

namespace lamina::python {

namespace {

struct PyOp {
    PyObject_HEAD vectorcallfunc vectorcall;
    const Op* op;
};

PyTypeObject* g_op_type = nullptr;

constexpr size_t kMaxArguments = 20;

const char* argument_name(const Op& op, size_t i) {
    return i < op.inputs.size() ? op.inputs[i].name : op.attrs[i - op.inputs.size()].name;
}

std::string signature(const Op& op) {
    std::string s = std::string(op.name) + "(";
    for (size_t i = 0; i < op.inputs.size() + op.attrs.size(); ++i)
        s += (i ? ", " : "") + std::string(argument_name(op, i));
    return s + ")";
}

// Arguments by their place in the block: inputs, then attributes; null where not given.
void arrange(const Op& op, PyObject* const* args, Py_ssize_t count, PyObject* names, PyObject** slots) {
    const size_t total = op.inputs.size() + op.attrs.size();
    if (static_cast<size_t>(count) > total)
        type_error(op.name, "() takes at most ", total, " arguments but ", count,
                   " were given: ", signature(op), ".");
    for (Py_ssize_t i = 0; i < count; ++i) slots[i] = args[i];
    for (size_t i = static_cast<size_t>(count); i < total; ++i) slots[i] = nullptr;
    if (!names) return;
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(names); ++k) {
        PyObject* name = PyTuple_GET_ITEM(names, k);
        size_t i = 0;
        while (i < total && PyUnicode_CompareWithASCIIString(name, argument_name(op, i)) != 0) ++i;
        if (i == total)
            type_error(op.name, "() has no argument ", py::cast<std::string>(py::repr(name)), ": ",
                       signature(op), ".");
        if (slots[i]) type_error(op.name, "() got more than one value for '", argument_name(op, i), "'.");
        slots[i] = args[count + k];
    }
}

// What plain numbers become beside these arguments: double where a reference tensor is among them.
DType number_type(PyObject* const* slots, size_t n) {
    for (size_t i = 0; i < n; ++i)
        if (slots[i] && is_tensor(slots[i]) &&
            reinterpret_cast<PyTensor*>(slots[i])->handle.spec().dtype == DType::float64)
            return DType::float64;
    return DType::float32;
}

void add_list(const Op& op, const InputSpec& spec, PyObject* value, DType number, Inputs& inputs) {
    const bool variables = spec.arity == Arity::variables;
    if (is_tensor(value) && variables) {
        inputs.variables.push_back(unwrap_variable(value));
        inputs.variable_counts.push_back(1);
        return;
    }
    if (is_tensor(value) || PyUnicode_Check(value) || !PySequence_Check(value))
        type_error("Argument '", spec.name, "' passed to '", op.name, "' must be a list of tensors, but got ",
                   describe(value), ".");
    const auto items = held_items(value);
    if (!items)
        type_error("Argument '", spec.name, "' passed to '", op.name, "' must be a list of tensors, but got ",
                   describe(value), ".");
    const auto n = static_cast<int32_t>(items->size());
    if (variables) {
        for (const py::handle item : *items) inputs.variables.push_back(unwrap_variable(item.ptr()));
        inputs.variable_counts.push_back(n);
        return;
    }
    for (const py::handle item : *items)
        inputs.tensors.push_back(input_from(item.ptr(), spec.accept, number, {op.name, spec.name}));
    inputs.counts.push_back(n);
}

bool has_lists(const Op& op) {
    for (const InputSpec& spec : op.inputs)
        if (spec.arity == Arity::list || spec.arity == Arity::variables) return true;
    return false;
}

Inputs collect_inputs(const Op& op, PyObject* const* slots) {
    Inputs inputs;
    const DType number = number_type(slots, op.inputs.size());
    const bool lists = has_lists(op);
    for (size_t i = 0; i < op.inputs.size(); ++i) {
        const InputSpec& spec = op.inputs[i];
        PyObject* value = slots[i];
        if (!value || (value == Py_None && spec.arity == Arity::optional)) {
            if (spec.arity != Arity::optional)
                type_error(op.name, "() is missing its argument '", spec.name, "': ", signature(op), ".");
            inputs.tensors.push_back(Tensor());
            if (lists) inputs.counts.push_back(1);
            continue;
        }
        if (spec.arity == Arity::list || spec.arity == Arity::variables) {
            add_list(op, spec, value, number, inputs);
            if (spec.arity == Arity::variables) inputs.counts.push_back(0);
            continue;
        }
        const Place place{op.name, spec.name};
        inputs.tensors.push_back(is_tensor(value) ? unwrap(value, &place)
                                                  : input_from(value, spec.accept, number, place));
        if (lists) inputs.counts.push_back(1);
    }
    return inputs;
}

PyObject* wrap_outputs(const Op& op, Tensors& out) {
    const bool list = op.outputs.size() == 1 && op.outputs[0][0] == '*';
    if (!list && op.outputs.empty()) Py_RETURN_NONE;
    if (!list && out.size() == 1) return wrap(std::move(out[0]));
    PyObject* items = list ? PyList_New(static_cast<Py_ssize_t>(out.size()))
                           : PyTuple_New(static_cast<Py_ssize_t>(out.size()));
    if (!items) throw py::error_already_set();
    const py::object holder = py::reinterpret_steal<py::object>(items);
    for (size_t i = 0; i < out.size(); ++i) {
        PyObject* item = wrap(std::move(out[i]));
        if (list)
            PyList_SET_ITEM(items, static_cast<Py_ssize_t>(i), item);
        else
            PyTuple_SET_ITEM(items, static_cast<Py_ssize_t>(i), item);
    }
    Py_INCREF(items);
    return items;
}

// How many elements a call works on, about: those of its inputs, or of the shape it is asked for.
double elements(const Inputs& inputs, const Attrs& attrs) {
    double n = 0;
    for (const Tensor& t : inputs.tensors)
        if (t) n += static_cast<double>(t.size());
    for (const VariableRef& v : inputs.variables) n += static_cast<double>(v->shape().size());
    if (!inputs.tensors.empty()) return n;
    for (const Attr& attr : attrs)
        if (const Ints* sizes = std::get_if<Ints>(&attr))
            n += std::accumulate(sizes->begin(), sizes->end(), 1.0, std::multiplies());
    return n;
}

PyObject* vectorcall(PyObject* self, PyObject* const* args, size_t flags, PyObject* names) {
    return invoke(*reinterpret_cast<PyOp*>(self)->op, args, PyVectorcall_NARGS(flags), names);
}

PyObject* bind(PyObject* self, PyObject* object, PyObject*) {
    if (!object || object == Py_None) {
        Py_INCREF(self);
        return self;
    }
    return PyMethod_New(self, object);
}

void deallocate(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

PyObject* get_name(PyObject* self, void*) {
    return PyUnicode_FromString(reinterpret_cast<PyOp*>(self)->op->name);
}
PyObject* get_doc(PyObject* self, void*) {
    return PyUnicode_FromString(reinterpret_cast<PyOp*>(self)->op->doc);
}

PyObject* represent(PyObject* self) {
    return PyUnicode_FromFormat("<op %s>", signature(*reinterpret_cast<PyOp*>(self)->op).c_str());
}

const char* name_of_arity(Arity a) {
    switch (a) {
        case Arity::one:
            return "one";
        case Arity::optional:
            return "optional";
        case Arity::list:
            return "list";
        case Arity::variables:
            return "variables";
    }
    return "";
}

const char* name_of_type(AttrType t) {
    constexpr const char* names[] = {"boolean", "integer",        "number",  "string", "dtype",
                                     "ints",    "count_or_sizes", "padding", "seed",   "pairs"};
    return names[static_cast<int>(t)];
}

const char* name_of_accept(Accept a) {
    constexpr const char* names[] = {"any", "numeric", "real", "to_real", "boolean", "index"};
    return names[static_cast<int>(a)];
}

// The block as Python sees it: for signatures, stubs, documentation and the table test.
py::dict describe_op(const Op& op) {
    py::dict d;
    py::list inputs, attrs, outputs;
    for (const InputSpec& spec : op.inputs) {
        py::dict i;
        i["name"] = spec.name;
        i["arity"] = name_of_arity(spec.arity);
        i["accept"] = name_of_accept(spec.accept);
        inputs.append(i);
    }
    for (const AttrSpec& spec : op.attrs) {
        py::dict a;
        a["name"] = spec.name;
        a["type"] = name_of_type(spec.type);
        a["required"] = std::holds_alternative<NotGiven>(spec.fallback);
        a["default"] = attr_to(spec.fallback);
        a["nullable"] = spec.nullable;
        py::list choices;
        for (const char* choice : spec.choices) choices.append(choice);
        a["choices"] = choices;
        attrs.append(a);
    }
    for (const char* name : op.outputs) outputs.append(name);
    d["name"] = op.name;
    d["inputs"] = inputs;
    d["attrs"] = attrs;
    d["outputs"] = outputs;
    d["promote"] = op.promote;
    d["effect"] = op.effect == Effect::pure ? "pure" : op.effect == Effect::random ? "random" : "updates";
    d["shapes"] = op.shapes == Shapes::fixed ? "static" : "from_values";
    d["differentiable"] = op.grad != nullptr || op.decompose != nullptr;
    d["no_grad"] = op.no_grad ? py::object(py::str(op.no_grad)) : py::object(py::none());
    d["fused"] = op.decompose && op.run;
    d["composed"] = op.decompose && !op.run;
    d["method"] = op.method && !op.inputs.empty() && op.inputs[0].arity == Arity::one;
    d["internal"] = op.internal;
    d["doc"] = op.doc;
    return d;
}

PyObject* get_spec(PyObject* self, void*) {
    return guarded<PyObject*>(
        nullptr, [&] { return describe_op(*reinterpret_cast<PyOp*>(self)->op).release().ptr(); });
}

// inspect.signature() asks for this; it is built by Python on first use.
PyObject* get_signature(PyObject* self, void*) {
    return guarded<PyObject*>(nullptr, [&] {
        return py::module_::import("lamina._signatures")
            .attr("of_op")(describe_op(*reinterpret_cast<PyOp*>(self)->op))
            .release()
            .ptr();
    });
}

// Pickled and copied by name.
PyObject* reduce(PyObject* self, PyObject*) {
    return guarded<PyObject*>(nullptr, [&] {
        return py::make_tuple(py::module_::import("lamina._core").attr("op"),
                              py::make_tuple(reinterpret_cast<PyOp*>(self)->op->name))
            .release()
            .ptr();
    });
}

PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(PyOp, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};
PyGetSetDef properties[] = {
    {"__name__", get_name, nullptr, nullptr, nullptr},
    {"__qualname__", get_name, nullptr, nullptr, nullptr},
    {"__doc__", get_doc, nullptr, nullptr, nullptr},
    {"__signature__", get_signature, nullptr, nullptr, nullptr},
    {"spec", get_spec, nullptr, "The op's block as a dict.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyMethodDef methods[] = {
    {"__reduce__", reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

PyObject* invoke(const Op& op, PyObject* const* args, Py_ssize_t count, PyObject* names) noexcept {
    return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
        PyObject* slots[kMaxArguments];
        arrange(op, args, count, names, slots);
        Inputs inputs = collect_inputs(op, slots);
        Attrs attrs;
        attrs.reserve(op.attrs.size());
        for (size_t i = 0; i < op.attrs.size(); ++i) {
            PyObject* value = slots[op.inputs.size() + i];
            attrs.push_back(value ? attr_from(value, op.attrs[i], {op.name, op.attrs[i].name})
                                  : Attr(NotGiven{}));
        }
        Tensors out;
        {
            const ReleasedIf released(elements(inputs, attrs) > kCallReleasesAbove);
            out = call(op, std::move(inputs), std::move(attrs));
        }
        return wrap_outputs(op, out);
    });
}

PyObject* wrap_op(const Op& op) {
    PyObject* o = g_op_type->tp_alloc(g_op_type, 0);
    if (!o) throw py::error_already_set();
    reinterpret_cast<PyOp*>(o)->vectorcall = vectorcall;
    reinterpret_cast<PyOp*>(o)->op = &op;
    return o;
}

void init_op_type(py::module_& m) {
    PyType_Slot slots[] = {
        {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
        {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
        {Py_tp_descr_get, reinterpret_cast<void*>(bind)},
        {Py_tp_repr, reinterpret_cast<void*>(represent)},
        {Py_tp_members, members},
        {Py_tp_getset, properties},
        {Py_tp_methods, methods},
        {0, nullptr},
    };
    PyType_Spec spec = {"lamina.Op", sizeof(PyOp), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR |
                            Py_TPFLAGS_DISALLOW_INSTANTIATION,
                        slots};
    g_op_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    if (!g_op_type) throw py::error_already_set();
    m.attr("Op") = py::handle(reinterpret_cast<PyObject*>(g_op_type));

    py::module_ ops = m.def_submodule("ops", "One callable per op.");
    py::handle type(reinterpret_cast<PyObject*>(tensor_type()));
    py::set public_ops;
    for (const Op* op : all_ops()) {
        if (op->inputs.size() + op->attrs.size() > kMaxArguments)
            py::pybind11_fail("an op has too many arguments");
        const py::object callable = py::reinterpret_steal<py::object>(wrap_op(*op));
        ops.attr(op->name) = callable;
        if (!op->internal) public_ops.add(py::str(op->name));
        if (op->method && !op->internal && !op->inputs.empty() && op->inputs[0].arity == Arity::one)
            py::setattr(type, op->name, callable);
    }
    m.attr("public_ops") = py::frozenset(public_ops);
}

}  // namespace lamina::python
