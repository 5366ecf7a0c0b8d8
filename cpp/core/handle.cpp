#include "core/handle.h"

#include <algorithm>
#include <mutex>

namespace lamina {

namespace {

std::atomic<int64_t> g_tensors{0}, g_bytes{0};
std::atomic<uint64_t> g_next_id{0};
thread_local Scope* t_innermost = nullptr;
thread_local int t_depth = 0;

// A handle may be dropped on another thread than the one whose scope lists it.
std::mutex& list_mutex() {
    static std::mutex* mutex = new std::mutex;
    return *mutex;
}

}  // namespace

Scope* Scope::open() {
    Scope* scope = new Scope;
    scope->parent_ = t_innermost;
    t_innermost = scope;
    ++t_depth;
    return scope;
}

Scope* Scope::innermost() noexcept { return t_innermost; }

int Scope::depth() noexcept { return t_depth; }

void Scope::close(const std::vector<Handle*>& results) {
    Scope* scope = t_innermost;
    if (!scope) fail(ErrorKind::runtime, "endScope: no scope is open on this thread.");
    t_innermost = scope->parent_;
    --t_depth;
    while (Handle* handle = scope->first_) {
        handle->leave();
        const bool escapes = std::find(results.begin(), results.end(), handle) != results.end();
        if (escapes && scope->parent_)
            handle->enter(scope->parent_);
        else if (!escapes && !handle->kept_)
            handle->dispose();
    }
    delete scope;
}

void Handle::init(Tensor value) {
    value_ = std::move(value);
    spec_ = value_.spec();
    bytes_ = static_cast<int64_t>(value_.bytes());
    count();
    if (t_innermost) enter(t_innermost);
}

void Handle::init_variable(const Spec& spec) {
    value_ = Tensor::symbolic(spec, {});
    spec_ = spec;
    bytes_ = spec.shape.size() * static_cast<int64_t>(element_size(spec.dtype));
    count();
}

void Handle::init_hidden(const Spec& spec) {
    value_ = Tensor::symbolic(spec, {});
    spec_ = spec;
    id_ = g_next_id.fetch_add(1, std::memory_order_relaxed);
}

void Handle::count() noexcept {
    counted_ = true;
    id_ = g_next_id.fetch_add(1, std::memory_order_relaxed);
    g_tensors.fetch_add(1, std::memory_order_relaxed);
    g_bytes.fetch_add(bytes_, std::memory_order_relaxed);
}

Handle::~Handle() {
    dispose();
    leave();
}

void Handle::dispose() noexcept {
    if (!value_) return;
    if (counted_) {
        g_tensors.fetch_sub(1, std::memory_order_relaxed);
        g_bytes.fetch_sub(bytes_, std::memory_order_relaxed);
    }
    value_ = Tensor();
}

void Handle::disposed_error() const {
    fail(ErrorKind::disposed, "Tensor is disposed. (tensor #", id_, ": ", name_of(spec_.dtype), ", shape [",
         spec_.shape, "])");
}

void Handle::enter(Scope* scope) noexcept {
    std::lock_guard lock(list_mutex());
    scope_ = scope;
    previous_ = nullptr;
    next_ = scope->first_;
    if (next_) next_->previous_ = this;
    scope->first_ = this;
}

void Handle::leave() noexcept {
    if (!scope_) return;
    std::lock_guard lock(list_mutex());
    if (!scope_) return;
    if (previous_)
        previous_->next_ = next_;
    else
        scope_->first_ = next_;
    if (next_) next_->previous_ = previous_;
    scope_ = nullptr;
}

HandleStats Handle::stats() noexcept {
    return {g_tensors.load(std::memory_order_relaxed), g_bytes.load(std::memory_order_relaxed)};
}

}  // namespace lamina
