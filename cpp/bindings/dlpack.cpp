// DLPack in both directions; the layout of the structures is the DLPack specification's, version 1.
#include <cstring>
#include <memory>

#include "bindings/convert.h"
#include "bindings/reads.h"
#include "bindings/tensor_type.h"
#include "ops/strided.h"

namespace lamina::python {

namespace {

constexpr int kCpu = 1;
constexpr uint64_t kReadOnly = 1;

struct DlDevice {
    int32_t type, id;
};
struct DlType {
    uint8_t code, bits;
    uint16_t lanes;
};
struct DlTensor {
    void* data;
    DlDevice device;
    int32_t ndim;
    DlType dtype;
    int64_t* shape;
    int64_t* strides;
    uint64_t byte_offset;
};
struct DlManaged {
    DlTensor tensor;
    void* context;
    void (*deleter)(DlManaged*);
};
struct DlManagedVersioned {
    struct {
        uint32_t major, minor;
    } version;
    void* context;
    void (*deleter)(DlManagedVersioned*);
    uint64_t flags;
    DlTensor tensor;
};

// What a capsule owns: the memory, and the arrays the consumer reads.
template <class Managed>
struct Owned {
    Managed managed{};
    BufferRef buffer;
    int64_t shape[Shape::kMaxRank], strides[Shape::kMaxRank];
};

DlType type_of(DType t) {
    switch (t) {
        case DType::float32:
            return {2, 32, 1};
        case DType::int32:
            return {0, 32, 1};
        case DType::boolean:
            return {6, 8, 1};
        case DType::complex64:
            return {5, 64, 1};
        case DType::float64:
            return {2, 64, 1};
        case DType::string:
            break;
    }
    throw Error(ErrorKind::type, "string tensors cannot be given out by DLPack.");
}

template <class Managed>
PyObject* export_as(const Tensor& t, const char* capsule_name) {
    auto owned = std::make_unique<Owned<Managed>>();
    owned->buffer = t.buffer();
    int64_t stride = 1;
    for (int i = t.rank() - 1; i >= 0; --i) {
        owned->shape[i] = t.shape()[i];
        owned->strides[i] = stride;
        stride *= t.shape()[i];
    }
    Managed& m = owned->managed;
    m.tensor = {owned->buffer->data(), {kCpu, 0},      t.rank(), type_of(t.dtype()),
                owned->shape,          owned->strides, 0};
    m.context = owned.get();
    m.deleter = [](Managed* self) { delete static_cast<Owned<Managed>*>(self->context); };
    if constexpr (std::is_same_v<Managed, DlManagedVersioned>) {
        m.version = {1, 0};
        m.flags = kReadOnly;
    }
    // A capsule that was never consumed keeps its name and is cleaned up here.
    PyObject* capsule = PyCapsule_New(&m, capsule_name, [](PyObject* c) {
        const char* name = PyCapsule_GetName(c);
        if (std::strncmp(name, "used_", 5) == 0) return;
        auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(c, name));
        managed->deleter(managed);
    });
    if (!capsule) throw py::error_already_set();
    owned.release();
    return capsule;
}

Tensor read(const DlTensor& d, const Place& place) {
    if (d.device.type != kCpu)
        value_error("Argument '", place.argument, "' passed to '", place.op,
                    "': the array is on device type ", d.device.type,
                    ", not on the CPU; move it there first.");
    if (d.ndim < 0 || (d.ndim > 0 && !d.shape))
        value_error("Argument '", place.argument, "' passed to '", place.op,
                    "': the DLPack array has no shape.");
    if (d.dtype.lanes != 1) type_error("DLPack arrays with several lanes have no dtype here.");
    constexpr char kinds[] = {'i', 'u', 'f', '?', kBrainFloat, 'c', 'b'};
    const char kind = d.dtype.code < sizeof kinds ? kinds[d.dtype.code] : '?';
    const int item_bytes = d.dtype.bits / 8;
    const Shape shape(std::span<const int64_t>(d.shape, static_cast<size_t>(d.ndim)));
    Strides strides = contiguous_strides(shape);
    if (d.strides)
        for (int i = 0; i < d.ndim; ++i) strides[static_cast<size_t>(i)] = d.strides[i];
    for (int64_t& s : strides) s *= item_bytes;
    return tensor_from_memory(static_cast<const char*>(d.data) + d.byte_offset, kind, item_bytes, shape,
                              strides.data(), place);
}

}  // namespace

PyObject* dlpack_device(PyObject*, PyObject*) { return Py_BuildValue("(ii)", kCpu, 0); }

PyObject* to_dlpack(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* names) {
    return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
        bool versioned = false;
        for (Py_ssize_t k = 0; names && k < PyTuple_GET_SIZE(names); ++k) {
            PyObject* value = args[count + k];
            if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, k), "max_version") == 0 &&
                PyTuple_Check(value) && PyTuple_GET_SIZE(value) == 2)
                versioned = PyLong_AsLong(PyTuple_GET_ITEM(value, 0)) >= 1;
        }
        note_read(self);
        Tensor t = unwrap(self);
        t.raw();
        if (versioned) return export_as<DlManagedVersioned>(t, "dltensor_versioned");
        // The old form cannot say read-only, so its consumer gets memory of its own.
        if (t.dtype() == DType::string) type_of(t.dtype());
        Tensor copy = Tensor::empty(t.spec(), "__dlpack__");
        std::memcpy(copy.mutable_data<char>(), t.raw(), t.bytes());
        return export_as<DlManaged>(copy, "dltensor");
    });
}

namespace {

// The capsule of an array; the newer form where there is one, as only that may be read-only.
py::object capsule_of(const py::object& array) {
    const py::object give = array.attr("__dlpack__");
    try {
        return give(py::arg("max_version") = py::make_tuple(1, 0));
    } catch (py::error_already_set& e) {
        if (!e.matches(PyExc_TypeError)) throw;
    }
    return give();
}

template <class Managed>
Tensor consume(PyObject* capsule, const char* name, const char* used, const Place& place) {
    auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
    if (!managed) throw py::error_already_set();
    struct Done {
        PyObject* capsule;
        const char* used;
        Managed* managed;
        ~Done() {
            PyCapsule_SetName(capsule, used);
            if (managed->deleter) managed->deleter(managed);
        }
    } done{capsule, used, managed};
    if constexpr (std::is_same_v<Managed, DlManagedVersioned>)
        if (managed->version.major != 1)
            value_error("Argument '", place.argument, "' passed to '", place.op, "': DLPack version ",
                        managed->version.major, " is not known.");
    return read(managed->tensor, place);
}

}  // namespace

Tensor tensor_from_dlpack(PyObject* values, const Place& place) {
    const py::object capsule = capsule_of(py::reinterpret_borrow<py::object>(values));
    if (PyCapsule_IsValid(capsule.ptr(), "dltensor_versioned"))
        return consume<DlManagedVersioned>(capsule.ptr(), "dltensor_versioned", "used_dltensor_versioned",
                                           place);
    return consume<DlManaged>(capsule.ptr(), "dltensor", "used_dltensor", place);
}

}  // namespace lamina::python
