// Tensor: an immutable value with a shape, a type and a shared buffer. Variable: a cell that holds one.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "core/dtype.h"
#include "core/error.h"
#include "core/pool.h"
#include "core/shape.h"

namespace lamina {

class Variable;

// What is known of a value before it is computed.
struct Spec {
    DType dtype = DType::float32;
    Shape shape;
};

// The place of a value in a graph that is being traced.
struct Symbol {
    void* trace = nullptr;
    int32_t node = -1;
    int32_t output = 0;
};

// Copies are handles on the same value; reshaping shares the buffer. Reading a value that is only traced is
// a RuntimeError.
class Tensor {
  public:
    Tensor() = default;
    Tensor(const Tensor& other) noexcept : rep_(other.rep_) { retain(); }
    Tensor(Tensor&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
    Tensor& operator=(Tensor other) noexcept {
        std::swap(rep_, other.rep_);
        return *this;
    }
    ~Tensor() { release(); }

    // Uninitialised; `what` names the asker when memory runs out. Not for strings (string_tensor.h).
    static Tensor empty(DType dtype, const Shape& shape, const char* what = nullptr);
    static Tensor empty(const Spec& spec, const char* what = nullptr) {
        return empty(spec.dtype, spec.shape, what);
    }
    static Tensor from_buffer(DType dtype, const Shape& shape, BufferRef buffer);
    static Tensor symbolic(const Spec& spec, Symbol symbol);
    // A handle without memory, for a Program's values: place() says where they are.
    static Tensor unplaced(const Spec& spec);
    // Only for handles made by unplaced(): the memory from now on, and who keeps it alive (nobody, where the
    // Program itself does).
    void place(void* data, BufferRef keeper = {}) noexcept {
        rep_->data = data;
        rep_->buffer = std::move(keeper);
    }
    bool is_placed() const noexcept { return rep_->data != nullptr; }
    bool same_handle(const Tensor& other) const noexcept { return rep_ == other.rep_; }
    template <class T>
    static Tensor scalar(T value) {
        Tensor t = empty(dtype_of<T>(), Shape());
        *t.mutable_data<T>() = value;
        return t;
    }
    // A number as a scalar of the given numeric type.
    static Tensor number(double value, DType dtype);

    // The same elements under another shape of equal size (or reinterpreted by an op that knows better).
    Tensor with_shape(const Shape& shape) const;
    // The same value under a new identity: gradients do not pass.
    Tensor detached() const;

    explicit operator bool() const noexcept { return rep_ != nullptr; }
    DType dtype() const noexcept { return rep_->spec.dtype; }
    const Shape& shape() const noexcept { return rep_->spec.shape; }
    const Spec& spec() const noexcept { return rep_->spec; }
    int rank() const noexcept { return rep_->spec.shape.rank(); }
    int64_t size() const noexcept { return rep_->spec.shape.size(); }
    // Equal for handles on the same value, and for all that a variable held; what gradients are keyed by.
    uint64_t value_id() const noexcept { return rep_->value_id; }
    bool is_symbolic() const noexcept { return rep_->symbol.trace != nullptr; }
    const Symbol& symbol() const noexcept { return rep_->symbol; }
    const BufferRef& buffer() const noexcept { return rep_->buffer; }
    // The variable that this was read from, if it still exists.
    std::shared_ptr<Variable> variable() const noexcept { return rep_->variable.lock(); }
    size_t bytes() const noexcept { return rep_->buffer ? rep_->buffer->bytes() : 0; }

    template <class T>
    const T* data() const {
        return static_cast<const T*>(raw());
    }
    // Only for the code that made the tensor and has not yet given it away.
    template <class T>
    T* mutable_data() {
        return static_cast<T*>(const_cast<void*>(raw()));
    }
    const void* raw() const {
        if (!rep_->data) no_data();
        return rep_->data;
    }

  private:
    friend class Variable;
    struct Rep {
        std::atomic<int64_t> holders{1};
        uint64_t value_id = 0;
        Spec spec;
        void* data = nullptr;
        BufferRef buffer;
        Symbol symbol;
        std::weak_ptr<Variable> variable;
    };
    explicit Tensor(Rep* rep) noexcept : rep_(rep) {}
    [[noreturn]] void no_data() const;
    void retain() const noexcept {
        if (rep_) rep_->holders.fetch_add(1, std::memory_order_relaxed);
    }
    void release() noexcept {
        if (rep_ && rep_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete rep_;
    }
    Rep* rep_ = nullptr;
};

uint64_t next_value_id() noexcept;

// Shared by std::shared_ptr. All members may be called from any thread.
class Variable : public std::enable_shared_from_this<Variable> {
  public:
    static std::shared_ptr<Variable> make(const Tensor& initial);

    DType dtype() const noexcept { return spec_.dtype; }
    const Shape& shape() const noexcept { return spec_.shape; }
    const Spec& spec() const noexcept { return spec_; }
    uint64_t value_id() const noexcept { return value_id_; }
    // Another number after every assign() and write(). A value read after the number is as new or newer.
    uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

    // The value held now; it never changes afterwards.
    Tensor read() const;
    // Its memory alone.
    BufferRef buffer() const;
    // Shares the buffer of `value`, which must have this shape and dtype (ValueError otherwise).
    void assign(const Tensor& value);
    // Until the lock is released, the memory that the variable holds may be written: others that
    // hold the buffer keep a copy of their own.
    struct Write {
        std::unique_lock<std::mutex> lock;
        void* data;
    };
    Write write();

  private:
    explicit Variable(const Spec& spec) : spec_(spec), value_id_(next_value_id()) {}
    Tensor wrap(BufferRef buffer);

    mutable std::mutex mutex_;
    std::atomic<uint64_t> version_{0};
    Spec spec_;
    uint64_t value_id_;
    Tensor value_;
};

using VariableRef = std::shared_ptr<Variable>;

}  // namespace lamina
