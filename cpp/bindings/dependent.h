// What is told when an object changes that something was made from.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "bindings/python.h"
#include "bindings/stop_flag.h"

namespace lamina::python {

void bind_dependents(py::module_& m);

// Two flags, which stay set: `changed` says that what was made has to be made anew, `toggled` that another of
// several things made before may be the right one now. Setting either also sets the stop flag, after it.
class Dependent {
  public:
    explicit Dependent(std::shared_ptr<StopFlag> stop) : stop_(std::move(stop)) {}
    // From now on, what toggles counts as a change. Needs the interpreter's lock.
    void be_strict() {
        strict_ = true;
        if (toggled()) change();
    }
    void change() { raise(changed_); }
    void toggle() { raise(strict_ ? changed_ : toggled_); }
    // Before somebody looks at what toggles.
    void forget_toggles() { toggled_.store(false, std::memory_order_seq_cst); }
    bool changed() const noexcept { return changed_.load(std::memory_order_acquire); }
    bool toggled() const noexcept { return toggled_.load(std::memory_order_acquire); }

  private:
    void raise(std::atomic<bool>& flag) {
        flag.store(true, std::memory_order_release);
        if (stop_) stop_->set();
    }
    std::shared_ptr<StopFlag> stop_;
    bool strict_ = false;
    std::atomic<bool> changed_{false}, toggled_{false};
};

// The dependents of one object, held weakly. The interpreter's lock guards it.
class Dependents {
  public:
    void add(const std::shared_ptr<Dependent>& dependent);
    void notify() const;
    void toggle() const;
    // How many are alive.
    int64_t count() const;

  private:
    std::vector<std::weak_ptr<Dependent>> held_;
    size_t swept_ = 8;  // at this size, the dead ones are taken out
};

}  // namespace lamina::python
