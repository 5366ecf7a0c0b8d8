#include "bindings/quick_input.h"

#include <algorithm>
#include <string_view>

#include "bindings/convert.h"
#include "bindings/tensor_type.h"

namespace lamina::python {

namespace {

constexpr Place kPlace{"predict", "x"};

bool is_list(PyObject* o) { return PyList_CheckExact(o) || PyTuple_CheckExact(o); }

bool is_plain(PyObject* o) { return is_list(o) || PyFloat_CheckExact(o) || PyLong_CheckExact(o); }

bool is_own_tensor(PyObject* o) { return Py_TYPE(o) == tensor_type(); }

bool read_tensor(PyObject* x, QuickInput& input) {
    if (as_py(x)->handle.is_disposed()) return false;
    input.tensor = as_py(x)->handle.value();
    return !input.tensor.is_symbolic();
}

bool read_one(PyObject* x, QuickInput& input) {
    if (is_own_tensor(x)) return read_tensor(x, input);
    if (is_list(x)) {
        PyObject** items = PySequence_Fast_ITEMS(x);
        const Py_ssize_t n = PySequence_Fast_GET_SIZE(x);
        if (n == 0 || !std::all_of(items, items + n, is_plain)) return false;
        input.tensor = tensor_from(x, std::nullopt, kPlace);
        return true;
    }
    if (is_tensor(x) || !PyObject_CheckBuffer(x)) return false;
    input.rows = rows_of(x, true);
    if (input.rows && !input.rows->bytes) return true;
    if (input.rows) {
        input.tensor = input.rows->tensor(0, input.rows->spec.shape[0]);
        input.rows.reset();
        return true;
    }
    std::optional<Tensor> converted = tensor_from_array(x, kPlace);
    if (converted) input.tensor = std::move(*converted);
    return converted.has_value();
}

// A key of a config and its value; false where it is none that counts here.
bool read_option(PyObject* key, PyObject* value, int64_t& batch_size) {
    if (!PyUnicode_Check(key) || !PyLong_CheckExact(value)) return false;
    const char* name = PyUnicode_AsUTF8(key);
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (!name || overflow) {
        PyErr_Clear();
        return false;
    }
    if (std::string_view(name) == "verbose") return number == 0;
    batch_size = number;
    return std::string_view(name) == "batchSize" && number > 0;
}

}  // namespace

void QuickInput::bind_to(Program& program, size_t index) const {
    if (rows)
        program.read_from(index, rows->data);
    else
        program.bind(index, tensor);
}

bool read_quick_inputs(PyObject* x, size_t count, QuickInputs& inputs) {
    try {
        if (count > 1 ||
            (is_list(x) && PySequence_Fast_GET_SIZE(x) == 1 && is_own_tensor(PySequence_Fast_ITEMS(x)[0]))) {
            if (!is_list(x) || PySequence_Fast_GET_SIZE(x) != static_cast<Py_ssize_t>(count)) return false;
            // Held: reading one may change the list.
            const py::tuple items = py::reinterpret_steal<py::tuple>(PySequence_Tuple(x));
            for (const py::handle item : items) {
                inputs.push_back({});
                if (!read_one(item.ptr(), inputs[inputs.size() - 1])) return false;
            }
            return true;
        }
        inputs.push_back({});
        return read_one(x, inputs[0]);
    } catch (const Error&) {
        // The method says it in its own words.
        return false;
    }
}

int64_t read_batch_size(PyObject* const* args, Py_ssize_t count, PyObject* names, int64_t usual) {
    int64_t size = usual;
    const Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0;
    if (count == 1) {
        for (Py_ssize_t i = 0; i < named; ++i)
            if (!read_option(PyTuple_GET_ITEM(names, i), args[count + i], size)) return 0;
        return size;
    }
    if (count != 2 || named || !PyDict_CheckExact(args[1])) return 0;
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(args[1], &at, &key, &value))
        if (!read_option(key, value, size)) return 0;
    return size;
}

}  // namespace lamina::python
