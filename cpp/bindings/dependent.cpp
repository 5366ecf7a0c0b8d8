#include "bindings/dependent.h"

#include <algorithm>

namespace lamina::python {

void Dependents::add(const std::shared_ptr<Dependent>& dependent) {
    for (const auto& each : held_)
        if (!each.owner_before(dependent) && !dependent.owner_before(each)) return;
    if (held_.size() >= swept_) {
        std::erase_if(held_, [](const auto& each) { return each.expired(); });
        swept_ = std::max<size_t>(8, 2 * held_.size());
    }
    held_.push_back(dependent);
}

void Dependents::notify() const {
    for (const auto& each : held_)
        if (const auto alive = each.lock()) alive->change();
}

void Dependents::toggle() const {
    for (const auto& each : held_)
        if (const auto alive = each.lock()) alive->toggle();
}

int64_t Dependents::count() const {
    return std::count_if(held_.begin(), held_.end(), [](const auto& each) { return !each.expired(); });
}

void bind_dependents(py::module_& m) {
    py::class_<StopFlag, std::shared_ptr<StopFlag>>(
        m, "StopFlag", "Set from any thread to make a running epoch return after its step.")
        .def(py::init<>())
        .def("set", &StopFlag::set)
        .def("clear", &StopFlag::clear)
        .def_property_readonly(
            "steps", [](const StopFlag& self) { return self.finished.load(); },
            "How many steps ran to their end since clear().")
        .def_property_readonly("is_set", &StopFlag::is_set);

    py::class_<Dependent, std::shared_ptr<Dependent>>(
        m, "Dependent", "Told when an object changes that something was made from.")
        .def(py::init<std::shared_ptr<StopFlag>>(), py::arg("stop").none(true) = nullptr)
        .def("be_strict", &Dependent::be_strict, "From now on, what toggles counts as a change.")
        .def("forget_toggles", &Dependent::forget_toggles, "Clears `toggled`.")
        .def_property_readonly("changed", &Dependent::changed)
        .def_property_readonly("toggled", &Dependent::toggled);

    // A copy of an object has no dependents of its own yet.
    py::class_<Dependents>(m, "Dependents", "Who is told of an object's changes, held weakly.")
        .def(py::init<>())
        .def("add", &Dependents::add)
        .def("notify", &Dependents::notify, "Tells all of a change.")
        .def("toggle", &Dependents::toggle, "Tells all that a flag has another value.")
        .def("__len__", &Dependents::count)
        .def("__bool__", [](const Dependents&) { return true; })
        .def(py::pickle([](const Dependents&) { return py::tuple(); },
                        [](const py::tuple&) { return std::make_unique<Dependents>(); }));
}

}  // namespace lamina::python
