// A vector whose first N elements need no allocation; for argument lists of a few tensors.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace lamina {

template <class T, size_t N>
class SmallVector {
  public:
    SmallVector() noexcept : data_(inline_data()) {}
    SmallVector(std::initializer_list<T> items) : SmallVector() {
        reserve(items.size());
        for (const T& item : items) push_back(item);
    }
    explicit SmallVector(size_t n, const T& value = T()) : SmallVector() { resize(n, value); }
    SmallVector(const SmallVector& other) : SmallVector() {
        reserve(other.size_);
        for (const T& item : other) push_back(item);
    }
    SmallVector(SmallVector&& other) noexcept : SmallVector() { take(other); }
    SmallVector& operator=(SmallVector other) noexcept {
        release();
        take(other);
        return *this;
    }
    ~SmallVector() { release(); }

    size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    T* data() noexcept { return data_; }
    const T* data() const noexcept { return data_; }
    T* begin() noexcept { return data_; }
    T* end() noexcept { return data_ + size_; }
    const T* begin() const noexcept { return data_; }
    const T* end() const noexcept { return data_ + size_; }
    T& operator[](size_t i) noexcept { return data_[i]; }
    const T& operator[](size_t i) const noexcept { return data_[i]; }
    T& back() noexcept { return data_[size_ - 1]; }
    operator std::span<const T>() const noexcept { return {data_, size_}; }

    void push_back(T item) {
        if (size_ == capacity_) reserve(capacity_ * 2);
        new (data_ + size_) T(std::move(item));
        ++size_;
    }
    void resize(size_t n, const T& value = T()) {
        reserve(n);
        while (size_ > n) data_[--size_].~T();
        while (size_ < n) push_back(value);
    }
    void clear() noexcept {
        std::destroy_n(data_, size_);
        size_ = 0;
    }
    void reserve(size_t n) {
        if (n <= capacity_) return;
        T* grown = static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t(alignof(T))));
        std::uninitialized_move_n(data_, size_, grown);
        const size_t size = size_;
        release();
        data_ = grown;
        size_ = size;
        capacity_ = n;
    }

  private:
    T* inline_data() noexcept { return reinterpret_cast<T*>(storage_); }
    void release() noexcept {
        std::destroy_n(data_, size_);
        if (data_ != inline_data()) ::operator delete(data_, std::align_val_t(alignof(T)));
        data_ = inline_data();
        size_ = 0;
        capacity_ = N;
    }
    // `this` is empty and inline.
    void take(SmallVector& other) noexcept {
        if (other.data_ == other.inline_data()) {
            std::uninitialized_move_n(other.data_, other.size_, data_);
            size_ = other.size_;
            other.clear();
        } else {
            data_ = std::exchange(other.data_, other.inline_data());
            size_ = std::exchange(other.size_, 0);
            capacity_ = std::exchange(other.capacity_, N);
        }
    }

    T* data_;
    size_t size_ = 0;
    size_t capacity_ = N;
    alignas(T) unsigned char storage_[N * sizeof(T)];
};

}  // namespace lamina
