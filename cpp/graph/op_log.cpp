#include "graph/op_log.h"

#include <atomic>
#include <chrono>
#include <cmath>

namespace lamina {

namespace {

std::atomic<bool> g_logging{false};
std::mutex g_mutex;
std::shared_ptr<OpLog> g_active;

int64_t now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// "NaN" or "Infinity" where there is one, null for finite values.
const char* not_finite(const Tensor& t) {
    if (!t || t.is_symbolic() || !is_real(t.dtype())) return nullptr;
    const char* found = nullptr;
    const auto look = [&](const auto* values) {
        for (int64_t i = 0; i < t.size(); ++i) {
            if (std::isnan(values[i])) return "NaN";
            if (!std::isfinite(values[i])) found = "Infinity";
        }
        return found;
    };
    return t.dtype() == DType::float64 ? look(t.data<double>()) : look(t.data<float>());
}

}  // namespace

void OpLog::add(OpEvent event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
}

std::vector<OpEvent> OpLog::events() const {
    const std::lock_guard lock(mutex_);
    return events_;
}

std::shared_ptr<OpLog> OpLog::active() noexcept {
    if (!g_logging.load(std::memory_order_relaxed)) return nullptr;
    const std::lock_guard lock(g_mutex);
    return g_active;
}

void OpLog::set_active(std::shared_ptr<OpLog> log) {
    const std::lock_guard lock(g_mutex);
    g_logging = log != nullptr;
    g_active = std::move(log);
}

bool OpWatch::take(const Call&, const Specs&, Tensors&) {
    before_ = log_ ? Pool::global().stats() : PoolStats{};
    begin_ = now();
    return false;
}

void OpWatch::record(const Call& call, const Tensors& out) {
    const int64_t end = now();
    const bool symbolic = !out.empty() && out[0].is_symbolic();
    if (log_ && begin_ && !symbolic) {
        OpEvent event;
        event.nanoseconds = end - begin_;
        event.before = before_;
        event.after = Pool::global().stats();
        event.ops.emplace_back(call.op.name);
        for (const Tensor& t : call.inputs.tensors)
            if (t) event.inputs.push_back(t.spec());
        for (const Tensor& t : out) event.outputs.push_back(t.spec());
        log_->add(std::move(event));
    }
    begin_ = 0;
    if (!found_ || symbolic) return;
    for (const Tensor& t : call.inputs.tensors)
        if (not_finite(t)) return;
    for (const Tensor& t : out)
        if (const char* what = not_finite(t)) return found_(call.op.name, what, t.shape());
}

}  // namespace lamina
