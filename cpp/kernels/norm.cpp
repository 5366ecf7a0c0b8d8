// Normalisation over rows: the values of one channel are `channels` apart.
//
// Few channels would leave lanes empty. Since the channels repeat, as many rows as a register has lanes are
// then seen as one row of lanes * channels values.
#include "core/threads.h"
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t lanes = VReal::lanes;
constexpr int64_t tile = 1024;  // channels worked on at once; their parameters stay in the first cache

// How many rows are taken as one; together they fit in a tile.
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

// ---- batch_norm --------------------------------------------------------------------------------------------

// y = x * factor + shift would lose digits where the mean is large, so the mean is subtracted first.
void batch_norm(const Real* x, const Real* mean, const Real* variance, const Real* scale, const Real* offset,
                Real epsilon, Real* y, int64_t rows, int64_t channels) {
    alignas(64) Real means[tile], factors[tile], offsets[tile];
    const int64_t width = rows_in_one(channels) * channels, total = rows * channels;
    for (int64_t c0 = 0; c0 < width; c0 += tile) {
        const int64_t size = width - c0 < tile ? width - c0 : tile;
        for (int64_t c = 0; c < size; ++c) {
            const int64_t channel = c0 + c;
            if (channel < channels) {
                const VReal deviation = sqrt(VReal(variance[channel]) + VReal(epsilon));
                means[c] = mean[channel];
                factors[c] = (scale ? scale[channel] : Real(1)) / lane(deviation, 0);
                offsets[c] = offset ? offset[channel] : Real(0);
            } else {
                means[c] = means[c - channels];
                factors[c] = factors[c - channels];
                offsets[c] = offsets[c - channels];
            }
        }
        for (int64_t start = c0; start < total; start += width) {
            const int64_t stop = start + size < total ? start + size : total;
            for (int64_t i = start; i < stop; i += lanes) {
                const int64_t count = stop - i, c = i - start;
                const VReal centered = load(x + i, count) - VReal::load(means + c);
                store(fma(centered, VReal::load(factors + c), VReal::load(offsets + c)), y + i, count);
            }
        }
    }
}

// ---- layer_norm --------------------------------------------------------------------------------------------

// The sum of f(register at i) over a row, in four chains.
template <class F>
LAMINA_INLINE Real sum_row(int64_t n, F f) {
    VReal a(0), b(0), c(0), d(0);
    int64_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
        a = a + f(i, lanes);
        b = b + f(i + lanes, lanes);
        c = c + f(i + 2 * lanes, lanes);
        d = d + f(i + 3 * lanes, lanes);
    }
    for (; i < n; i += lanes) a = a + f(i, n - i);
    return reduce_add((a + b) + (c + d));
}

// What lies behind the row's end counts nothing.
LAMINA_INLINE VReal masked(VReal v, int64_t count) {
    if (count >= lanes) return v;
    Real kept[lanes];
    v.store(kept);
    return VReal::load_partial(kept, count);
}

void layer_norm(const Real* x, const Real* scale, const Real* offset, Real epsilon, Real* y, int64_t rows,
                int64_t n) {
    for (int64_t row = 0; row < rows; ++row, x += n, y += n) {
        const Real size = static_cast<Real>(n);
        const VReal mean(sum_row(n, [&](int64_t i, int64_t count) { return load(x + i, count); }) / size);
        const VReal variance(sum_row(n,
                                     [&](int64_t i, int64_t count) {
                                         const VReal d = masked(load(x + i, count) - mean, count);
                                         return d * d;
                                     }) /
                             size);
        const VReal factor = VReal(1) / sqrt(variance + VReal(epsilon));
        for (int64_t i = 0; i < n; i += lanes) {
            const int64_t count = n - i;
            VReal v = (load(x + i, count) - mean) * factor;
            if (scale) v = v * load(scale + i, count);
            if (offset) v = v + load(offset + i, count);
            store(v, y + i, count);
        }
    }
}

// ---- moments -----------------------------------------------------------------------------------------------

