// Tensors: immutable values with a shape and a type. Copies share the value.
#pragma once

#include <complex>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "lamina/error.h"

namespace lamina {
inline namespace v1 {

enum class DType : lamina_dtype {
    float32 = LAMINA_FLOAT32,
    int32 = LAMINA_INT32,
    boolean = LAMINA_BOOL,
    complex64 = LAMINA_COMPLEX64,
    string = LAMINA_STRING,
};

using Shape = std::vector<std::int64_t>;

template <class T>
concept Element = std::same_as<T, float> || std::same_as<T, std::int32_t> || std::same_as<T, bool> ||
                  std::same_as<T, std::complex<float>>;

template <Element T>
constexpr DType dtypeOf = std::same_as<T, float>          ? DType::float32
                          : std::same_as<T, std::int32_t> ? DType::int32
                          : std::same_as<T, bool>         ? DType::boolean
                                                          : DType::complex64;

static_assert(sizeof(bool) == 1);

class Tensor {
  public:
    // No tensor: what an optional argument is that is left out, and a gradient that does not exist.
    Tensor() = default;
    // A number as a float32 scalar.
    template <class T>
        requires std::is_arithmetic_v<T>
    Tensor(T number) {
        const auto value = static_cast<float>(number);
        detail::check(lamina_tensor_create(LAMINA_FLOAT32, nullptr, 0, &value, &handle_));
    }
    // Takes over a handle of the C interface.
    explicit Tensor(lamina_tensor* handle) noexcept : handle_(handle) {}
    Tensor(const Tensor& other) {
        if (other.handle_) detail::check(lamina_tensor_share(other.handle_, &handle_));
    }
    Tensor(Tensor&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Tensor& operator=(Tensor other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Tensor() { lamina_tensor_free(handle_); }

    explicit operator bool() const noexcept { return handle_ != nullptr; }
    DType dtype() const { return static_cast<DType>(lamina_tensor_dtype(handle())); }
    std::size_t rank() const { return lamina_tensor_rank(handle()); }
    std::int64_t size() const { return lamina_tensor_size(handle()); }
    // Valid as long as this object.
    std::span<const std::int64_t> shape() const { return {lamina_tensor_shape(handle()), rank()}; }

    // The values in row-major order, valid as long as this object. An Error where T is not its type.
    template <Element T>
    std::span<const T> data() const {
        if (dtype() != dtypeOf<T>)
            throw Error(ErrorCode::type, "The tensor is of another type than was asked for.");
        const void* at = nullptr;
        detail::check(lamina_tensor_data(handle_, &at));
        return {static_cast<const T*>(at), static_cast<std::size_t>(size())};
    }

    // The value of a tensor that has just one.
    template <Element T = float>
    T item() const {
        const std::span<const T> values = data<T>();
        if (values.size() != 1) throw Error(ErrorCode::value, "The tensor has more or fewer than one value.");
        return values[0];
    }

    // The value at `index` of a string tensor, valid as long as this object.
    std::string_view text(std::int64_t index) const {
        const char* at = nullptr;
        std::size_t length = 0;
        detail::check(lamina_tensor_string(handle(), index, &at, &length));
        return {at, length};
    }

    // For calls of the C interface; null for no tensor.
    const lamina_tensor* get() const noexcept { return handle_; }

  private:
    const lamina_tensor* handle() const {
        if (!handle_) throw Error(ErrorCode::value, "There is no tensor here.");
        return handle_;
    }

    lamina_tensor* handle_ = nullptr;
};

namespace detail {

template <class R>
using ElementOf = std::remove_cvref_t<decltype(*std::data(std::declval<const R&>()))>;

inline Tensor made(DType dtype, const Shape& shape, const void* values, std::size_t count) {
    std::int64_t size = 1;
    for (const std::int64_t d : shape) size *= d;
    if (size != static_cast<std::int64_t>(count))
        throw Error(ErrorCode::value, "The shape has " + std::to_string(size) + " elements, but " +
                                          std::to_string(count) + " values are given.");
    lamina_tensor* handle = nullptr;
    check(
        lamina_tensor_create(static_cast<lamina_dtype>(dtype), shape.data(), shape.size(), values, &handle));
    return Tensor(handle);
}

}  // namespace detail

// A tensor of the values in a vector, an array or a span, in row-major order; they are copied.
template <class R>
    requires Element<detail::ElementOf<R>>
Tensor tensor(const R& values, const Shape& shape) {
    return detail::made(dtypeOf<detail::ElementOf<R>>, shape, std::data(values), std::size(values));
}

template <Element T>
Tensor tensor(std::initializer_list<T> values, const Shape& shape) {
    return detail::made(dtypeOf<T>, shape, values.begin(), values.size());
}

// A vector of the values.
template <Element T>
Tensor tensor(std::initializer_list<T> values) {
    return tensor(values, {static_cast<std::int64_t>(values.size())});
}

template <Element T>
Tensor scalar(T value) {
    return detail::made(dtypeOf<T>, {}, &value, 1);
}

inline Tensor strings(const std::vector<std::string_view>& values, const Shape& shape) {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    std::int64_t size = 1;
    for (const std::int64_t d : shape) size *= d;
    if (size != static_cast<std::int64_t>(values.size()))
        throw Error(ErrorCode::value, "The shape has another number of elements than texts are given.");
    for (const std::string_view value : values) {
        texts.push_back(value.data() ? value.data() : "");
        lengths.push_back(value.size());
    }
    lamina_tensor* handle = nullptr;
    detail::check(
        lamina_tensor_create_strings(shape.data(), shape.size(), texts.data(), lengths.data(), &handle));
    return Tensor(handle);
}

}  // namespace v1
}  // namespace lamina
