// How ops reach the kernels: the choice by element type, and the cut into parallel pieces.
#pragma once

#include "core/threads.h"
#include "kernels/isa.h"
#include "ops/op.h"

namespace lamina {

// Elementwise work below this many elements stays on one thread: waking another costs more.
constexpr int64_t kElementwiseGrain = 32768;

// Calls f.operator()<T>() with T float or double.
template <class F>
decltype(auto) visit_real(DType type, F&& f) {
    if (type == DType::float64) return f.template operator()<double>();
    if (type == DType::float32) return f.template operator()<float>();
    fail(ErrorKind::internal, "no kernel for dtype ", name_of(type));
}

// Also int32 and bool (as uint8_t).
template <class F>
decltype(auto) visit_number(DType type, F&& f) {
    if (type == DType::int32) return f.template operator()<int32_t>();
    if (type == DType::boolean) return f.template operator()<uint8_t>();
    return visit_real(type, std::forward<F>(f));
}

// For what Op::prepare gives: memory that counts as a Program's, not as a tensor's.
inline Tensor program_memory(const Spec& spec) {
    const auto bytes = static_cast<size_t>(spec.shape.size()) * element_size(spec.dtype);
    return Tensor::from_buffer(spec.dtype, spec.shape,
                               Pool::global().allocate_internal(bytes, "program weights"));
}

inline Specs same_as_input(const Call& c) { return {c[0].spec()}; }

}  // namespace lamina
