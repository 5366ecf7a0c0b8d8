// Reading arrays: the buffer protocol and __array_interface__.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "bindings/convert.h"
#include "ops/strided.h"

namespace lamina::python {

namespace {

std::string at(const Place& p) { return text("Argument '", p.argument, "' passed to '", p.op, "'"); }

float half_to_float(uint16_t h) {
    const uint32_t sign = static_cast<uint32_t>(h & 0x8000u) << 16, exponent = (h >> 10) & 31u,
                   fraction = h & 1023u;
    uint32_t bits;
    if (exponent == 31) {
        bits = sign | 0x7f800000u | (fraction << 13);
    } else if (exponent) {
        bits = sign | ((exponent + 112) << 23) | (fraction << 13);
    } else {
        const float value = static_cast<float>(fraction) * 0x1p-24f;
        std::memcpy(&bits, &value, 4);
        bits |= sign;
    }
    float f;
    std::memcpy(&f, &bits, 4);
    return f;
}

template <class From, class To, class F>
Tensor convert(const Tensor& raw, const Shape& shape, DType dtype, F&& f) {
    Tensor t = Tensor::empty(dtype, shape, "tensor");
    const auto* from = static_cast<const From*>(raw.raw());
    To* to = t.mutable_data<To>();
    for (int64_t i = 0; i < shape.size(); ++i) to[i] = f(from[i]);
    return t;
}

// A number that float32 has no room for would become infinite.
float to_float(double x, const Place& place) {
    const float rounded = static_cast<float>(x);
    if (std::isinf(rounded) && !std::isinf(x))
        value_error(at(place), ": the value ", x, " does not fit float32.");
    return rounded;
}

float bfloat_to_float(uint16_t b) {
    const uint32_t bits = static_cast<uint32_t>(b) << 16;
    float f;
    std::memcpy(&f, &bits, 4);
    return f;
}

bool has_dtype(char kind, int bytes) {
    const bool integer = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
    if (kind == 'i' || kind == 'u') return integer;
    if (kind == 'f') return integer && bytes != 1;
    if (kind == 'c') return bytes == 8 || bytes == 16;
    if (kind == kBrainFloat) return bytes == 2;
    return kind == 'b' && bytes == 1;
}

template <class From>
Tensor to_int32(const Tensor& raw, const Shape& shape, const Place& place) {
    return convert<From, int32_t>(raw, shape, DType::int32, [&](From x) {
        if constexpr (sizeof(From) >= 4) {
            bool fits = x <= static_cast<From>(INT32_MAX);
            if constexpr (std::is_signed_v<From>) fits = fits && x >= static_cast<From>(INT32_MIN);
            if (!fits) value_error(at(place), ": the value ", x, " does not fit int32.");
        }
        return static_cast<int32_t>(x);
    });
}

bool is_swapped(const char* format) { return format && (*format == '>' || *format == '!'); }

// The struct-module code of a buffer as NumPy's kind, or 0.
char kind_of(const char* format) {
    if (!format) return 'u';  // plain bytes
    if (std::strchr("@=<>!|", *format)) ++format;
    if (format[0] == 'Z') return 'c';
    if (!format[0] || format[1]) return 0;
    switch (*format) {
        case 'e':
        case 'f':
        case 'd':
            return 'f';
        case 'b':
        case 'h':
        case 'i':
        case 'l':
        case 'q':
        case 'n':
            return 'i';
        case 'B':
        case 'H':
        case 'I':
        case 'L':
        case 'Q':
        case 'N':
            return 'u';
        case '?':
            return 'b';
        default:
            return 0;
    }
}

std::optional<Tensor> read_interface(const py::dict& interface, const Place& place) {
    const std::string type = py::cast<std::string>(interface["typestr"]);
    if (!interface.contains("data") || interface["data"].is_none() || type.size() < 3) return std::nullopt;
    const Shape shape = shape_from(py::object(interface["shape"]).ptr(), place);
    const int item_bytes = std::stoi(type.substr(2));
    Strides strides = contiguous_strides(shape);
    for (int64_t& s : strides) s *= item_bytes;
    if (interface.contains("strides") && !interface["strides"].is_none()) {
        const py::tuple given = interface["strides"];
        if (static_cast<int>(given.size()) != shape.rank())
            throw std::runtime_error("strides and shape differ in length");
        for (size_t i = 0; i < given.size(); ++i) strides[i] = py::cast<int64_t>(given[i]);
    }
    const auto address = py::cast<uintptr_t>(py::tuple(interface["data"])[0]);
    return tensor_from_memory(reinterpret_cast<const void*>(address), type[1], item_bytes, shape,
                              strides.data(), place, type[0] == '>');
}

std::optional<Tensor> from_interface(PyObject* values, const Place& place) {
    const py::object holder = attribute_of(values, "__array_interface__");
    if (!holder) return std::nullopt;
    if (!py::isinstance<py::dict>(holder)) return std::nullopt;
    try {
        return read_interface(holder, place);
    } catch (const Error&) {
        throw;
    } catch (const py::error_already_set& e) {
        if (!e.matches(PyExc_Exception)) throw;
        type_error(at(place), ": its __array_interface__ is malformed: ", e.what());
    } catch (const std::exception& e) {
        type_error(at(place), ": its __array_interface__ is malformed: ", e.what());
    }
}

}  // namespace

Tensor tensor_from_memory(const void* data, char kind, int item_bytes, const Shape& shape,
                          const int64_t* strides, const Place& place, bool swapped) {
    // Before anything is read: an array may have said of what it cannot hold that it is there.
    if (!has_dtype(kind, item_bytes))
        type_error(at(place), ": arrays of kind '", kind, "' with ", item_bytes,
                   " bytes an element have no dtype here.");
    if (!data && shape.size() > 0) value_error(at(place), ": the array has no memory.");
    // First a contiguous copy of the elements as they are, then the conversion.
    Tensor raw;
    const auto bytes = static_cast<size_t>(item_bytes);
    if (bytes == 1 || bytes == 4 || bytes == 8) {
        Strides steps{};
        bool whole = reinterpret_cast<uintptr_t>(data) % bytes == 0;
        for (int i = 0; i < shape.rank(); ++i) {
            whole &= strides[i] % item_bytes == 0;
            steps[static_cast<size_t>(i)] = strides[i] / item_bytes;
        }
        if (whole) {
            raw = Tensor::empty(bytes == 1   ? DType::boolean
                                : bytes == 4 ? DType::int32
                                             : DType::float64,
                                shape, place.op);
            strided_copy(bytes, shape, data, steps, raw.mutable_data<char>(), contiguous_strides(shape));
        }
    }
    if (!raw) {
        raw = Tensor::empty(DType::boolean, Shape{shape.size() * item_bytes}, place.op);
        char* to = raw.mutable_data<char>();
        int64_t index[Shape::kMaxRank] = {};
        for (int64_t n = 0; n < shape.size(); ++n, to += bytes) {
            const char* from = static_cast<const char*>(data);
            for (int i = 0; i < shape.rank(); ++i) from += index[i] * strides[i];
            std::memcpy(to, from, bytes);
            for (int i = shape.rank() - 1; i >= 0 && ++index[i] == shape[i]; --i) index[i] = 0;
        }
    }
    if (swapped) {
        const int64_t word = kind == 'c' ? item_bytes / 2 : item_bytes;
        char* begin = raw.mutable_data<char>();
        for (int64_t i = 0; i < shape.size() * item_bytes; i += word)
            std::reverse(begin + i, begin + i + word);
    }
    const auto as = [&](DType dtype) { return Tensor::from_buffer(dtype, shape, raw.buffer()); };
    if (kind == 'b') return as(DType::boolean);
    if (kind == 'f') {
        if (bytes == 4) return as(DType::float32);
        if (bytes == 2) return convert<uint16_t, float>(raw, shape, DType::float32, half_to_float);
        if (bytes == 8)
            return convert<double, float>(raw, shape, DType::float32,
                                          [&](double x) { return to_float(x, place); });
    }
    if (kind == kBrainFloat && bytes == 2)
        return convert<uint16_t, float>(raw, shape, DType::float32, bfloat_to_float);
    if (kind == 'i') {
        if (bytes == 1) return to_int32<int8_t>(raw, shape, place);
        if (bytes == 2) return to_int32<int16_t>(raw, shape, place);
        if (bytes == 4) return as(DType::int32);
        if (bytes == 8) return to_int32<int64_t>(raw, shape, place);
    }
    if (kind == 'u') {
        if (bytes == 1) return to_int32<uint8_t>(raw, shape, place);
        if (bytes == 2) return to_int32<uint16_t>(raw, shape, place);
        if (bytes == 4) return to_int32<uint32_t>(raw, shape, place);
        if (bytes == 8) return to_int32<uint64_t>(raw, shape, place);
    }
    if (kind == 'c') {
        if (bytes == 8) return as(DType::complex64);
        if (bytes == 16) {
            const auto* x = static_cast<const double*>(raw.raw());
            Tensor t = Tensor::empty(DType::complex64, shape, place.op);
            for (int64_t i = 0; i < 2 * shape.size(); ++i) t.mutable_data<float>()[i] = to_float(x[i], place);
            return t;
        }
    }
    type_error(at(place), ": arrays of kind '", kind, "' with ", item_bytes,
               " bytes an element have no dtype here.");
}

std::optional<Tensor> tensor_from_array(PyObject* values, const Place& place) {
    if (!PyObject_CheckBuffer(values)) return from_interface(values, place);
    Py_buffer view;
    if (PyObject_GetBuffer(values, &view, PyBUF_RECORDS_RO) != 0) {
        if (!PyErr_ExceptionMatches(PyExc_Exception)) throw py::error_already_set();
        PyErr_Clear();
        return from_interface(values, place);
    }
    struct Release {
        Py_buffer* view;
        ~Release() { PyBuffer_Release(view); }
    } release{&view};
    // A date of NumPy gives its bare bytes, without strides.
    if (view.ndim && (!view.shape || !view.strides)) return from_interface(values, place);
    const char kind = kind_of(view.format);
    if (!kind) {
        // Text and objects are read one by one.
        if (std::strpbrk(view.format, "wsO") && !std::strchr(view.format, '{')) return std::nullopt;
        type_error(at(place), ": elements of the buffer format '", view.format, "' have no dtype here.");
    }
    Ints dims(view.shape, view.shape + view.ndim), strides(view.strides, view.strides + view.ndim);
    return tensor_from_memory(view.buf, kind, static_cast<int>(view.itemsize),
                              Shape(std::span<const int64_t>(dims)), strides.data(), place,
                              is_swapped(view.format));
}

}  // namespace lamina::python
