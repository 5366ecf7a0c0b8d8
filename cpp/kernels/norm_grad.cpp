// The gradient of a batch normalisation whose mean and variance are those of its own input.
//
// As in norm.cpp, rows of few channels are seen together as one row of lanes * channels values.
#include "core/threads.h"
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t lanes = VReal::lanes;
constexpr int64_t tile = 1024;  // channels worked on at once; their parameters stay in the first cache
constexpr int64_t block = 4;    // registers of columns summed at once

LAMINA_INLINE int64_t rows_in_one(int64_t channels) { return channels < 4 * lanes ? lanes : 1; }
static_assert(4 * lanes * lanes <= tile);

LAMINA_INLINE VReal load(const Real* p, int64_t count) {
    return count >= lanes ? VReal::load(p) : VReal::load_partial(p, count);
}

LAMINA_INLINE void store(VReal v, Real* p, int64_t count) {
    if (count >= lanes)
        v.store(p);
    else
        v.store_partial(p, count);
}

// ---- sums --------------------------------------------------------------------------------------------------

struct Columns {
    const Real *x, *dy, *mean;  // mean has `width` values
    int64_t width, total;       // of a row, of all rows
};

// The sums of dy and of dy * (x - mean) over rows [begin, end), of the n registers of columns from c on.
template <int64_t n>
LAMINA_INLINE void sum_block(const Columns& s, int64_t begin, int64_t end, int64_t c, Real* sums,
                             Real* moments) {
    // Less than a register only where n is 1.
    const int64_t width = n == 1 ? s.width - c : n * lanes;
    VReal middle[n], sum[n], moment[n];
    for (int64_t k = 0; k < n; ++k) {
        middle[k] = load(s.mean + c + k * lanes, width);
        sum[k] = moment[k] = VReal(0);
    }
    const auto add = [&](int64_t k, int64_t i, int64_t count) {
        const VReal d = load(s.dy + i, count);
        sum[k] = sum[k] + d;
        moment[k] = fma(d, load(s.x + i, count) - middle[k], moment[k]);
    };
    const int64_t whole = s.total / s.width < end ? s.total / s.width : end;
    int64_t row = begin;
    for (; row < whole; ++row)
        for (int64_t k = 0; k < n; ++k) add(k, row * s.width + c + k * lanes, width);
    if (row < end)  // the last row ends early
        for (int64_t k = 0; k < n; ++k) {
            const int64_t i = row * s.width + c + k * lanes, left = s.total - i;
            if (left > 0) add(k, i, left < width ? left : width);
        }
    for (int64_t k = 0; k < n; ++k) {
        store(sum[k], sums + c + k * lanes, width);
        store(moment[k], moments + c + k * lanes, width);
    }
}

// Sums over chunks of rows, the cut depending on the shape only, which are then added pairwise.
void batch_norm_sums(const Real* x, const Real* dy, const Real* mean, Real* sum, Real* moment, int64_t rows,
                     int64_t channels) {
    if (channels == 0) return;
    const int64_t together = rows_in_one(channels), width = together * channels;
    const int64_t all = (rows + together - 1) / together;
    int64_t chunk = 16384 / width;
    chunk = chunk < 16 ? 16 : chunk > 128 ? 128 : chunk;
    const int64_t chunks = all > 0 ? (all + chunk - 1) / chunk : 1;
    const size_t bytes = static_cast<size_t>((2 * chunks + 1) * width) * sizeof(Real);
    Real* const partial = static_cast<Real*>(thread_scratch(4, bytes));
    Real* const middle = partial + 2 * chunks * width;
    for (int64_t c = 0; c < width; ++c) middle[c] = mean[c % channels];

    const Columns columns{x, dy, middle, width, rows * channels};
    parallel_for(chunks, 32768 / (chunk * width) + 1, [&](int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; ++k) {
            const int64_t first = k * chunk, last = first + chunk < all ? first + chunk : all;
            Real *sums = partial + 2 * k * width, *moments = sums + width;
            int64_t c = 0;
            for (; c + block * lanes <= width; c += block * lanes)
                sum_block<block>(columns, first, last, c, sums, moments);
            for (; c < width; c += lanes) sum_block<1>(columns, first, last, c, sums, moments);
        }
    });
    for (int64_t step = 1; step < chunks; step *= 2)
        for (int64_t k = 0; k + step < chunks; k += 2 * step) {
            Real* left = partial + 2 * k * width;
            const Real* right = left + 2 * step * width;
            for (int64_t c = 0; c < 2 * width; ++c) left[c] += right[c];
        }
    for (int64_t c = 0; c < channels; ++c) {
        sum[c] = partial[c];
        moment[c] = partial[width + c];
        for (int64_t k = 1; k < together; ++k) {
            sum[c] += partial[k * channels + c];
            moment[c] += partial[width + k * channels + c];
        }
    }
}

// ---- the gradient by x -------------------------------------------------------------------------------------

void batch_norm_grad(const Real* x, const Real* dy, const Real* mean, const Real* a, const Real* p,
                     const Real* q, Real* dx, int64_t rows, int64_t channels) {
    alignas(64) Real means[tile], as[tile], ps[tile], qs[tile];
    const int64_t width = rows_in_one(channels) * channels, total = rows * channels;
    for (int64_t c0 = 0; c0 < width; c0 += tile) {
        const int64_t size = width - c0 < tile ? width - c0 : tile;
        for (int64_t c = 0; c < size; ++c) {
            const int64_t channel = (c0 + c) % channels;
            means[c] = mean[channel];
            as[c] = a[channel];
            ps[c] = p[channel];
            qs[c] = q[channel];
        }
        for (int64_t start = c0; start < total; start += width) {
            const int64_t stop = start + size < total ? start + size : total;
            for (int64_t i = start; i < stop; i += lanes) {
                const int64_t count = stop - i, c = i - start;
                const VReal centered = load(x + i, count) - VReal::load(means + c);
                const VReal rest = fma(VReal::load(ps + c), centered, VReal::load(qs + c));
                store(fma(VReal::load(as + c), load(dy + i, count), rest), dx + i, count);
            }
        }
    }
}

}  // namespace

void fill_table_norm_grad(Table<Real>& table) {
    table.batch_norm_sums = batch_norm_sums;
    table.batch_norm_grad = batch_norm_grad;
}

}  // namespace lamina::LAMINA_LEVEL
