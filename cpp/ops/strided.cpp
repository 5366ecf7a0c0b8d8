#include "ops/strided.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/string_tensor.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

struct Plan {
    int rank = 0;
    int64_t dims[Shape::kMaxRank];
    int64_t from[Shape::kMaxRank], to[Shape::kMaxRank];
};

// Merges dimensions that are adjacent in both layouts and drops those of size 1.
Plan simplify(const Shape& shape, const Strides& from, const Strides& to) {
    Plan p;
    for (int i = 0; i < shape.rank(); ++i) {
        const auto k = static_cast<size_t>(i);
        if (shape[i] == 1) continue;
        const int last = p.rank - 1;
        if (last >= 0 && p.from[last] == from[k] * shape[i] && p.to[last] == to[k] * shape[i]) {
            p.dims[last] *= shape[i];
        } else {
            p.dims[p.rank++] = shape[i];
        }
        p.from[p.rank - 1] = from[k];
        p.to[p.rank - 1] = to[k];
    }
    if (p.rank == 0) {
        p.rank = 1;
        p.dims[0] = 1;
        p.from[0] = p.to[0] = 1;
    }
    return p;
}

template <class T>
void copy_run(const T* from, int64_t from_step, T* to, int64_t to_step, int64_t n) {
    if (from_step == 1 && to_step == 1) {
        // Short runs are not worth the call.
        if (n * static_cast<int64_t>(sizeof(T)) >= 64)
            std::memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
        else
            for (int64_t i = 0; i < n; ++i) to[i] = from[i];
    } else if (from_step == 0 && to_step == 1) {
        repeat(*from, to, n);
    } else if (sizeof(T) == sizeof(float) && to_step == 1) {
        kernels<float>().read_steps(reinterpret_cast<const float*>(from), from_step,
                                    reinterpret_cast<float*>(to), n);
    } else {
        for (int64_t i = 0; i < n; ++i) to[i * to_step] = from[i * from_step];
    }
}

// to[j * to_stride + i] = from[i * from_stride + j].
template <class T>
void transpose_tile(const T* from, int64_t from_stride, T* to, int64_t to_stride, int64_t rows,
                    int64_t columns) {
    if constexpr (sizeof(T) == sizeof(float)) {
        kernels<float>().transpose(reinterpret_cast<const float*>(from), from_stride,
                                   reinterpret_cast<float*>(to), to_stride, rows, columns);
    } else {
        for (int64_t j = 0; j < columns; ++j)
            for (int64_t i = 0; i < rows; ++i) to[j * to_stride + i] = from[i * from_stride + j];
    }
}

// The dimension along which `from` is contiguous, where that is not the last one but `to` is contiguous along
// the last: a transposition. Else -1.
int transposed_dimension(const Plan& p) {
    const int last = p.rank - 1;
    if (p.to[last] != 1 || p.from[last] == 1 || p.from[last] == 0) return -1;
    for (int i = last - 1; i >= 0; --i)
        if (p.from[i] == 1) return p.dims[i] > 1 && p.dims[last] > 1 ? i : -1;
    return -1;
}

constexpr int64_t kGrain = 32768;  // elements; less is not worth a second thread

// Calls f(index of `from`, index of `to`) for all positions of the first `rank` dimensions from the begin-th
// to the end-th.
template <class F>
void walk(const Plan& p, int rank, int64_t begin, int64_t end, F f) {
    int64_t index[Shape::kMaxRank], rest = begin, from = 0, to = 0;
    for (int i = rank - 1; i >= 0; --i) {
        index[i] = rest % p.dims[i];
        rest /= p.dims[i];
        from += index[i] * p.from[i];
        to += index[i] * p.to[i];
    }
    for (; begin < end; ++begin) {
        f(from, to);
        for (int i = rank - 1; i >= 0; --i) {
            from += p.from[i];
            to += p.to[i];
            if (++index[i] < p.dims[i]) break;
            from -= p.dims[i] * p.from[i];
            to -= p.dims[i] * p.to[i];
            index[i] = 0;
        }
    }
}

