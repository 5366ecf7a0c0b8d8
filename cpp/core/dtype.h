// Element types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lamina {

// float64 exists for the reference level alone: no public function makes such a tensor.
enum class DType : uint8_t { float32, int32, boolean, complex64, string, float64 };

struct Complex {
    float re, im;
};

constexpr bool is_real(DType t) { return t == DType::float32 || t == DType::float64; }
constexpr bool is_integral(DType t) { return t == DType::int32 || t == DType::boolean; }

// Bytes of one element. String tensors are sized by their content instead, see string_tensor.h; here 0.
constexpr size_t element_size(DType t) {
    switch (t) {
        case DType::float32:
        case DType::int32:
            return 4;
        case DType::boolean:
            return 1;
        case DType::complex64:
        case DType::float64:
            return 8;
        case DType::string:
            break;
    }
    return 0;
}

constexpr std::string_view name_of(DType t) {
    constexpr std::string_view names[] = {"float32", "int32", "bool", "complex64", "string", "float64"};
    return names[static_cast<int>(t)];
}

// Throws a ValueError that lists the valid names. float64 is accepted only when `internal`.
DType dtype_from_name(std::string_view name, bool internal = false);

// bool < int32 < float32 < float64 < complex64; string only with string, else a TypeError
// "Can not upcast ...".
DType promote(DType a, DType b);

template <class T>
constexpr DType dtype_of() {
    if constexpr (sizeof(T) == 1)
        return DType::boolean;
    else if constexpr (static_cast<T>(0.5) != T(0))
        return sizeof(T) == 4 ? DType::float32 : DType::float64;
    else
        return DType::int32;
}

}  // namespace lamina
