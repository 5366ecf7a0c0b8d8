// On which CPU the system puts a thread that it wakes.
#pragma once

#if defined(__linux__)
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace lamina {

// Where there are few CPUs, Linux wakes a thread on the CPU of its waker though another has nothing to do:
// the thread then waits for as long as its waker computes, or some milliseconds. So the waker forbids it its
// own CPU until it runs; where the system does not let it, the thread only starts later. The two under one
// lock.
class Placement {
  public:
    // Of the thread itself, once and first.
    void note() noexcept {
#if defined(__linux__)
        thread_ = static_cast<pid_t>(syscall(SYS_gettid));
#endif
    }

    // Of another, before it wakes the thread.
    void keep_apart() noexcept {
#if defined(__linux__)
        if (moved_ || sched_getaffinity(thread_, sizeof allowed_, &allowed_) != 0) return;
        const int here = sched_getcpu();
        if (CPU_COUNT(&allowed_) > few_cpus || here < 0) return;
        cpu_set_t others = allowed_;
        CPU_CLR(static_cast<size_t>(here), &others);
        moved_ = CPU_COUNT(&others) > 0 && sched_setaffinity(thread_, sizeof others, &others) == 0;
#endif
    }

    // Of the thread itself, after it slept.
    void restore() noexcept {
#if defined(__linux__)
        if (moved_) sched_setaffinity(0, sizeof allowed_, &allowed_);
        moved_ = false;
#endif
    }

#if defined(__linux__)
  private:
    static constexpr int few_cpus = 4;

    pid_t thread_ = 0;
    bool moved_ = false;  // and may not be everywhere it was allowed to
    cpu_set_t allowed_{};
#endif
};

}  // namespace lamina
