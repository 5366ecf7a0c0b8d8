#include <cstring>

#include "bindings/areas.h"
#include "bindings/convert.h"
#include "bindings/release.h"
#include "bindings/stop_flag.h"
#include "bindings/tensor_type.h"
#include "core/missing_data.h"
#include "files/program_graph.h"
#include "graph/steps.h"

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
        trace_.push();
    }
    void leave() { trace_.pop(); }

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

    std::unique_ptr<Program> program(const py::iterable& outputs) {
        const Tensors wanted = unwrap_all(outputs);
        const py::gil_scoped_release released;
        return std::make_unique<Program>(trace_, wanted);
    }

    TracedModel traced(const py::iterable& outputs, int64_t batch) const {
        return {&trace_, unwrap_all(outputs), batch};
    }

  private:
    Trace trace_;
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

// The columns of a fit's data, converted once.
class Columns {
  public:
    void add_tensor(py::handle t) {
        Column c;
        c.data = unwrap(t.ptr());
        c.row_elements = c.data.shape().product(1, c.data.rank());
        columns.push_back(std::move(c));
    }
    // One byte a value, row by row.
    void add_bytes(const py::buffer& b, int64_t row_elements) {
        const py::buffer_info info = b.request();
        Column c;
        c.bytes = Pool::global().allocate_internal(static_cast<size_t>(info.size), "training data");
        std::memcpy(c.bytes->data(), info.ptr, static_cast<size_t>(info.size));
        c.row_elements = row_elements;
        columns.push_back(std::move(c));
    }
    std::vector<Column> columns;
};

py::list to_list(const std::vector<double>& values) {
    py::list list;
    for (double v : values) list.append(v);
    return list;
}

void check_columns(const Program& program, const Columns& columns) {
    if (columns.columns.size() != program.input_count())
        value_error("a program with ", program.input_count(), " inputs was given ", columns.columns.size(),
                    " columns.");
}

// The end of a call that may take so long; 0: any time.
Clock::time_point limit_after(double milliseconds) {
    if (milliseconds <= 0) return Clock::time_point::max();
    const std::chrono::duration<double, std::milli> limit(milliseconds);
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(limit);
}

py::tuple run_program_steps(Program& full, Program* last, const Columns& columns, const py::object& order,
                            int64_t samples, int64_t batch_size, int64_t begin, int64_t end,
                            const py::list& sums, StopFlag& stop, double limit_ms) {
    StepRange range{
        &full, last, nullptr, samples, batch_size, begin, end, &stop.finished, limit_after(limit_ms)};
    Tensor permutation;
    if (!order.is_none()) {
        permutation = unwrap(order.ptr());
        if (permutation.dtype() != DType::int32 || permutation.size() != samples)
            value_error("order must hold one int32 for each sample.");
        range.order = permutation.data<int32_t>();
    }
    check_columns(full, columns);
    std::vector<double> totals, values(full.output_count());
    for (py::handle s : sums) totals.push_back(py::cast<double>(s));
    totals.resize(full.output_count());
    int64_t reached;
    {
        const py::gil_scoped_release released;
        reached = run_steps(range, columns.columns, totals.data(), values.data(), stop.flag);
    }
    return py::make_tuple(reached, to_list(totals), to_list(values));
}

py::tuple run_program_epochs(Program& full, Program* last, const Columns& columns, int64_t shuffled_block,
                             uint64_t updates, int64_t samples, int64_t batch_size, int64_t steps,
                             int64_t epochs, StopFlag& stop, double limit_ms) {
    check_columns(full, columns);
    const EpochRange range{
        {&full, last, nullptr, samples, batch_size, 0, steps, &stop.finished, limit_after(limit_ms)},
        epochs,
        shuffled_block,
        updates};
    EpochResult result;
    {
        const py::gil_scoped_release released;
        result = run_epochs(range, columns.columns, stop.flag);
    }
    return py::make_tuple(result.complete, to_list(result.sums), result.batch, to_list(result.partial));
}

}  // namespace

void bind_graph(py::module_& m) {
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
        .def("program", &PyTrace::program)
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

    py::class_<Columns>(m, "Columns", "The columns of a fit's data.")
        .def(py::init<>())
        .def("add_tensor", &Columns::add_tensor)
        .def("add_bytes", &Columns::add_bytes);

    m.def("run_steps", run_program_steps, py::arg("full"), py::arg("last").none(true), py::arg("columns"),
          py::arg("order"), py::arg("samples"), py::arg("batch_size"), py::arg("begin"), py::arg("end"),
          py::arg("sums"), py::arg("stop"), py::arg("limit_ms") = 0.0,
          "Runs batches [begin, end); gives the batch after the last that ran, the sums of outputs times "
          "batch sizes, and the last "
          "batch's outputs. Returns early, between two steps, when `stop` is set or `limit_ms` have passed.");
    m.def("run_epochs", run_program_epochs, py::arg("full"), py::arg("last").none(true), py::arg("columns"),
          py::arg("shuffled_block"), py::arg("updates"), py::arg("samples"), py::arg("batch_size"),
          py::arg("steps"), py::arg("epochs"), py::arg("stop"), py::arg("limit_ms") = 0.0,
          "Runs whole epochs; gives how many were completed, their sums, and batch and sums of one that was "
          "stopped. Returns early as run_steps does.");
    m.def("export_program", export_program, py::arg("traces"), py::arg("inputs"), py::arg("outputs"),
          py::arg("weights"),
          "The content of a .lamina file, from [(trace, outputs, batch size), ...], names, and [(variable, "
          "name), ...].");
    m.def("shuffle_seed", &shuffle_seed);
    m.def(
        "shuffled",
        [](int64_t n, uint64_t seed, int64_t block) {
            if (n < 0 || n > INT32_MAX) value_error("cannot shuffle ", n, " samples.");
            Tensor order = Tensor::empty(DType::int32, Shape{n}, "shuffle");
            shuffle(order.mutable_data<int32_t>(), n, seed, block);
            return py::reinterpret_steal<py::object>(wrap(order));
        },
        py::arg("n"), py::arg("seed"), py::arg("block") = 1,
        "A random permutation of 0 .. n-1 as an int32 tensor; blocks of so many keep together.");
}

}  // namespace lamina::python