// Tiles that stay in the first-level cache, of `row` against the last dimension.
template <class T>
void copy_transposed(Plan p, int row, const T* from, T* to) {
    constexpr int64_t kTile = 64;
    const int last = p.rank - 1;
    const int64_t rows = p.dims[last], columns = p.dims[row], from_stride = p.from[last],
                  to_stride = p.to[row];
    for (int i = row; i + 2 < p.rank; ++i)
        p.dims[i] = p.dims[i + 1], p.from[i] = p.from[i + 1], p.to[i] = p.to[i + 1];
    const int64_t down = (columns + kTile - 1) / kTile, across = (rows + kTile - 1) / kTile;
    int64_t outer = 1;
    for (int i = 0; i + 2 < p.rank; ++i) outer *= p.dims[i];
    const int64_t tile = std::min(kTile, rows) * std::min(kTile, columns);
    parallel_for(outer * down * across, kGrain / tile + 1, [&](int64_t begin, int64_t end) {
        int64_t part = begin % (down * across);
        const int64_t last_outer = (end - 1) / (down * across) + 1;
        walk(p, p.rank - 2, begin / (down * across), last_outer, [&](int64_t f, int64_t t) {
            for (; part < down * across && begin < end; ++part, ++begin) {
                const int64_t j = part / across * kTile, i = part % across * kTile;
                transpose_tile(from + f + i * from_stride + j, from_stride, to + t + j * to_stride + i,
                               to_stride, std::min(kTile, rows - i), std::min(kTile, columns - j));
            }
            part = 0;
        });
    });
}

template <class T>
void copy(const Plan& p, const T* from, T* to) {
    const int row = transposed_dimension(p), last = p.rank - 1;
    if (row >= 0) return copy_transposed(p, row, from, to);
    int64_t outer = 1;
    for (int i = 0; i < last; ++i) outer *= p.dims[i];
    const int64_t n = p.dims[last];
    if (outer == 1) {
        parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
            copy_run(from + begin * p.from[last], p.from[last], to + begin * p.to[last], p.to[last],
                     end - begin);
        });
        return;
    }
    const int64_t step = p.from[last];
    parallel_for(outer, kGrain / n + 1, [&](int64_t begin, int64_t end) {
        if (sizeof(T) == sizeof(float) && p.to[last] == 1 && step != 0 && step != 1) {
            // The kernel is asked for once, not for each of many short rows.
            const auto read = kernels<float>().read_steps;
            walk(p, last, begin, end, [&](int64_t f, int64_t t) {
                read(reinterpret_cast<const float*>(from + f), step, reinterpret_cast<float*>(to + t), n);
            });
            return;
        }
        walk(p, last, begin, end,
             [&](int64_t f, int64_t t) { copy_run(from + f, step, to + t, p.to[last], n); });
    });
}

}  // namespace

Strides contiguous_strides(const Shape& shape) {
    Strides strides{};
    int64_t stride = 1;
    for (int i = shape.rank() - 1; i >= 0; --i) {
        strides[static_cast<size_t>(i)] = stride;
        stride *= shape[i];
    }
    return strides;
}

void strided_copy(size_t element_bytes, const Shape& shape, const void* from, const Strides& from_strides,
                  void* to, const Strides& to_strides) {
    if (shape.size() == 0) return;
    const Plan p = simplify(shape, from_strides, to_strides);
    if (element_bytes == 1) return copy(p, static_cast<const uint8_t*>(from), static_cast<uint8_t*>(to));
    if (element_bytes == 4) return copy(p, static_cast<const uint32_t*>(from), static_cast<uint32_t*>(to));
    copy(p, static_cast<const uint64_t*>(from), static_cast<uint64_t*>(to));
}

Tensor element_numbers(const Shape& shape) {
    check_positions("a movement of strings", shape.size());
    Tensor numbers = Tensor::empty(DType::int32, shape);
    for (int64_t i = 0; i < shape.size(); ++i) numbers.mutable_data<int32_t>()[i] = static_cast<int32_t>(i);
    return numbers;
}

Tensor gather_strings(const Tensor& strings, const Tensor& from) {
    std::vector<std::string_view> values(static_cast<size_t>(from.size()));
    for (size_t i = 0; i < values.size(); ++i) values[i] = string_at(strings, from.data<int32_t>()[i]);
    return make_strings(values, from.shape());
}

}  // namespace lamina
