// The parts of the module, one file each.
#pragma once

#include "bindings/python.h"

namespace lamina::python {

void bind_tensors(py::module_& m);   // making tensors and variables, scopes, memory
void bind_autograd(py::module_& m);  // tapes
void bind_graph(py::module_& m);     // traces
void bind_loop(py::module_& m);      // feeds, sinks and the loop over batches
void bind_rows(py::module_& m);      // arrays that stay as they are
void bind_watch(py::module_& m);     // what ran, op by op
void init_quick_predict(py::module_& m);
void init_border(py::module_& m);  // where errors leave the library
void bind_system(py::module_& m);  // CPU levels, threads, pool, random state

}  // namespace lamina::python
