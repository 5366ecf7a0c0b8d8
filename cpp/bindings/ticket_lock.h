// A model's lock, as other bindings take it. All of this needs the interpreter's lock.
#pragma once

#include "bindings/python.h"

namespace lamina::python {

void init_ticket_lock(py::module_& m);

bool is_ticket_lock(PyObject* object);

// Holds the lock while it lives, if the lock is free at once or belongs to this thread.
class TakenAtOnce {
  public:
    explicit TakenAtOnce(PyObject* ticket_lock);
    ~TakenAtOnce();
    TakenAtOnce(const TakenAtOnce&) = delete;
    TakenAtOnce& operator=(const TakenAtOnce&) = delete;
    explicit operator bool() const noexcept { return held_; }

  private:
    PyObject* lock_;
    bool held_;
};

}  // namespace lamina::python
