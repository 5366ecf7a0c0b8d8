// Adding many values to few places.
#pragma once

#include <algorithm>

#include "ops/strided.h"

namespace lamina {

// y[0, size) becomes the sum of what `add(begin, end, table)` adds to tables of zeros, for parts that make up
// [0, n). The cut depends on n and size alone, so that any number of threads gives the same sums.
template <class T, class F>
void sum_in_parts(int64_t n, T* y, int64_t size, F add) {
    constexpr int64_t most = 8;
    const int64_t parts = std::clamp<int64_t>(n / std::max(kElementwiseGrain, 4 * size), 1, most);
    fill_values(T(0), y, size);
    if (parts == 1) return add(int64_t{0}, n, y);
    const Tensor others = Tensor::empty(
        DType::int32, Shape{(parts - 1) * size * static_cast<int64_t>(sizeof(T)) / 4 + 1}, "bins");
    T* tables = static_cast<T*>(const_cast<void*>(others.raw()));
    fill_values(T(0), tables, (parts - 1) * size);
    parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
        for (int64_t p = begin; p < end; ++p)
            add(n * p / parts, n * (p + 1) / parts, p == 0 ? y : tables + (p - 1) * size);
    });
    for (int64_t p = 0; p + 1 < parts; ++p)
        for (int64_t i = 0; i < size; ++i) y[i] += tables[p * size + i];
}

}  // namespace lamina
