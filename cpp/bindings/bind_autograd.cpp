#include <memory>

#include "autograd/tape.h"
#include "bindings/areas.h"
#include "bindings/convert.h"
#include "bindings/release.h"
#include "bindings/tensor_type.h"
#include "ops/recorder.h"

namespace lamina::python {

namespace {

py::object wrap_or_none(Tensor t) {
    return t ? py::reinterpret_steal<py::object>(wrap(std::move(t))) : py::object(py::none());
}

// Entered and left on one thread; may be asked for gradients in between or afterwards.
class PyTape {
  public:
    ~PyTape() { tape_.pop(); }
    void enter() {
        if (entered_) fail(ErrorKind::runtime, "this tape is entered already.");
        tape_.push();
        entered_ = true;
    }
    void leave() {
        tape_.pop();
        entered_ = false;
    }

    void watch(py::handle t) {
        // A variable's identity is its own, whatever it holds.
        tape_.watch(unwrap(t.ptr()));
    }

    void watch_variables() { tape_.watch_variables(); }

    // Those met, as long as they live and are trainable.
    py::list variables(py::handle result) {
        if (is_tensor(result.ptr())) tape_.meet(unwrap(result.ptr()));
        py::list found;
        for (const uint64_t id : tape_.met())
            if (PyObject* variable = variable_of(id); variable && as_py(variable)->trainable)
                found.append(py::handle(variable));
        return found;
    }

    py::list gradient(py::handle target, const py::iterable& sources, const py::object& dy) {
        const Place of_target{"gradient", "target"}, of_dy{"gradient", "dy"};
        const Tensor y = unwrap(target.ptr(), &of_target);
        const Tensors xs = unwrap_all(sources);
        const Tensor seed = dy.is_none() ? Tensor() : unwrap(dy.ptr(), &of_dy);
        Tensors grads;
        {
            const ReleasedIf released(tape_.elements() > kCallReleasesAbove);
            grads = tape_.gradient(y, xs, seed);
        }
        py::list out;
        for (Tensor& g : grads) out.append(wrap_or_none(std::move(g)));
        return out;
    }

    bool tracks(py::handle t) { return tape_.tracks(unwrap(t.ptr())); }
    size_t size() const { return tape_.size(); }

  private:
    Tape tape_;
    bool entered_ = false;
};

// A gradient written in Python. Shared, so that copies of a node need no interpreter lock.
void record_python(const py::iterable& inputs, const py::iterable& outputs, py::function gradient) {
    auto held = std::shared_ptr<py::function>(new py::function(std::move(gradient)), [](py::function* f) {
        const py::gil_scoped_acquire gil;
        delete f;
    });
    record_custom(unwrap_all(inputs), unwrap_all(outputs), [held](const Tensors& dys) {
        const py::gil_scoped_acquire gil;
        py::list arguments;
        for (const Tensor& d : dys) arguments.append(py::reinterpret_steal<py::object>(wrap(d)));
        Tensors grads;
        const py::object result = (*held)(arguments);
        for (py::handle g : py::iterable(result)) grads.push_back(g.is_none() ? Tensor() : unwrap(g.ptr()));
        return grads;
    });
}

// Entered and left on one thread.
class PyPause {
  public:
    void enter() { paused_ = std::make_unique<RecordingPaused>(); }
    void leave() { paused_.reset(); }

  private:
    std::unique_ptr<RecordingPaused> paused_;
};

}  // namespace

void bind_autograd(py::module_& m) {
    py::class_<PyPause>(m, "RecordingPaused",
                        "While entered, neither tapes nor traces of the thread see its calls.")
        .def(py::init<>())
        .def("__enter__", &PyPause::enter)
        .def("__exit__", [](PyPause& self, const py::args&) { self.leave(); });

    py::class_<PyTape>(m, "Tape", "Records the calls of this thread while entered.")
        .def(py::init<>())
        .def("__enter__",
             [](py::object self) {
                 self.cast<PyTape&>().enter();
                 return self;
             })
        .def("__exit__", [](PyTape& self, const py::args&) { self.leave(); })
        .def("watch", &PyTape::watch)
        .def("watch_variables", &PyTape::watch_variables)
        .def("variables", &PyTape::variables, py::arg("result"),
             "The trainable variables that were met, and `result` where it is one.")
        .def("tracks", &PyTape::tracks)
        .def("gradient", &PyTape::gradient, py::arg("target"), py::arg("sources"), py::arg("dy") = py::none())
        .def_property_readonly("size", &PyTape::size);

    m.def("record_custom", record_python, "Shows a step with a gradient of its own to this thread's tapes.");
    m.def(
        "identity",
        [](py::handle t) { return py::reinterpret_steal<py::object>(wrap(unwrap(t.ptr()).detached())); },
        "The same value, to which no gradient passes.");
}

}  // namespace lamina::python
