#include "bindings/rows.h"

#include <cstring>
#include <string_view>
#include <vector>

#include "bindings/areas.h"
#include "bindings/tensor_type.h"

namespace lamina::python {

namespace {

// Gives the buffer back from whatever thread.
std::shared_ptr<const void> keeper_of(const Py_buffer& view) {
    return {new Py_buffer(view), [](Py_buffer* held) {
                const py::gil_scoped_acquire locked;
                PyBuffer_Release(held);
                delete held;
            }};
}

// The type in which tensors hold such elements; uint8 is told apart before.
std::optional<DType> dtype_of_format(const char* format, Py_ssize_t item_bytes) {
    const std::string_view f(*format == '@' || *format == '=' ? format + 1 : format);
    if (f == "f" && item_bytes == 4) return DType::float32;
    if ((f == "i" || f == "l") && item_bytes == 4) return DType::int32;
    if (f == "?" && item_bytes == 1) return DType::boolean;
    return std::nullopt;
}

py::tuple dims_of(const Shape& shape) {
    py::tuple dims(static_cast<size_t>(shape.rank()));
    for (int i = 0; i < shape.rank(); ++i) dims[static_cast<size_t>(i)] = shape[i];
    return dims;
}

// One byte each as int32, or the values as they are.
void copy_rows(const Rows& rows, const char* from, int64_t elements, char* to) {
    if (!rows.bytes) {
        std::memcpy(to, from, static_cast<size_t>(elements) * rows.item_bytes());
        return;
    }
    const auto* values = reinterpret_cast<const uint8_t*>(from);
    auto* wide = reinterpret_cast<int32_t*>(to);
    for (int64_t i = 0; i < elements; ++i) wide[i] = values[i];
}

int64_t checked_end(const Rows& rows, int64_t begin, int64_t end) {
    if (begin < 0 || begin > end || end > rows.spec.shape[0])
        value_error("There are no samples ", begin, " to ", end, " among ", rows.spec.shape[0], ".");
    return end;
}

Rows part(const Rows& rows, int64_t begin, int64_t end) {
    Rows found = rows;
    const int64_t count = checked_end(rows, begin, end) - begin;
    found.data += begin * rows.row_elements() * static_cast<int64_t>(rows.item_bytes());
    found.spec.shape = rows.spec.shape.with(0, count);
    return found;
}

Rows as_column(const Rows& rows) {
    Rows found = rows;
    found.spec.shape = Shape{rows.spec.shape.size(), 1};
    return found;
}

PyObject* gather(const Rows& rows, const py::sequence& indices) {
    const int64_t count = static_cast<int64_t>(indices.size()), row = rows.row_elements();
    Tensor t = Tensor::empty(rows.spec.dtype, rows.spec.shape.with(0, count), "fit");
    const int64_t row_bytes = row * static_cast<int64_t>(element_size(rows.spec.dtype));
    for (int64_t i = 0; i < count; ++i) {
        const auto index = indices[static_cast<size_t>(i)].cast<int64_t>();
        checked_end(rows, index, index + 1);
        copy_rows(rows, rows.data + index * row * static_cast<int64_t>(rows.item_bytes()), row,
                  t.mutable_data<char>() + i * row_bytes);
    }
    return wrap(std::move(t));
}

}  // namespace

Tensor Rows::tensor(int64_t begin, int64_t end) const {
    checked_end(*this, begin, end);
    Tensor t = Tensor::empty(spec.dtype, spec.shape.with(0, end - begin), "samples");
    const int64_t row = row_elements();
    copy_rows(*this, data + begin * row * static_cast<int64_t>(item_bytes()), (end - begin) * row,
              t.mutable_data<char>());
    return t;
}

std::optional<Rows> rows_of(PyObject* values, bool in_place) {
    if (is_tensor(values) || PyBytes_Check(values) || !PyObject_CheckBuffer(values)) return std::nullopt;
    Py_buffer view;
    if (PyObject_GetBuffer(values, &view, PyBUF_RECORDS_RO) != 0) {
        PyErr_Clear();
        return std::nullopt;
    }
    struct Release {
        Py_buffer* view;
        ~Release() {
            if (view) PyBuffer_Release(view);
        }
    } release{&view};
    if (view.ndim < 1 || view.ndim > Shape::kMaxRank || view.len == 0 || !view.shape || !view.format)
        return std::nullopt;
    Rows rows;
    rows.bytes = std::string_view(view.format) == "B";
    const std::optional<DType> dtype =
        rows.bytes ? DType::int32 : dtype_of_format(view.format, view.itemsize);
    if (!dtype || !(rows.bytes || in_place)) return std::nullopt;
    const std::vector<int64_t> dims(view.shape, view.shape + view.ndim);
    rows.spec = {*dtype, Shape(std::span<const int64_t>(dims))};
    const bool fits = PyBuffer_IsContiguous(&view, 'C') &&
                      reinterpret_cast<uintptr_t>(view.buf) % static_cast<uintptr_t>(view.itemsize) == 0;
    if (in_place && fits) {
        rows.data = static_cast<const char*>(view.buf);
        rows.keeper = keeper_of(view);
        release.view = nullptr;
        return rows;
    }
    if (!rows.bytes) return std::nullopt;
    const BufferRef copy = Pool::global().allocate_internal(static_cast<size_t>(view.len), "samples");
    if (PyBuffer_ToContiguous(copy->data(), &view, view.len, 'C') != 0) throw py::error_already_set();
    rows.data = static_cast<const char*>(copy->data());
    rows.keeper = std::make_shared<BufferRef>(copy);
    return rows;
}

void bind_rows(py::module_& m) {
    py::class_<Rows>(m, "Rows", "Samples in the user's own memory, or one byte a value (see `rows`).")
        .def_property_readonly("shape", [](const Rows& self) { return dims_of(self.spec.shape); })
        .def_property_readonly("rank", [](const Rows& self) { return self.spec.shape.rank(); })
        .def_property_readonly(
            "dtype", [](const Rows& self) { return name_of(self.spec.dtype); },
            "Of the tensors that are made of them.")
        .def(
            "slice",
            [](const Rows& self, int64_t begin, int64_t end) {
                return py::reinterpret_steal<py::object>(wrap(self.tensor(begin, end)));
            },
            py::arg("begin"), py::arg("end"), "The samples from begin to end as a tensor.")
        .def(
            "gather",
            [](const Rows& self, const py::sequence& indices) {
                return py::reinterpret_steal<py::object>(gather(self, indices));
            },
            py::arg("indices"), "These samples as a tensor.")
        .def("part", part, py::arg("begin"), py::arg("end"), "The samples from begin to end, in place.")
        .def("as_column", as_column, "Of single values, in place: samples of one value each.");

    m.def(
        "rows",
        [](const py::object& values, bool in_place) -> py::object {
            auto found = rows_of(values.ptr(), in_place);
            return found ? py::cast(std::move(*found)) : py::none();
        },
        py::arg("values"), py::arg("in_place") = false,
        "Rows of an array, or None. Arrays of uint8 are taken one byte a value; where they are read "
        "in_place, "
        "so are those of the types of tensors, if their values lie behind each other.");
}

}  // namespace lamina::python
