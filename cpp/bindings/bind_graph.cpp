#include "bindings/areas.h"
#include "bindings/convert.h"
#include "bindings/tensor_type.h"
#include "graph/trace.h"

namespace lamina::python {

namespace {

class PyTrace {
  public:
    ~PyTrace() { trace_.pop(); }
    void enter() { trace_.push(); }
    void leave() { trace_.pop(); }

    py::object input(const py::object& shape, const py::object& dtype) {
        const Spec spec{dtype_from(dtype.ptr(), {"Trace.input", "dtype"}), shape_from(shape.ptr(), {"Trace.input", "shape"})};
        return py::reinterpret_steal<py::object>(wrap(trace_.input(spec)));
    }
    py::object reference_input(const py::object& shape) {
        return py::reinterpret_steal<py::object>(
            wrap(trace_.input({DType::float64, shape_from(shape.ptr(), {"Trace.input", "shape"})})));
    }

    py::list run(const py::iterable& inputs, const py::iterable& wanted) {
        Tensors values, targets;
        for (py::handle t : inputs) values.push_back(unwrap(t.ptr()));
        for (py::handle t : wanted) targets.push_back(unwrap(t.ptr()));
        py::list out;
        for (Tensor& t : trace_.run(values, targets)) out.append(py::reinterpret_steal<py::object>(wrap(std::move(t))));
        return out;
    }

    py::list nodes() const {
        py::list names;
        for (const GraphNode& node : trace_.nodes()) names.append(node.op ? node.op->name : "input");
        return names;
    }

  private:
    Trace trace_;
};

}  // namespace

void bind_graph(py::module_& m) {
    py::class_<PyTrace>(m, "Trace", "While entered, calls on its symbolic tensors become nodes of a graph.")
        .def(py::init<>())
        .def("__enter__", [](py::object self) { self.cast<PyTrace&>().enter(); return self; })
        .def("__exit__", [](PyTrace& self, const py::args&) { self.leave(); })
        .def("input", &PyTrace::input, py::arg("shape"), py::arg("dtype") = "float32")
        .def("_reference_input", &PyTrace::reference_input)
        .def("run", &PyTrace::run)
        .def_property_readonly("nodes", &PyTrace::nodes);
}

}  // namespace lamina::python
