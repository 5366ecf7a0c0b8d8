// What makes a running epoch return after its step.
#pragma once

#include <atomic>
#include <cstdint>

namespace lamina::python {

// Set from any thread.
class StopFlag {
  public:
    void set() { flag.store(true, std::memory_order_relaxed); }
    void clear() {
        flag.store(false, std::memory_order_relaxed);
        finished.store(0, std::memory_order_relaxed);
    }
    bool is_set() const { return flag.load(std::memory_order_relaxed); }
    std::atomic<bool> flag{false};
    std::atomic<int64_t> finished{0};
};

}  // namespace lamina::python
