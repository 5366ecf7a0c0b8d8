#include "bindings/areas.h"
#include "graph/op_log.h"

namespace lamina::python {

namespace {

py::tuple dims_of(const Shape& shape) {
    py::tuple dims(static_cast<size_t>(shape.rank()));
    for (int i = 0; i < shape.rank(); ++i) dims[static_cast<size_t>(i)] = shape[i];
    return dims;
}

py::list shapes_of(const std::vector<Spec>& specs) {
    py::list shapes;
    for (const Spec& spec : specs) shapes.append(dims_of(spec.shape));
    return shapes;
}

py::list events_of(const OpLog& log) {
    py::list list;
    for (const OpEvent& event : log.events()) {
        py::list ops;
        for (const std::string& op : event.ops) ops.append(op);
        py::dict d;
        d["ops"] = ops;
        d["nanoseconds"] = event.nanoseconds;
        d["inputShapes"] = shapes_of(event.inputs);
        d["outputShapes"] = shapes_of(event.outputs);
        d["bytesAdded"] = event.after.live_bytes - event.before.live_bytes;
        d["totalBytesSnapshot"] = event.after.live_bytes;
        d["tensorsAdded"] = event.after.live_buffers - event.before.live_buffers;
        d["totalTensorsSnapshot"] = event.after.live_buffers;
        list.append(d);
    }
    return list;
}

OpWatch::Found call_back(py::object found) {
    if (found.is_none()) return {};
    // Dropped under the interpreter's lock, wherever the watch ends.
    const std::shared_ptr<py::object> held(new py::object(std::move(found)), [](py::object* o) {
        const py::gil_scoped_acquire locked;
        delete o;
    });
    return [held](const char* op, const char* what, const Shape& shape) {
        const py::gil_scoped_acquire locked;
        (*held)(op, what, dims_of(shape));
    };
}

class PyWatch {
  public:
    PyWatch(std::shared_ptr<OpLog> log, py::object found)
        : watch_(std::move(log), call_back(std::move(found))) {}
    ~PyWatch() { watch_.pop(); }
    void enter() {
        if (entered_) fail(ErrorKind::runtime, "this watch is entered already.");
        watch_.push();
        entered_ = true;
    }
    void leave() {
        watch_.pop();
        entered_ = false;
    }

  private:
    OpWatch watch_;
    bool entered_ = false;
};

}  // namespace

void bind_watch(py::module_& m) {
    py::class_<OpLog, std::shared_ptr<OpLog>>(m, "OpLog", "What ran, op by op.")
        .def(py::init<>())
        .def(
            "start", [](const std::shared_ptr<OpLog>& self) { OpLog::set_active(self); },
            "From now on Programs on all threads write to it.")
        .def_static("stop", [] { OpLog::set_active(nullptr); })
        .def_property_readonly("events", &events_of);

    py::class_<PyWatch>(
        m, "OpWatch",
        "While entered, eager calls of the thread go to the log; found(op, what, shape) hears of values that "
        "are not finite though those they come of are.")
        .def(py::init<std::shared_ptr<OpLog>, py::object>(), py::arg("log") = nullptr,
             py::arg("found") = py::none())
        .def("__enter__",
             [](py::object self) {
                 self.cast<PyWatch&>().enter();
                 return self;
             })
        .def("__exit__", [](PyWatch& self, const py::args&) { self.leave(); });
}

}  // namespace lamina::python
