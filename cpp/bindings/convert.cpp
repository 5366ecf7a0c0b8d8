#include "bindings/convert.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "bindings/tensor_type.h"
#include "core/string_tensor.h"
#include "ops/functions.h"
#include "ops/integer_math.h"

namespace lamina::python {

namespace {

bool is_number(PyObject* o) { return PyFloat_Check(o) || PyLong_Check(o); }

std::string at(const Place& p) { return text("Argument '", p.argument, "' passed to '", p.op, "'"); }

// A conversion asked for explicitly may not lose what an int32 cannot hold.
Tensor to_dtype(Tensor t, DType dtype, const Place& place) {
    if (t.dtype() == dtype) return t;
    if ((t.dtype() == DType::string) != (dtype == DType::string))
        type_error(at(place), ": values of dtype ", name_of(t.dtype()), " cannot become ", name_of(dtype),
                   ".");
    return cast(t, dtype);
}

py::tuple flattened(PyObject* values, const Place& place) {
    static py::object* flatten = new py::object(py::module_::import("lamina._rows").attr("flatten"));
    try {
        return (*flatten)(py::handle(values));
    } catch (const py::error_already_set& e) {
        const std::string message = at(place) + ": " + py::cast<std::string>(py::str(e.value()));
        if (e.matches(PyExc_TypeError)) type_error(message);
        if (e.matches(PyExc_IndexError)) value_error(at(place), ": the rows changed while they were read.");
        if (e.matches(PyExc_ValueError) || e.matches(PyExc_OverflowError)) value_error(message);
        throw;
    }
}

bool is_plain_row(PyObject* values) { return PyList_CheckExact(values) || PyTuple_CheckExact(values); }

// The members of a list or tuple as float32, as far as they are plain numbers; whether all were.
bool read_row(PyObject* row, float* to) {
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(row);
    PyObject** items = PySequence_Fast_ITEMS(row);
    for (Py_ssize_t i = 0; i < n; ++i) {
        double x = 0;
        if (PyFloat_CheckExact(items[i])) {
            x = PyFloat_AS_DOUBLE(items[i]);
        } else if (PyLong_CheckExact(items[i])) {
            int overflow = 0;
            x = static_cast<double>(PyLong_AsLongAndOverflow(items[i], &overflow));
            if (overflow) return false;
        } else {
            return false;
        }
        to[i] = number_to<float>(x);
    }
    return true;
}

// A few plain numbers, in a row or in rows of equal length: the flattener would take longer to call than to
// run. Undefined for all else.
Tensor from_few(PyObject* values, const Place& place) {
    constexpr Py_ssize_t kFew = 64;
    Tensor t;
    if (!is_plain_row(values)) return t;
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(values);
    PyObject** items = PySequence_Fast_ITEMS(values);
    if (n == 0 || n > kFew) return t;
    float numbers[kFew];
    if (!is_plain_row(items[0])) {
        if (!read_row(values, numbers)) return t;
        t = Tensor::empty(DType::float32, {n}, place.op);
    } else {
        const Py_ssize_t width = PySequence_Fast_GET_SIZE(items[0]);
        if (width == 0 || n * width > kFew) return t;
        for (Py_ssize_t i = 0; i < n; ++i)
            if (!is_plain_row(items[i]) || PySequence_Fast_GET_SIZE(items[i]) != width ||
                !read_row(items[i], numbers + i * width))
                return t;
        t = Tensor::empty(DType::float32, {n, width}, place.op);
    }
    std::memcpy(t.mutable_data<float>(), numbers, static_cast<size_t>(t.size()) * sizeof(float));
    return t;
}

// [shape, kind, values] as the flattener of nested sequences gives them: kind 'n' numbers and 'i' whole ones
// of typed arrays (doubles), 'b' booleans (bytes), 's' a list of str, 'c' complex (pairs of doubles).
Tensor from_nested(PyObject* values, std::optional<DType> dtype, const Place& place) {
    if (dtype.value_or(DType::float32) == DType::float32)
        if (Tensor few = from_few(values, place)) return few;
    const py::tuple flat = flattened(values, place);
    const Shape shape = shape_from(flat[0].ptr(), place);
    const std::string kind = py::cast<std::string>(flat[1]);
    if (shape.size() == 0 && dtype == DType::string) return make_strings({}, shape);
    // Rows with code of their own may have told the flattener different lengths.
    const auto expect = [&](int64_t n) {
        if (n != shape.size()) value_error(at(place), ": the rows changed while they were read.");
    };
    if (kind == "s") {
        py::list strings = flat[2];
        expect(static_cast<int64_t>(strings.size()));
        std::vector<std::string_view> views;
        for (py::handle s : strings) {
            Py_ssize_t n = 0;
            const char* p = PyUnicode_AsUTF8AndSize(s.ptr(), &n);
            if (!p) throw py::error_already_set();
            views.emplace_back(p, static_cast<size_t>(n));
        }
        return to_dtype(make_strings(views, shape), dtype.value_or(DType::string), place);
    }
    if (dtype == DType::string) type_error(at(place), ": numbers cannot become a string tensor.");
    const py::buffer_info data = py::buffer(py::object(flat[2])).request();
    expect(kind == "c" ? data.size / 2 : data.size);
    if (kind == "b") {
        Tensor t = Tensor::empty(DType::boolean, shape, place.op);
        std::memcpy(t.mutable_data<uint8_t>(), data.ptr, static_cast<size_t>(shape.size()));
        return to_dtype(t, dtype.value_or(DType::boolean), place);
    }
    const auto* x = static_cast<const double*>(data.ptr);
    if (kind == "i" && !dtype) dtype = DType::int32;
    if (kind == "c") {
        Tensor t = Tensor::empty(DType::complex64, shape, place.op);
        for (int64_t i = 0; i < 2 * shape.size(); ++i) t.mutable_data<float>()[i] = static_cast<float>(x[i]);
        return to_dtype(t, dtype.value_or(DType::complex64), place);
    }
    Tensor t = Tensor::empty(dtype.value_or(DType::float32), shape, place.op);
    const auto fill = [&]<class T>() {
        for (int64_t i = 0; i < shape.size(); ++i) t.mutable_data<T>()[i] = number_to<T>(x[i]);
    };
    switch (t.dtype()) {
        case DType::int32:
            for (int64_t i = 0; i < shape.size(); ++i)
                if (x[i] > INT32_MAX || x[i] < INT32_MIN)
                    value_error(at(place), ": the value ", x[i], " does not fit int32.");
            fill.operator()<int32_t>();
            break;
        case DType::boolean:
            fill.operator()<uint8_t>();
            break;
        case DType::float64:
            fill.operator()<double>();
            break;
        case DType::complex64:
            for (int64_t i = 0; i < shape.size(); ++i)
                t.mutable_data<Complex>()[i] = {static_cast<float>(x[i]), 0.0f};
            break;
        default:
            fill.operator()<float>();
    }
    return t;
}

// Arrays of text, NumPy's own or as objects.
bool holds_objects(PyObject* values) {
    const py::object dtype = attribute_of(values, "dtype");
    const py::object letter = dtype ? attribute_of(dtype.ptr(), "kind") : py::object();
    if (!letter) return false;
    const std::string kind = py::cast<std::string>(py::str(letter));
    return kind == "U" || kind == "S" || kind == "O" || kind == "T";
}

Tensor from_objects(PyObject* values, std::optional<DType> dtype, const Place& place) {
    const py::object list = py::reinterpret_borrow<py::object>(values).attr("tolist")();
    const Tensor t = from_nested(list.ptr(), dtype, place);
    if (t.dtype() == DType::string || t.size() == 0) return t;
    type_error(
        at(place),
        ": an array of objects must hold strings; give it a dtype of numbers, as by astype('float32').");
}

Tensor from_number(PyObject* value, DType dtype, const Place& place) {
    const double x = PyFloat_AsDouble(value);
    if (x == -1.0 && PyErr_Occurred()) {
        PyErr_Clear();
        value_error(at(place), ": the value ", describe(value), " does not fit ", name_of(dtype), ".");
    }
    if (dtype == DType::int32 && !(x >= INT32_MIN && x <= INT32_MAX) && std::isfinite(x))
        value_error(at(place), ": the value ", describe(value), " does not fit int32.");
    if (dtype == DType::int32 && !std::isfinite(x)) return Tensor::scalar(int32_t{0});
    if (dtype == DType::string) type_error(at(place), ": a number cannot become a string tensor.");
    return Tensor::number(x, dtype);
}

bool is_row(PyObject* values) {
    return PyList_Check(values) || PyTuple_Check(values) || PyUnicode_Check(values) ||
           PyBytes_Check(values) || PyComplex_CheckExact(values);
}

Tensor as_given(Tensor t, std::optional<DType> dtype, const Place& place) {
    return dtype ? to_dtype(std::move(t), *dtype, place) : t;
}

// What the object is by itself; undefined where it is none of what is known.
Tensor from_plain(PyObject* values, std::optional<DType> dtype, const Place& place) {
    if (is_tensor(values)) return as_given(unwrap(values, &place), dtype, place);
    if (PyBool_Check(values)) return from_number(values, dtype.value_or(DType::boolean), place);
    if (PyFloat_CheckExact(values) || PyLong_CheckExact(values))
        return from_number(values, dtype.value_or(DType::float32), place);
    if (is_row(values)) return from_nested(values, dtype, place);
    if (auto array = tensor_from_array(values, place)) return as_given(*array, dtype, place);
    if (holds_objects(values)) return from_objects(values, dtype, place);
    if (is_number(values)) return from_number(values, dtype.value_or(DType::float32), place);
    if (attribute_of(values, "__dlpack__")) return as_given(tensor_from_dlpack(values, place), dtype, place);
    return Tensor();
}

// A sequence of a class that is not known, as a list of as many members as it says.
py::list listed(PyObject* values) {
    const Py_ssize_t n = PySequence_Size(values);
    if (n < 0) throw py::error_already_set();
    py::list list;
    for (Py_ssize_t i = 0; i < n; ++i) {
        PyObject* item = PySequence_GetItem(values, i);
        if (!item) throw py::error_already_set();
        list.append(py::reinterpret_steal<py::object>(item));
    }
    return list;
}

}  // namespace

Tensor tensor_from(PyObject* values, std::optional<DType> dtype, const Place& place) {
    if (Tensor plain = from_plain(values, dtype, place)) return plain;
    // What stands for a tensor, as a layer's weight does; gradients flow through it.
    if (const py::object to_tensor = attribute_of(values, "__lamina_tensor__")) {
        const py::object inner = to_tensor();
        if (!is_tensor(inner.ptr())) type_error("__lamina_tensor__() must return a tensor.");
        return as_given(unwrap(inner.ptr(), &place), dtype, place);
    }
    if (const py::object to_array = attribute_of(values, "__array__")) {
        const py::object array = to_array();
        if (Tensor plain = from_plain(array.ptr(), dtype, place)) return plain;
        type_error(at(place), ": __array__() of a ", Py_TYPE(values)->tp_name,
                   " must return an array, but returned ", describe(array.ptr()), ".");
    }
    if (PySequence_Check(values)) return from_nested(listed(values).ptr(), dtype, place);
    type_error(at(place), " must be a Tensor or TensorLike, but got ", describe(values), ".");
}

Tensor input_from(PyObject* value, Accept accept, DType number, const Place& place) {
    if (is_tensor(value)) return unwrap(value);
    const bool plain = PyFloat_CheckExact(value) || PyLong_CheckExact(value);
    switch (accept) {
        case Accept::real:
        case Accept::to_real:
            if (plain) return from_number(value, number, place);
            {
                const Tensor t = tensor_from(value, std::nullopt, place);
                return is_integral(t.dtype()) ? cast(t, DType::float32) : t;
            }
        case Accept::index:
            return tensor_from(value, DType::int32, place);
        case Accept::boolean: {
            const Tensor t = tensor_from(value, std::nullopt, place);
            // NumPy arrays and lists of truth values arrive as bool; 0 and 1 are meant as such.
            return t.dtype() == DType::string ? t : cast(t, DType::boolean);
        }
        case Accept::any:
        case Accept::numeric:
            break;
    }
    if (plain) return from_number(value, number, place);
    return tensor_from(value, std::nullopt, place);
}

bool is_tensor_like(PyObject* value) {
    if (is_tensor(value) || is_number(value) || PyList_Check(value) || PyTuple_Check(value) ||
        PyUnicode_Check(value) || PyComplex_CheckExact(value))
        return true;
    return PyObject_CheckBuffer(value) || PyObject_HasAttrString(value, "__array_interface__") ||
           PyObject_HasAttrString(value, "__dlpack__") || PyObject_HasAttrString(value, "__array__");
}

Shape shape_from(PyObject* value, const Place& place) {
    const Attr a = attr_from(value, {place.argument, AttrType::ints}, place);
    return Shape(std::span<const int64_t>(std::get<Ints>(a)));
}

DType dtype_from(PyObject* value, const Place& place) {
    return std::get<DType>(attr_from(value, {place.argument, AttrType::dtype}, place));
}

}  // namespace lamina::python
