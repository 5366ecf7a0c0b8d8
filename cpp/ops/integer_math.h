// Arithmetic of int32 and bool tensors, as TensorFlow.js defines it: wrapping, and rounding down in
// divisions.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "core/error.h"
#include "kernels/table.h"

namespace lamina {

// Stores a number as JavaScript's typed arrays do: toward zero and modulo 2^32; NaN and infinities as 0. In a
// bool tensor anything but 0 is true.
template <class T>
T number_to(double x) {
    if constexpr (sizeof(T) == 1) {
        return x != 0;
    } else if constexpr (std::is_integral_v<T>) {
        if (x >= -2147483648.0 && x <= 2147483647.0) return static_cast<int32_t>(x);
        if (!std::isfinite(x)) return 0;
        const double wrapped = std::fmod(std::trunc(x), 4294967296.0);
        return static_cast<int32_t>(static_cast<uint32_t>(static_cast<int64_t>(wrapped)));
    } else {
        return static_cast<T>(x);
    }
}

// Positions are int32: refuses where there are more than it can tell apart.
inline void check_positions(const char* op, int64_t count) {
    if (count > int64_t{1} << 31)
        value_error("Error in ", op, ": ", count, " positions are more than int32 can hold.");
}

// x / 0 is 0, as an Int32Array stores JavaScript's infinity.
inline int32_t floor_divide(int32_t a, int32_t b) {
    if (b == 0) return 0;
    const int64_t wide = a;
    int64_t q = wide / b;
    if (wide % b != 0 && (a < 0) != (b < 0)) --q;
    return static_cast<int32_t>(q);
}

// The sign is the divisor's.
inline int32_t floor_modulo(int32_t a, int32_t b) {
    if (b == 0) return 0;
    const int64_t r = static_cast<int64_t>(a) % b;
    return static_cast<int32_t>(r != 0 && (r < 0) != (b < 0) ? r + b : r);
}

inline int32_t integer_power(int32_t base, int32_t exponent) {
    if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
    uint32_t result = 1, factor = static_cast<uint32_t>(base);
    for (; exponent; exponent >>= 1, factor *= factor)
        if (exponent & 1) result *= factor;
    return static_cast<int32_t>(result);
}

template <Binary F, class T>
T integer_binary(T a, T b) {
    const auto ua = static_cast<uint32_t>(a), ub = static_cast<uint32_t>(b);
    switch (F) {
        case Binary::add:
            return static_cast<T>(ua + ub);
        case Binary::sub:
            return static_cast<T>(ua - ub);
        case Binary::mul:
            return static_cast<T>(ua * ub);
        case Binary::maximum:
            return a > b ? a : b;
        case Binary::minimum:
            return a < b ? a : b;
        case Binary::div:
        case Binary::floor_div:
            return static_cast<T>(floor_divide(a, b));
        case Binary::mod:
            return static_cast<T>(floor_modulo(a, b));
        case Binary::pow:
            return static_cast<T>(integer_power(a, b));
        case Binary::squared_difference:
            return static_cast<T>((ua - ub) * (ua - ub));
        default:
            return T(0);
    }
}

template <Unary F>
int32_t integer_unary(int32_t x) {
    const auto u = static_cast<uint32_t>(x);
    switch (F) {
        case Unary::neg:
            return static_cast<int32_t>(0u - u);
        case Unary::abs:
            return x < 0 ? static_cast<int32_t>(0u - u) : x;
        case Unary::sign:
            return (x > 0) - (x < 0);
        case Unary::square:
            return static_cast<int32_t>(u * u);
        case Unary::relu:
            return x > 0 ? x : 0;
        case Unary::relu6:
            return x > 6 ? 6 : x > 0 ? x : 0;
        default:  // floor, ceil, round: already whole
            return x;
    }
}

}  // namespace lamina
