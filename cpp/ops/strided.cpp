#include "ops/strided.h"

#include <array>
#include <cstring>

#include "core/string_tensor.h"
#include "core/threads.h"

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
    if (from_step == 1 && to_step == 1)
        std::memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
    else
        for (int64_t i = 0; i < n; ++i) to[i * to_step] = from[i * from_step];
}

// A transposition of the last two dimensions, in tiles that stay in the first-level cache.
template <class T>
void copy_tiled(const Plan& p, const T* from, T* to) {
    constexpr int64_t kTile = 16;
    const int r = p.rank - 2, c = p.rank - 1;
    for (int64_t i0 = 0; i0 < p.dims[r]; i0 += kTile)
        for (int64_t j0 = 0; j0 < p.dims[c]; j0 += kTile)
            for (int64_t i = i0; i < std::min(i0 + kTile, p.dims[r]); ++i)
                copy_run(from + i * p.from[r] + j0 * p.from[c], p.from[c], to + i * p.to[r] + j0 * p.to[c],
                         p.to[c], std::min(kTile, p.dims[c] - j0));
}

template <class T>
void copy(const Plan& p, const T* from, T* to) {
    const bool tiled = p.rank >= 2 && p.from[p.rank - 1] != 1 && p.from[p.rank - 2] == 1;
    const int inner = tiled ? 2 : 1;
    int64_t inner_size = 1, outer_size = 1;
    for (int i = 0; i < p.rank; ++i) (i < p.rank - inner ? outer_size : inner_size) *= p.dims[i];
    const int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, inner_size));
    parallel_for(outer_size, grain, [&](int64_t begin, int64_t end) {
        for (int64_t outer = begin; outer < end; ++outer) {
            int64_t rest = outer, f = 0, t = 0;
            for (int i = p.rank - inner - 1; i >= 0; --i) {
                const int64_t index = rest % p.dims[i];
                rest /= p.dims[i];
                f += index * p.from[i];
                t += index * p.to[i];
            }
            if (tiled)
                copy_tiled(p, from + f, to + t);
            else
                copy_run(from + f, p.from[p.rank - 1], to + t, p.to[p.rank - 1], p.dims[p.rank - 1]);
        }
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
