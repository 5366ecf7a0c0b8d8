#include <atomic>
#include <chrono>
#include <thread>

#include "bindings/areas.h"
#include "core/cpu_count.h"
#include "core/interrupt.h"
#include "core/pool.h"
#include "core/random_state.h"
#include "core/threads.h"
#include "kernels/isa.h"

namespace lamina::python {

namespace {

// Between two threads of Python code that hand work to each other: whoever looks for it goes on sooner than a
// lock would wake it. Only a hint; what counts is guarded by locks.
class Hint {
  public:
    void tell() { told_.store(true, std::memory_order_release); }

    // Without the interpreter's lock: tells the other, then looks for at most so long whether this is told
    // after that. Where it was, who told it has let go of that lock.
    bool exchange(Hint& other, int64_t microseconds) {
        const py::gil_scoped_release released;
        told_.store(false, std::memory_order_relaxed);
        other.tell();
        // With one CPU, looking would only keep the other thread from it.
        static const bool alone = cpu_count() == 1;
        const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
        do {
            for (int i = 0; i < kLooks; ++i)
                if (told_.load(std::memory_order_acquire)) return true;
            std::this_thread::yield();
        } while (!alone && std::chrono::steady_clock::now() < end);
        return false;
    }

  private:
    static constexpr int kLooks = 16;
    std::atomic<bool> told_{false};
};

// Only the interpreter's main thread hears of signals; it may have given its lock up for the call.
void check_signals() {
    static const std::thread::id main_thread = std::this_thread::get_id();
    if (std::this_thread::get_id() != main_thread) return;
    const py::gil_scoped_acquire locked;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

}  // namespace

void bind_system(py::module_& m) {
    // The thread that imports this first, the main one nearly always.
    check_signals();
    set_interrupt_check(check_signals);

    py::class_<Hint>(m, "Hint", "What one thread tells another that looks for it.")
        .def(py::init<>())
        .def("tell", &Hint::tell)
        .def("exchange", &Hint::exchange, py::arg("other"), py::arg("microseconds"),
             "Tells the other one, then looks for at most so long whether this one is told; whether it was.");

    m.def("available_levels", [] {
        py::list names;
        for (const std::string& name : available_levels()) names.append(name);
        return names;
    });
    m.def("active_level", &active_level);
    m.def("set_level", [](const std::string& name) { set_level(name); });
    m.def("num_threads", &num_threads);
    m.def("set_num_threads", [](int n) {
        if (n < 1 || n > 1024) value_error("the number of threads must be between 1 and 1024, got ", n, ".");
        set_num_threads(n);
    });

    m.def("set_random_seed", [](uint64_t seed) { set_random_seed(seed); });
    m.def("random_state", [] {
        const RandomState s = random_state();
        return py::make_tuple(s.key, s.calls);
    });
    m.def("set_random_state",
          [](const py::tuple& s) { set_random_state({py::cast<uint64_t>(s[0]), py::cast<uint64_t>(s[1])}); });

    m.def("pool_stats", [] {
        const PoolStats s = Pool::global().stats();
        py::dict d;
        d["liveBuffers"] = s.live_buffers;
        d["liveBytes"] = s.live_bytes;
        d["cachedBytes"] = s.cached_bytes;
        d["peakBytes"] = s.peak_bytes;
        d["capBytes"] = s.cap_bytes;
        d["usedBytes"] = s.used_bytes;
        return d;
    });
    m.def("pool_trim", [] { return Pool::global().trim(); });
    m.def("pool_set_cap", [](int64_t bytes) { Pool::global().set_cap(bytes); });
    m.def("pool_reset_peak", [] { Pool::global().reset_peak(); });
    m.def("pool_fail_at", [](int64_t n) { Pool::global().fail_at(n); });
    m.def("pool_allocations", [] { return Pool::global().allocations(); });
}

}  // namespace lamina::python
