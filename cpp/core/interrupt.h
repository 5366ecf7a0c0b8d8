// What lets somebody at the keyboard end a long call.
#pragma once

#include <cstdint>

namespace lamina {

// Throws where the user wants the call to end. It is asked a few times a second, on the thread of the call.
using InterruptCheck = void (*)();
void set_interrupt_check(InterruptCheck check) noexcept;

// While it lives, check_interrupt() on this thread asks; a call that updates variables runs to its end.
class Interruptible {
  public:
    explicit Interruptible(bool may) noexcept;
    ~Interruptible();
    Interruptible(const Interruptible&) = delete;

  private:
    bool before_;
};

bool is_interruptible() noexcept;
// For loops that may take seconds, every few thousand steps.
void check_interrupt();

}  // namespace lamina
