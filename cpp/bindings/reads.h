// Which variables' values Python reads while it is traced: what it does then follows from them.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "bindings/python.h"
#include "core/tensor.h"

namespace lamina::python {

// Each with the version that it had just before.
using Reads = std::vector<std::pair<VariableRef, uint64_t>>;

// Notes what the calling thread reads, from begin() to end().
class ReadsNoted {
  public:
    ~ReadsNoted() { end(); }
    void begin();
    void end() noexcept;
    const Reads& reads() const noexcept { return reads_; }

  private:
    friend void note_read(PyObject* tensor);
    Reads reads_;
    ReadsNoted* outer_ = nullptr;
};

// Before a value of this tensor or variable becomes one of Python.
void note_read(PyObject* tensor);

}  // namespace lamina::python
