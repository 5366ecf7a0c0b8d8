// What predict is called with, read without Python where it is of a usual form.
#pragma once

#include <optional>

#include "bindings/rows.h"
#include "core/small_vector.h"
#include "graph/program.h"

namespace lamina::python {

// One input: a tensor, or an array in place.
struct QuickInput {
    Tensor tensor;
    std::optional<Rows> rows;

    const Spec& spec() const { return rows ? rows->spec : tensor.spec(); }
    void bind_to(Program& program, size_t index) const;
};

using QuickInputs = SmallVector<QuickInput, 2>;

// The inputs that x stands for: a tensor, an array, or plain lists of numbers for each, in a list if there
// are several. False where Python has to look at it. May run code of the user's.
bool read_quick_inputs(PyObject* x, size_t count, QuickInputs& inputs);

// How many samples a call with these arguments computes at once, `usual` if it does not say; 0 where Python
// has to look at them.
int64_t read_batch_size(PyObject* const* args, Py_ssize_t count, PyObject* names, int64_t usual);

}  // namespace lamina::python
