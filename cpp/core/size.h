// Sizes from outside: whole numbers whose sums, differences and products throw where 64 bits cannot hold
// them.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>

#include "core/error.h"

namespace lamina {

// What a call of an op hears where its sizes cannot be; call() adds the op's name.
class SizeError : public Error {
  public:
    explicit SizeError(std::string message) : Error(ErrorKind::value, std::move(message)) {}
};

// Reads as a plain number. Arithmetic in which one side is a Size is checked, and gives a Size.
class Size {
  public:
    constexpr Size() = default;
    constexpr Size(int64_t value) : value_(value) {}
    constexpr operator int64_t() const { return value_; }

    Size& operator+=(int64_t other) { return *this = plus(value_, other); }
    Size& operator-=(int64_t other) { return *this = minus(value_, other); }
    Size& operator*=(int64_t other) { return *this = times(value_, other); }

    static Size plus(int64_t a, int64_t b) {
        int64_t sum = 0;
        if (__builtin_add_overflow(a, b, &sum)) refuse(a, '+', b);
        return sum;
    }
    static Size minus(int64_t a, int64_t b) {
        int64_t difference = 0;
        if (__builtin_sub_overflow(a, b, &difference)) refuse(a, '-', b);
        return difference;
    }
    static Size times(int64_t a, int64_t b) {
        int64_t product = 0;
        if (__builtin_mul_overflow(a, b, &product)) refuse(a, '*', b);
        return product;
    }
    static Size quotient(int64_t a, int64_t b) {
        if (b == 0 || (b == -1 && a == INT64_MIN)) refuse(a, '/', b);
        return a / b;
    }
    static Size remainder(int64_t a, int64_t b) {
        if (b == 0 || (b == -1 && a == INT64_MIN)) refuse(a, '%', b);
        return a % b;
    }

  private:
    [[noreturn]] static void refuse(int64_t a, char sign, int64_t b) {
        throw SizeError(text("the size ", a, " ", sign, " ", b, " is none that a tensor can have."));
    }
    int64_t value_ = 0;
};

template <class A, class B>
concept OneIsSize =
    (std::same_as<A, Size> && std::integral<B>) || (std::integral<A> && std::same_as<B, Size>) ||
    (std::same_as<A, Size> && std::same_as<B, Size>);

template <class A, class B>
    requires OneIsSize<A, B>
Size operator+(A a, B b) {
    return Size::plus(static_cast<int64_t>(a), static_cast<int64_t>(b));
}
template <class A, class B>
    requires OneIsSize<A, B>
Size operator-(A a, B b) {
    return Size::minus(static_cast<int64_t>(a), static_cast<int64_t>(b));
}
template <class A, class B>
    requires OneIsSize<A, B>
Size operator*(A a, B b) {
    return Size::times(static_cast<int64_t>(a), static_cast<int64_t>(b));
}
template <class A, class B>
    requires OneIsSize<A, B>
Size operator/(A a, B b) {
    return Size::quotient(static_cast<int64_t>(a), static_cast<int64_t>(b));
}
template <class A, class B>
    requires OneIsSize<A, B>
Size operator%(A a, B b) {
    return Size::remainder(static_cast<int64_t>(a), static_cast<int64_t>(b));
}
inline Size operator-(Size a) { return Size::minus(0, a); }

// A list of whole numbers, read as Sizes.
class SizeList {
  public:
    struct Iterator {
        const int64_t* at;
        Size operator*() const { return *at; }
        Iterator& operator++() {
            ++at;
            return *this;
        }
        bool operator==(const Iterator&) const = default;
    };

    SizeList(std::span<const int64_t> values) : values_(values) {}

    int size() const { return static_cast<int>(values_.size()); }
    bool empty() const { return values_.empty(); }
    Size operator[](int i) const { return values_[static_cast<size_t>(i)]; }
    Iterator begin() const { return {values_.data()}; }
    Iterator end() const { return {values_.data() + values_.size()}; }
    std::span<const int64_t> plain() const { return values_; }
    Size product() const {
        Size n = 1;
        for (const Size s : *this) n *= s;
        return n;
    }

  private:
    std::span<const int64_t> values_;
};

}  // namespace lamina
