#include "core/interrupt.h"

#include <atomic>
#include <chrono>

namespace lamina {

namespace {

constexpr auto kBetweenChecks = std::chrono::milliseconds(200);

std::atomic<InterruptCheck> g_check{nullptr};
thread_local bool t_may = false;
thread_local std::chrono::steady_clock::time_point t_last{};

}  // namespace

void set_interrupt_check(InterruptCheck check) noexcept { g_check.store(check); }

Interruptible::Interruptible(bool may) noexcept : before_(t_may) { t_may = may; }
Interruptible::~Interruptible() { t_may = before_; }

bool is_interruptible() noexcept { return t_may && g_check.load(std::memory_order_relaxed); }

void check_interrupt() {
    if (!is_interruptible()) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - t_last < kBetweenChecks) return;
    t_last = now;
    g_check.load()();
}

}  // namespace lamina
