#include "bindings/areas.h"
#include "bindings/convert.h"
#include "bindings/reads.h"
#include "bindings/release.h"
#include "bindings/stop_flag.h"
#include "bindings/tensor_type.h"
#include "core/missing_data.h"
#include "files/program_graph.h"
#include "graph/program.h"

namespace lamina::python {

namespace {

py::list wrap_all(Tensors& tensors) {
    py::list out;
    for (Tensor& t : tensors) out.append(py::reinterpret_steal<py::object>(wrap(std::move(t))));
    return out;
}

class PyTrace {
  public:
    ~PyTrace() { trace_.pop(); }
    void enter() {
        missing_before_ = missing_data_count();
        reads_.begin();
        trace_.push();
    }
    void leave() {
        trace_.pop();
        reads_.end();
    }

    // Whether the thread asked for values that do not exist since the trace was entered.
    bool asked() const { return missing_data_count() != missing_before_; }

    py::object input(const py::object& shape, const py::object& dtype) {
        const Spec spec{dtype_from(dtype.ptr(), {"Trace.input", "dtype"}),
                        shape_from(shape.ptr(), {"Trace.input", "shape"})};
        return py::reinterpret_steal<py::object>(wrap(trace_.input(spec)));
    }
    py::object reference_input(const py::object& shape) {
        return py::reinterpret_steal<py::object>(
            wrap(trace_.input({DType::float64, shape_from(shape.ptr(), {"Trace.input", "shape"})})));
    }

    py::list run(const py::iterable& inputs, const py::iterable& wanted) {
        Tensors out = trace_.run(unwrap_all(inputs), unwrap_all(wanted));
        return wrap_all(out);
    }

    py::list nodes() const {
        py::list names;
        for (const GraphNode& node : trace_.nodes()) names.append(node.op ? node.op->name : "input");
        return names;
    }

    std::unique_ptr<Program> program(const py::iterable& outputs, const std::shared_ptr<Arena>& arena) {
        const Tensors wanted = unwrap_all(outputs);
        const py::gil_scoped_release released;
        auto program = std::make_unique<Program>(trace_, wanted, arena);
        for (const auto& [variable, version] : reads_.reads()) program->hold_for(variable, version);
        return program;
    }

    TracedModel traced(const py::iterable& outputs, int64_t batch) const {
        return {&trace_, unwrap_all(outputs), batch};
    }

  private:
    Trace trace_;
    ReadsNoted reads_;
    uint64_t missing_before_ = 0;
};

std::vector<std::string> texts(const py::list& list) {
    std::vector<std::string> found;
    for (const py::handle item : list) found.push_back(item.cast<std::string>());
    return found;
}

// The content of a .lamina file, from (trace, outputs, batch size) of each trace and (variable, name) of each
// weight.
py::bytes export_program(const py::list& traces, const py::list& inputs, const py::list& outputs,
                         const py::list& weights) {
    const std::vector<std::string> input_names = texts(inputs), output_names = texts(outputs);
    std::vector<TracedModel> models;
    for (const py::handle item : traces) {
        const auto [trace, values, batch] = item.cast<std::tuple<py::object, py::iterable, int64_t>>();
        models.push_back(trace.cast<PyTrace&>().traced(values, batch));
    }
    std::vector<WeightName> names;
    for (const py::handle item : weights) {
        const auto [variable, name] = item.cast<std::pair<py::object, std::string>>();
        names.push_back({unwrap_variable(variable.ptr()).get(), name});
    }
    std::string content;
    {
        const py::gil_scoped_release released;
        content = ProgramGraph::from_traces(models, input_names, output_names, names).write();
    }
    return py::bytes(content);
}

}  // namespace

void bind_graph(py::module_& m) {
    py::class_<Arena, std::shared_ptr<Arena>>(
        m, "Arena", "Memory that Programs work in which never run at the same time.")
        .def(py::init<>());

    py::class_<PyTrace>(m, "Trace", "While entered, calls on its symbolic tensors become nodes of a graph.")
        .def(py::init<>())
        .def("__enter__",
             [](py::object self) {
                 self.cast<PyTrace&>().enter();
                 return self;
             })
        .def("__exit__", [](PyTrace& self, const py::args&) { self.leave(); })
        .def("input", &PyTrace::input, py::arg("shape"), py::arg("dtype") = "float32")
        .def("_reference_input", &PyTrace::reference_input)
        .def("run", &PyTrace::run)
        .def("program", &PyTrace::program, py::arg("outputs"), py::arg("arena").none(true) = nullptr)
        .def_property_readonly("asked", &PyTrace::asked,
                               "Whether the code asked for a value, which a trace does not have.")
        .def_property_readonly("nodes", &PyTrace::nodes);

    py::class_<Program>(m, "Program",
                        "A trace made ready to run many times; not for several threads at once.")
        .def("run",
             [](Program& self, const py::iterable& inputs) {
                 const Tensors values = unwrap_all(inputs);
                 Tensors out;
                 {
                     const ReleasedIf released(self.stats().elements > kProgramReleasesAbove);
                     out = self.run_fresh(values);
                 }
                 return wrap_all(out);
             })
        .def_property_readonly("holds", &Program::holds,
                               "Whether the variables whose values the trace read still have them.")
        .def_property_readonly("own_bytes", &Program::own_bytes,
                               "What it holds for itself, about: neither its arena nor weights.")
        .def("profile", &Program::profile)
        .def("measure", &Program::measure, py::arg("runs"), py::call_guard<py::gil_scoped_release>(),
             "Profiles so many runs on zeros; variables and the random sequence stay what they are.")
        .def(
            "report",
            [](const Program& self) {
                py::list lines;
                for (const InstructionReport& line : self.report()) {
                    py::list ops, shapes;
                    for (const std::string& op : line.ops) ops.append(op);
                    for (const Shape& shape : line.shapes) {
                        py::tuple dims(static_cast<size_t>(shape.rank()));
                        for (int i = 0; i < shape.rank(); ++i) dims[static_cast<size_t>(i)] = shape[i];
                        shapes.append(dims);
                    }
                    lines.append(py::make_tuple(ops, shapes, line.nanoseconds));
                }
                return lines;
            },
            "(ops, shapes of the results, nanoseconds) of each instruction.")
        .def_property_readonly("stats", [](const Program& self) {
            const ProgramStats s = self.stats();
            py::dict d;
            d["instructions"] = s.instructions;
            d["fusedGroups"] = s.fused_groups;
            d["fusedOps"] = s.fused_ops;
            d["arenaBytes"] = s.arena_bytes;
            d["peakLiveBytes"] = s.peak_live_bytes;
            d["tracedNodes"] = s.traced_nodes;
            d["elements"] = s.elements;
            return d;
        });

    m.def("export_program", export_program, py::arg("traces"), py::arg("inputs"), py::arg("outputs"),
          py::arg("weights"),
          "The content of a .lamina file, from [(trace, outputs, batch size), ...], names, and [(variable, "
          "name), ...].");
}

}  // namespace lamina::python
