// Attributes of ops from Python values.
#include <cmath>

#include "bindings/convert.h"
#include "bindings/tensor_type.h"
#include "core/alea.h"

namespace lamina::python {

namespace {

[[noreturn]] void refuse(PyObject* value, const char* wanted, const Place& place) {
    type_error("Argument '", place.argument, "' passed to '", place.op, "' must be ", wanted, ", but got ",
               describe(value), ".");
}

// Whether a double is a whole number that it holds exactly; NaN and infinity are none.
bool is_whole(double x) { return x == std::floor(x) && std::abs(x) <= 9e15; }

int64_t integer_from(PyObject* value, const Place& place) {
    if (PyLong_CheckExact(value)) {
        int overflow = 0;
        const long long x = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (overflow) refuse(value, "a number of at most 64 bits", place);
        return x;
    }
    if (PyFloat_Check(value)) {
        const double x = PyFloat_AS_DOUBLE(value);
        if (!is_whole(x)) refuse(value, "a whole number", place);
        return static_cast<int64_t>(x);
    }
    if (PyIndex_Check(value) && !is_tensor(value)) {
        PyObject* index = PyNumber_Index(value);
        if (!index) throw py::error_already_set();
        int overflow = 0;
        const long long x = PyLong_AsLongLongAndOverflow(index, &overflow);
        Py_DECREF(index);
        if (overflow) refuse(value, "a number of at most 64 bits", place);
        return x;
    }
    if (PyObject_HasAttrString(value, "__float__") && !PyUnicode_Check(value)) {
        PyObject* number = PyNumber_Float(value);
        if (!number) throw py::error_already_set();
        py::object holder = py::reinterpret_steal<py::object>(number);
        return integer_from(number, place);
    }
    refuse(value, "a whole number", place);
}

double number_from(PyObject* value, const Place& place) {
    if (PyUnicode_Check(value)) refuse(value, "a number", place);
    const double x = PyFloat_AsDouble(value);
    if (x == -1.0 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_TypeError) && !PyErr_ExceptionMatches(PyExc_OverflowError))
            throw py::error_already_set();
        PyErr_Clear();
        refuse(value, "a number", place);
    }
    return x;
}

bool boolean_from(PyObject* value, const Place& place) {
    if (PyBool_Check(value)) return value == Py_True;
    if (PyUnicode_Check(value)) refuse(value, "a boolean", place);
    const int truth = PyObject_IsTrue(value);
    if (truth < 0) throw py::error_already_set();
    return truth != 0;
}

// Something read as a sequence. Strings and bytes are iterated, too, but no list of numbers.
bool is_list(PyObject* value) {
    if (PyList_Check(value) || PyTuple_Check(value)) return true;
    if (PyLong_Check(value) || PyFloat_Check(value) || PyUnicode_Check(value) || PyBytes_Check(value) ||
        PyByteArray_Check(value))
        return false;
    return PySequence_Check(value) || !PyIndex_Check(value);
}

void read_tensor(PyObject* value, int deepest, const Place& place, Ints& out) {
    const Tensor t = unwrap(value, &place);
    if ((t.dtype() != DType::int32 && t.dtype() != DType::float32) || t.rank() > deepest)
        refuse(value, "a number or a list of numbers", place);
    for (int64_t i = 0; i < t.size(); ++i) {
        if (t.dtype() == DType::int32) {
            out.push_back(t.data<int32_t>()[i]);
            continue;
        }
        const auto x = static_cast<double>(t.data<float>()[i]);
        if (!is_whole(x)) refuse(value, "a list of whole numbers", place);
        out.push_back(static_cast<int64_t>(x));
    }
}

// A number, or lists of numbers nested up to `deepest` levels, as one row. Every member of a list is a
// number, or every one is a list.
void read_ints(PyObject* value, int deepest, const char* wanted, const Place& place, Ints& out) {
    if (is_tensor(value)) return read_tensor(value, deepest, place, out);
    if (!is_list(value)) {
        if (PyUnicode_Check(value)) refuse(value, wanted, place);
        out.push_back(integer_from(value, place));
        return;
    }
    const auto items = held_items(value);
    if (!items) {
        // An array of rank 0 is a sequence by its type alone.
        if (!PyIndex_Check(value)) refuse(value, wanted, place);
        out.push_back(integer_from(value, place));
        return;
    }
    if (deepest == 0) refuse(value, wanted, place);
    if (out.empty()) out.reserve(items->size());
    size_t lists = 0;
    for (const py::handle item : *items) {
        if (PyLong_CheckExact(item.ptr())) {
            out.push_back(integer_from(item.ptr(), place));
            continue;
        }
        const size_t before = out.size();
        read_ints(item.ptr(), deepest - 1, wanted, place, out);
        if (deepest == 1 || (!is_tensor(item.ptr()) && !is_list(item.ptr()))) continue;
        // What is nested holds pairs.
        if (out.size() != before + 2 && !is_tensor(item.ptr())) refuse(value, wanted, place);
        ++lists;
    }
    if (lists != 0 && lists != items->size()) refuse(value, wanted, place);
}

