#include "bindings/reads.h"

#include <algorithm>

#include "bindings/tensor_type.h"

namespace lamina::python {

namespace {
thread_local ReadsNoted* innermost = nullptr;
}

void ReadsNoted::begin() {
    reads_.clear();
    outer_ = innermost;
    innermost = this;
}

void ReadsNoted::end() noexcept {
    if (innermost == this) innermost = outer_;
}

void note_read(PyObject* tensor) {
    if (!innermost) return;
    const VariableRef variable = is_variable(tensor) ? unwrap_variable(tensor) : unwrap(tensor).variable();
    if (!variable) return;
    const std::pair<VariableRef, uint64_t> read(variable, variable->version());
    for (ReadsNoted* each = innermost; each; each = each->outer_)
        if (std::find(each->reads_.begin(), each->reads_.end(), read) == each->reads_.end())
            each->reads_.push_back(read);
}

}  // namespace lamina::python