// sums[c] for the columns c in [c0, c1) of the width-wide rows [begin, end) of a flat array that may end
// within the last row: of x, or of the squared distances from center.
template <bool squares>
void sum_columns(const Real* x, const Real* center, Real* sums, int64_t begin, int64_t end, int64_t total,
                 int64_t width, int64_t c0, int64_t c1) {
    constexpr int64_t group = 8;
    for (int64_t c = c0; c < c1; ++c) sums[c] = 0;
    for (int64_t row = begin; row < end;) {
        const int64_t rows = row + group <= end && (row + group) * width <= total ? group : 1;
        for (int64_t c = c0; c < c1; c += lanes) {
            const Real* from = x + row * width + c;
            const int64_t left = total - (row * width + c), count = left < c1 - c ? left : c1 - c;
            if (count <= 0) break;
            const VReal middle = squares ? load(center + c, count) : VReal(0);
            const auto value = [&](int64_t k) {
                const VReal v = load(from + k * width, count) - middle;
                return squares ? v * v : v;
            };
            VReal sum = value(0);
            // Within a group by a tree: fewer roundings, and sums of groups that stay in the first cache.
            if (rows == group)
                sum = ((sum + value(1)) + (value(2) + value(3))) +
                      ((value(4) + value(5)) + (value(6) + value(7)));
            store(load(sums + c, count) + sum, sums + c, count);
        }
        row += rows;
    }
}

// The cut depends on the shape only: chunks of rows of about 16 thousand values, at most 256 rows each.
struct MomentsCut {
    int64_t width, rows, chunk, chunks;

    MomentsCut(int64_t all_rows, int64_t channels) {
        const int64_t together = rows_in_one(channels);
        width = together * channels;
        rows = (all_rows + together - 1) / together;
        chunk = 16384 / width;
        chunk = chunk < 16 ? 16 : chunk > 256 ? 256 : chunk;
        chunks = (rows + chunk - 1) / chunk;
    }
};

// result[channel] = sum over all rows / rows; center has `width` values.
template <bool squares>
void mean_of_columns(const Real* x, const Real* center, Real* partial, Real* result, const MomentsCut& cut,
                     int64_t rows, int64_t channels) {
    const int64_t width = cut.width, tiles = (width + tile - 1) / tile;
    const int64_t unit = cut.chunk * (width < tile ? width : tile);  // values in one piece of work
    parallel_for(cut.chunks * tiles, 32768 / unit + 1, [&](int64_t begin, int64_t end) {
        for (int64_t piece = begin; piece < end; ++piece) {
            const int64_t k = piece / tiles, c0 = piece % tiles * tile;
            const int64_t first = k * cut.chunk, last = first + cut.chunk;
            sum_columns<squares>(x, center, partial + k * width, first, last < cut.rows ? last : cut.rows,
                                 rows * channels, width, c0, c0 + tile < width ? c0 + tile : width);
        }
    });
    // Neighbours are added pairwise.
    for (int64_t step = 1; step < cut.chunks; step *= 2)
        for (int64_t k = 0; k + step < cut.chunks; k += 2 * step) {
            Real* left = partial + k * width;
            const Real* right = left + step * width;
            for (int64_t c = 0; c < width; ++c) left[c] += right[c];
        }
    for (int64_t copies = width / channels; copies > 1; copies /= 2)
        for (int64_t c = 0; c < copies / 2 * channels; ++c) partial[c] += partial[c + copies / 2 * channels];
    for (int64_t c = 0; c < channels; ++c) result[c] = partial[c] / static_cast<Real>(rows);
}

void moments(const Real* x, Real* mean, Real* variance, int64_t rows, int64_t channels) {
    if (channels == 0) return;
    if (rows == 0) {
        for (int64_t c = 0; c < channels; ++c) mean[c] = variance[c] = __builtin_nan("");
        return;
    }
    const MomentsCut cut(rows, channels);
    const size_t bytes = static_cast<size_t>((cut.chunks + 2) * cut.width) * sizeof(Real);
    Real* const partial = static_cast<Real*>(thread_scratch(4, bytes));
    Real* const center = partial + (cut.chunks + 1) * cut.width;
    mean_of_columns<false>(x, nullptr, partial, mean, cut, rows, channels);
    for (int64_t c = 0; c < cut.width; ++c) center[c] = mean[c % channels];
    mean_of_columns<true>(x, center, partial, variance, cut, rows, channels);
}

}  // namespace

void fill_table_norm(Table<Real>& table) {
    table.batch_norm = batch_norm;
    table.layer_norm = layer_norm;
    table.moments = moments;
}

}  // namespace lamina::LAMINA_LEVEL
