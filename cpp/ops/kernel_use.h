// How ops reach the kernels: the choice by element type, and the cut into parallel pieces.
#pragma once

#include <algorithm>

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

// Results of this size are in no cache when they are read again.
constexpr int64_t kStreamBytes = 32 << 20;

// Values [begin, end) of y, which has `total`: compute(at, to, n) writes n values, whole units, from the one
// at `at` on. Large results are made tile by tile in the first-level cache and go past the others to memory,
// which saves reading what is overwritten.
template <class T, class F>
void produce(T* y, int64_t begin, int64_t end, int64_t total, int64_t unit, F&& compute) {
    constexpr int64_t most = 16384 / sizeof(T);
    if (total * static_cast<int64_t>(sizeof(T)) < kStreamBytes || unit > most || end - begin < most / 4)
        return compute(begin, y + begin, end - begin);
    alignas(64) T values[most];
    const int64_t tile = most / unit * unit;
    for (int64_t at = begin; at < end; at += tile) {
        const int64_t n = std::min(tile, end - at);
        compute(at, values, n);
        kernels<T>().stream(values, y + at, n);
    }
}

inline Specs same_as_input(const Call& c) { return {c[0].spec()}; }

}  // namespace lamina
