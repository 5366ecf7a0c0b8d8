// What ran, op by op: for profiles, and for the search for the first value that is not finite.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/pool.h"
#include "ops/recorder.h"

namespace lamina {

struct OpEvent {
    std::vector<std::string> ops;  // several where they ran as one fused group
    std::vector<Spec> inputs, outputs;
    int64_t nanoseconds = 0;
    PoolStats before, after;
};

// A list of events that several threads add to. While one is active, Programs on all threads write to it.
class OpLog {
  public:
    void add(OpEvent event);
    std::vector<OpEvent> events() const;

    static std::shared_ptr<OpLog> active() noexcept;
    static void set_active(std::shared_ptr<OpLog> log);

  private:
    mutable std::mutex mutex_;
    std::vector<OpEvent> events_;
};

// Watches the eager calls of a thread.
class OpWatch final : public Recorder {
  public:
    // Called with the op's name, "NaN" or "Infinity", and the result's shape, where a value that is not
    // finite comes of values that are.
    using Found = std::function<void(const char* op, const char* what, const Shape& shape)>;

    // Either may be empty.
    OpWatch(std::shared_ptr<OpLog> log, Found found) : log_(std::move(log)), found_(std::move(found)) {}
    bool take(const Call& call, const Specs& specs, Tensors& out) override;
    void record(const Call& call, const Tensors& out) override;

  private:
    std::shared_ptr<OpLog> log_;
    Found found_;
    int64_t begin_ = 0;
    PoolStats before_{};
};

}  // namespace lamina
