// Arrays of samples that stay in the form in which they came: in the user's own memory, or one byte a value.
#pragma once

#include <memory>
#include <optional>

#include "bindings/python.h"
#include "core/tensor.h"

namespace lamina::python {

struct Rows {
    const char* data = nullptr;
    std::shared_ptr<const void> keeper;
    bool bytes = false;  // uint8 values, which become int32
    Spec spec;           // of the tensor of all of them

    size_t item_bytes() const { return bytes ? 1 : element_size(spec.dtype); }
    int64_t row_elements() const { return spec.shape.product(1, spec.shape.rank()); }
    // Samples from begin to end as a tensor of its own.
    Tensor tensor(int64_t begin, int64_t end) const;
};

// From a buffer of uint8, and, if `in_place`, from one that tensors could lie in; nothing for all others.
// What is not taken in place is copied. Needs the interpreter's lock; the keeper takes it when it goes.
std::optional<Rows> rows_of(PyObject* values, bool in_place);

}  // namespace lamina::python