Ints ints_from(PyObject* value, bool pairs, const Place& place) {
    Ints ints;
    if (pairs)
        read_ints(value, 2, "a list of pairs of whole numbers", place, ints);
    else
        read_ints(value, 1, "a whole number or a list of them", place, ints);
    return ints;
}

std::string string_from(PyObject* value, const Place& place) {
    if (!PyUnicode_Check(value)) refuse(value, "a string", place);
    Py_ssize_t n = 0;
    const char* s = PyUnicode_AsUTF8AndSize(value, &n);
    if (!s) throw py::error_already_set();
    return {s, static_cast<size_t>(n)};
}

void check_choice(const std::string& value, const AttrSpec& spec, const Place& place) {
    if (spec.choices.empty()) return;
    std::string names;
    for (const char* choice : spec.choices) {
        if (value == choice) return;
        names += (names.empty() ? "'" : ", '") + std::string(choice) + "'";
    }
    value_error("Argument '", place.argument, "' passed to '", place.op, "' must be one of ", names,
                ", but got '", value, "'.");
}

// A name, or anything NumPy calls a dtype.
std::string dtype_name(PyObject* value, const Place& place) {
    if (PyUnicode_Check(value)) return string_from(value, place);
    if (value == reinterpret_cast<PyObject*>(&PyFloat_Type)) return "float32";
    if (value == reinterpret_cast<PyObject*>(&PyLong_Type)) return "int32";
    if (value == reinterpret_cast<PyObject*>(&PyBool_Type)) return "bool";
    if (value == reinterpret_cast<PyObject*>(&PyUnicode_Type)) return "string";
    for (const char* attribute : {"name", "__name__"}) {
        const py::object name = attribute_of(value, attribute);
        if (name && PyUnicode_Check(name.ptr())) return string_from(name.ptr(), place);
    }
    refuse(value, "the name of a dtype", place);
}

}  // namespace

Attr attr_from(PyObject* value, const AttrSpec& spec, const Place& place) {
    if (value == Py_None) {
        if (!spec.nullable) refuse(value, "given", place);
        return None{};
    }
    switch (spec.type) {
        case AttrType::boolean:
            return boolean_from(value, place);
        case AttrType::integer:
            return integer_from(value, place);
        case AttrType::number:
            return number_from(value, place);
        case AttrType::string: {
            std::string s = string_from(value, place);
            check_choice(s, spec, place);
            return s;
        }
        case AttrType::dtype: {
            const std::string name = dtype_name(value, place);
            check_choice(name, spec, place);
            return dtype_from_name(name);
        }
        case AttrType::ints:
        case AttrType::pairs:
            return ints_from(value, spec.type == AttrType::pairs, place);
        case AttrType::count_or_sizes: {
            const Ints ints = ints_from(value, false, place);
            if (is_list(value) || ints.empty()) return ints;
            return ints[0];
        }
        case AttrType::padding: {
            if (PyUnicode_Check(value)) return string_from(value, place);
            const Ints ints = ints_from(value, true, place);
            if (ints.size() != 8 && !PyIndex_Check(value) && !PyFloat_Check(value))
                refuse(value, "a string, a number, or four pairs of numbers", place);
            return ints;
        }
        case AttrType::seed: {
            if (PyUnicode_Check(value)) return string_from(value, place);
            return js_number_to_string(number_from(value, place));
        }
    }
    fail(ErrorKind::internal, "unknown attribute type");
}

py::object attr_to(const Attr& attr) {
    if (const auto* b = std::get_if<bool>(&attr)) return py::bool_(*b);
    if (const auto* i = std::get_if<int64_t>(&attr)) return py::int_(*i);
    if (const auto* d = std::get_if<double>(&attr)) return py::float_(*d);
    if (const auto* s = std::get_if<std::string>(&attr)) return py::str(*s);
    if (const auto* t = std::get_if<DType>(&attr)) return py::str(std::string(name_of(*t)));
    if (const auto* v = std::get_if<Ints>(&attr)) {
        py::list list;
        for (int64_t x : *v) list.append(x);
        return list;
    }
    return py::none();
}

}  // namespace lamina::python
