// What watches the calls of a thread: gradient tapes and the tracer implement this above the ops.
#pragma once

#include "ops/op.h"

namespace lamina {

class Recorder {
  public:
    virtual ~Recorder() = default;

    // A tracer that takes the call returns true and sets the outputs, in place of the kernel.
    virtual bool take(const Call&, const Specs&, Tensors&) { return false; }
    // After each call with its results.
    virtual void record(const Call&, const Tensors&) {}
    // Whether a gradient through these values may be asked for.
    virtual bool tracks(const Inputs&) const { return false; }
    Recorder* below() const noexcept { return below_; }

    // Enter and leave the calling thread's stack. Leaving removes this recorder wherever it stands.
    void push();
    void pop() noexcept;
    static Recorder* top() noexcept;

  private:
    Recorder* below_ = nullptr;
};

// Takes all recorders off the calling thread while it lives.
class RecordingPaused {
  public:
    RecordingPaused() noexcept;
    ~RecordingPaused();
    RecordingPaused(const RecordingPaused&) = delete;
    RecordingPaused& operator=(const RecordingPaused&) = delete;

  private:
    Recorder* saved_;
};

}  // namespace lamina
