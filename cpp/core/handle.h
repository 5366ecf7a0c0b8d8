// Handles: tensors as a user holds them, counted, disposable, and owned by the scope in which they were made.
#pragma once

#include <cstdint>
#include <vector>

#include "core/tensor.h"

namespace lamina {

// Counts of what users hold, as tf.memory() reports them.
struct HandleStats {
    int64_t tensors, bytes;
};

class Handle;

// What tidy() opens: the handles made on this thread while it is the innermost one. Scopes nest per thread.
class Scope {
  public:
    // Opens a scope on the calling thread.
    static Scope* open();
    static Scope* innermost() noexcept;
    static int depth() noexcept;
    // Closes the innermost scope. Its handles are disposed, but for those that are kept and those in
    // `results`, which belong to the enclosing scope from then on.
    static void close(const std::vector<Handle*>& results);

  private:
    friend class Handle;
    Scope* parent_ = nullptr;
    Handle* first_ = nullptr;
};

// Base of what the bindings show. Not movable: scopes hold its address.
class Handle {
  public:
    Handle() = default;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle();

    // To be called once: takes the value, counts it, and enters the innermost scope.
    void init(Tensor value);
    // For a variable: counted, but in no scope, and without a hold on its buffer.
    void init_variable(const Spec& spec);
    // The same, not counted.
    void init_hidden(const Spec& spec);
    // The value; a `disposed` error naming the handle afterwards.
    const Tensor& value() const {
        if (!value_) disposed_error();
        return value_;
    }
    bool is_disposed() const noexcept { return !value_; }
    void dispose() noexcept;
    void keep() noexcept { kept_ = true; }
    bool is_kept() const noexcept { return kept_; }
    uint64_t id() const noexcept { return id_; }

    static HandleStats stats() noexcept;

  private:
    friend class Scope;
    [[noreturn]] void disposed_error() const;
    void count() noexcept;
    void enter(Scope* scope) noexcept;
    void leave() noexcept;

    Tensor value_;
    uint64_t id_ = 0;
    int64_t bytes_ = 0;
    Spec spec_;  // outlives the value, for messages and the shape of a disposed tensor
    Handle* next_ = nullptr;
    Handle* previous_ = nullptr;
    Scope* scope_ = nullptr;
    bool kept_ = false;
    bool counted_ = false;

  public:
    const Spec& spec() const noexcept { return spec_; }
};

}  // namespace lamina
