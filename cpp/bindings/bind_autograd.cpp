#include "autograd/tape.h"

#include "bindings/areas.h"
#include "bindings/tensor_type.h"

namespace lamina::python {

namespace {

Tensors unwrap_all(const py::iterable& items) {
    Tensors tensors;
    for (py::handle item : items) {
        if (!is_tensor(item.ptr())) type_error("expected a tensor, got ", describe(item.ptr()), ".");
        tensors.push_back(unwrap(item.ptr()));
    }
    return tensors;
}

py::object wrap_or_none(Tensor t) {
    return t ? py::reinterpret_steal<py::object>(wrap(std::move(t))) : py::object(py::none());
}

// Entered and left on one thread; may be asked for gradients in between or afterwards.
class PyTape {
  public:
    ~PyTape() { tape_.pop(); }
    void enter() { tape_.push(); }
    void leave() { tape_.pop(); }

    void watch(py::handle t) {
        if (!is_tensor(t.ptr())) type_error("watch() takes a tensor, got ", describe(t.ptr()), ".");
        // A variable's identity is its own, whatever it holds.
        tape_.watch(unwrap(t.ptr()));
    }

    py::list gradient(py::handle target, const py::iterable& sources, const py::object& dy) {
        if (!is_tensor(target.ptr())) type_error("the target of a gradient must be a tensor, got ", describe(target.ptr()), ".");
        const Tensor y = unwrap(target.ptr());
        const Tensors xs = unwrap_all(sources);
        const Tensor seed = dy.is_none() ? Tensor() : unwrap(dy.ptr());
        Tensors grads;
        if (custom_) {
            grads = tape_.gradient(y, xs, seed);  // calls Python
        } else {
            const py::gil_scoped_release released;
            grads = tape_.gradient(y, xs, seed);
        }
        py::list out;
        for (Tensor& g : grads) out.append(wrap_or_none(std::move(g)));
        return out;
    }

    void record_custom(const py::iterable& inputs, const py::iterable& outputs, py::function gradient) {
        custom_ = true;
        // Shared, so that copies of a node and its end on another thread need no interpreter lock.
        auto held = std::shared_ptr<py::function>(new py::function(std::move(gradient)), [](py::function* f) {
            const py::gil_scoped_acquire gil;
            delete f;
        });
        tape_.record_custom(unwrap_all(inputs), unwrap_all(outputs), [held](const Tensors& dys) {
            py::list arguments;
            for (const Tensor& d : dys) arguments.append(py::reinterpret_steal<py::object>(wrap(d)));
            Tensors grads;
            const py::object result = (*held)(arguments);
            for (py::handle g : py::iterable(result)) grads.push_back(g.is_none() ? Tensor() : unwrap(g.ptr()));
            return grads;
        });
    }

    bool tracks(py::handle t) { return tape_.tracks(unwrap(t.ptr())); }
    size_t size() const { return tape_.size(); }

  private:
    Tape tape_;
    bool custom_ = false;
};

}  // namespace

void bind_autograd(py::module_& m) {
    py::class_<PyTape>(m, "Tape", "Records the calls of this thread while entered.")
        .def(py::init<>())
        .def("__enter__", [](py::object self) { self.cast<PyTape&>().enter(); return self; })
        .def("__exit__", [](PyTape& self, const py::args&) { self.leave(); })
        .def("watch", &PyTape::watch)
        .def("tracks", &PyTape::tracks)
        .def("gradient", &PyTape::gradient, py::arg("target"), py::arg("sources"), py::arg("dy") = py::none())
        .def("record_custom", &PyTape::record_custom)
        .def_property_readonly("size", &PyTape::size);

    py::class_<RecordingPaused, std::unique_ptr<RecordingPaused>>(m, "RecordingPaused", "No tape records while this exists.");
    m.def("pause_recording", [] { return std::make_unique<RecordingPaused>(); });
}

}  // namespace lamina::python
