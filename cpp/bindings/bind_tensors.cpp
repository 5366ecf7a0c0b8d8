#include "bindings/areas.h"
#include "bindings/convert.h"
#include "bindings/op_type.h"
#include "bindings/tensor_type.h"
#include "ops/functions.h"

namespace lamina::python {

namespace {

std::optional<DType> optional_dtype(const py::object& dtype, const Place& place) {
    if (dtype.is_none()) return std::nullopt;
    return dtype_from(dtype.ptr(), place);
}

// Whether rows of a shape may be given another one: of the last dimension alone, which it splits further.
bool fits(const Shape& rows, const Shape& wanted) {
    const int last = rows.rank() - 1;
    if (last <= 0) return true;
    for (int i = 0; i < last; ++i)
        if (i >= wanted.rank() || rows[i] != wanted[i]) return false;
    return rows[last] == wanted.product(last, wanted.rank());
}

py::object make_tensor(const py::object& values, const py::object& shape, const py::object& dtype) {
    Place place{"tensor", "values"};
    Tensor t = tensor_from(values.ptr(), optional_dtype(dtype, {"tensor", "dtype"}), place);
    if (shape.is_none())
        return py::reinterpret_steal<py::object>(wrap(is_tensor(values.ptr()) ? t.detached() : t));
    const Shape wanted = shape_from(shape.ptr(), {"tensor", "shape"});
    if (!fits(t.shape(), wanted))
        value_error("Error creating a new Tensor. Inferred shape (", t.shape(),
                    ") does not match the provided shape (", wanted, ").");
    if (t.size() != wanted.size())
        value_error("Based on the provided shape, [", wanted, "], the tensor should have ", wanted.size(),
                    " values but has ", t.size(), ".");
    return py::reinterpret_steal<py::object>(wrap(t.with_shape(wanted)));
}

py::dict memory() {
    const HandleStats handles = Handle::stats();
    py::dict d;
    d["numTensors"] = handles.tensors;
    d["numDataBuffers"] = Pool::global().stats().live_buffers;
    d["numBytes"] = handles.bytes;
    return d;
}

void end_scope(const py::iterable& results) {
    std::vector<Handle*> handles;
    std::vector<py::object> held;
    for (py::handle r : results)
        if (is_tensor(r.ptr())) held.push_back(py::reinterpret_borrow<py::object>(r));
    for (const py::object& r : held) handles.push_back(&as_py(r.ptr())->handle);
    Scope::close(handles);
}

}  // namespace

void bind_tensors(py::module_& m) {
    m.def("tensor", make_tensor, py::arg("values"), py::arg("shape") = py::none(),
          py::arg("dtype") = py::none(), "A tensor from numbers, strings, nested sequences or arrays.");
    m.def("tensor_from_dlpack", [](const py::object& o) {
        return py::reinterpret_steal<py::object>(wrap(tensor_from_dlpack(o.ptr(), {"fromDLPack", "x"})));
    });
    m.def("op", [](const std::string& name) {
        const Op* op = find_op(name);
        if (!op) value_error("there is no op '", name, "'.");
        return py::reinterpret_steal<py::object>(wrap_op(*op));
    });
    m.def("op_names", [] {
        py::list names;
        for (const Op* op : all_ops()) names.append(op->name);
        return names;
    });
    m.def("memory", memory, "Live tensors, buffers and bytes.");
    m.def("start_scope", [] { Scope::open(); }, "Opens a scope on this thread.");
    m.def("end_scope", end_scope,
          "Closes the innermost scope, disposing its tensors but for kept ones and the given results.");
    m.def("scope_depth", &Scope::depth);

    // The reference level, for tests: the same values as double.
    m.def("to_reference", [](py::handle t) {
        return py::reinterpret_steal<py::object>(
            wrap(cast(tensor_from(t.ptr(), std::nullopt, {"to_reference", "x"}), DType::float64)));
    });
    m.def("reference_tensor", [](const py::buffer& b) {
        const py::buffer_info info = b.request();
        if (info.format != py::format_descriptor<double>::format())
            type_error("reference_tensor takes float64 arrays.");
        Ints dims(info.shape.begin(), info.shape.end());
        Tensor t = Tensor::empty(DType::float64, Shape(std::span<const int64_t>(dims)));
        std::memcpy(t.mutable_data<double>(), info.ptr, t.bytes());
        return py::reinterpret_steal<py::object>(wrap(t));
    });
    m.def(
        "holders",
        [](py::handle t) {
            const Tensor value = unwrap(t.ptr());
            value.raw();
            return value.buffer()->holders();
        },
        "How many hold the tensor's buffer.");
}

}  // namespace lamina::python
