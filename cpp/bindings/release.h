// When a call lets other Python threads run.
#pragma once

#include <optional>

#include "bindings/python.h"

namespace lamina::python {

// Calls on more elements than this run without the interpreter's lock. To give it up for some microseconds is
// worse than to keep it: a thread that waits wakes to find it taken again, and its wait, after which the
// interpreter would have handed the lock over, begins anew. An event loop beside many such calls starves.
constexpr int64_t kCallReleasesAbove = 1 << 17;
// Programs take longer, and are what several threads run at once.
constexpr int64_t kProgramReleasesAbove = 1 << 14;

// The interpreter's lock is given up, if at all, as long as this lives.
class ReleasedIf {
  public:
    explicit ReleasedIf(bool worth_it) {
        if (worth_it) released_.emplace();
    }

  private:
    std::optional<pybind11::gil_scoped_release> released_;
};

}  // namespace lamina::python
