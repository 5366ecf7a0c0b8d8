#include "core/tensor.h"

#include <cstring>

#include "core/missing_data.h"

namespace lamina {

uint64_t next_value_id() noexcept {
    static std::atomic<uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
}

Tensor Tensor::empty(DType dtype, const Shape& shape, const char* what) {
    const size_t bytes = static_cast<size_t>(shape.size()) * element_size(dtype);
    BufferRef buffer;
    try {
        buffer = Pool::global().allocate(bytes, what);
    } catch (const Error& e) {
        fail(e.kind(), e.what(), " For a ", name_of(dtype), " tensor of shape [", shape, "].");
    }
    return from_buffer(dtype, shape, std::move(buffer));
}

Tensor Tensor::from_buffer(DType dtype, const Shape& shape, BufferRef buffer) {
    Rep* rep = new Rep;
    rep->value_id = next_value_id();
    rep->spec.dtype = dtype;
    rep->spec.shape = shape;
    rep->data = buffer ? buffer->data() : nullptr;
    rep->buffer = std::move(buffer);
    return Tensor(rep);
}

Tensor Tensor::unplaced(const Spec& spec) { return from_buffer(spec.dtype, spec.shape, BufferRef()); }

Tensor Tensor::symbolic(const Spec& spec, Symbol symbol) {
    Tensor t = from_buffer(spec.dtype, spec.shape, BufferRef());
    t.rep_->symbol = symbol;
    return t;
}

Tensor Tensor::number(double value, DType dtype) {
    switch (dtype) {
        case DType::float32:
            return scalar(static_cast<float>(value));
        case DType::float64:
            return scalar(value);
        case DType::int32:
            // Out of range has no meaning here: callers pass numbers of the type.
            return scalar(static_cast<int32_t>(value));
        case DType::boolean:
            return scalar(static_cast<uint8_t>(value != 0));
        case DType::complex64: {
            Tensor t = empty(dtype, Shape());
            *t.mutable_data<Complex>() = {static_cast<float>(value), 0.0f};
            return t;
        }
        case DType::string:
            break;
    }
    type_error("a number cannot become a ", name_of(dtype), " tensor");
}

Tensor Tensor::with_shape(const Shape& shape) const {
    if (is_symbolic()) no_data();
    Tensor t = from_buffer(dtype(), shape, rep_->buffer);
    t.rep_->data = rep_->data;
    return t;
}

Tensor Tensor::detached() const {
    Tensor t = from_buffer(dtype(), shape(), rep_->buffer);
    t.rep_->data = rep_->data;
    t.rep_->symbol = rep_->symbol;
    return t;
}

namespace {
thread_local uint64_t missing_data = 0;
}

uint64_t missing_data_count() { return missing_data; }

void Tensor::no_data() const {
    ++missing_data;
    fail(ErrorKind::runtime, "This ", name_of(dtype()), " tensor of shape [", shape(),
         "] is only traced: its values do not exist yet and cannot be read.");
}

std::shared_ptr<Variable> Variable::make(const Tensor& initial) {
    std::shared_ptr<Variable> variable(new Variable(initial.spec()));
    variable->assign(initial);
    return variable;
}

Tensor Variable::wrap(BufferRef buffer) {
    Tensor t = Tensor::from_buffer(spec_.dtype, spec_.shape, std::move(buffer));
    t.rep_->value_id = value_id_;
    t.rep_->variable = weak_from_this();
    return t;
}

Tensor Variable::read() const {
    std::lock_guard lock(mutex_);
    return value_;
}

BufferRef Variable::buffer() const {
    std::lock_guard lock(mutex_);
    return value_.buffer();
}

void Variable::assign(const Tensor& value) {
    if (!(value.shape() == spec_.shape))
        value_error("Shape mismatch: the variable has shape [", spec_.shape, "], the new value [",
                    value.shape(), "].");
    if (value.dtype() != spec_.dtype)
        value_error("dtype of the new value (", name_of(value.dtype()), ") and previous value (",
                    name_of(spec_.dtype), ") must match");
    value.raw();
    Tensor next = wrap(value.buffer());
    std::lock_guard lock(mutex_);
    std::swap(value_, next);
    version_.fetch_add(1, std::memory_order_release);
}

Variable::Write Variable::write() {
    std::unique_lock lock(mutex_);
    // A reader holds the Rep, a clone or an export the buffer: neither may see the write.
    if (value_.rep_->holders.load(std::memory_order_acquire) != 1 || value_.rep_->buffer->holders() != 1) {
        BufferRef own = Pool::global().allocate(value_.bytes(), "variable");
        std::memcpy(own->data(), value_.rep_->buffer->data(), value_.bytes());
        Tensor next = wrap(std::move(own));
        std::swap(value_, next);
    }
    version_.fetch_add(1, std::memory_order_release);
    return {std::move(lock), value_.rep_->buffer->data()};
}

}  // namespace lamina
