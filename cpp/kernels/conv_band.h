// What convolutions read: rows of images, padded with zeros, so that each tap of the filter is one offset.
#pragma once

#include <cstring>

#include "kernels/conv_axis.h"
#include "kernels/gemm_pack.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t most_row_pixels =
    32 * tile_rows;  // longer rows are cut, for the caches and for the threads

// A batch of images and how outputs read them. Its rows are those of the output; long ones are cut to
// `segments` rows each.
struct Source {
    const Real* x;
    int64_t batch, channels;
    Axis h, w;
    int64_t segments;

    Source() = default;
    Source(const Real* images, int64_t count, int64_t values, const Axis& vertical, const Axis& horizontal)
        : x(images), batch(count), channels(values), h(vertical), w(horizontal) {
        segments = max(ceil_div(w.out, most_row_pixels), 1);
    }

    bool is_padded() const { return h.needs_padding() || w.needs_padding(); }
    int64_t rows() const { return batch * h.out * segments; }
    int64_t image(int64_t row) const { return row / segments / h.out; }
    int64_t image_row(int64_t row) const { return row / segments % h.out; }
    int64_t column(int64_t row) const { return row % segments * w.out / segments; }
    int64_t width(int64_t row) const { return (row % segments + 1) * w.out / segments - column(row); }
    int64_t widest() const { return ceil_div(w.out, segments); }
    int64_t pixel(int64_t row) const { return row / segments * w.out + column(row); }
    // Values between vertical neighbours.
    int64_t pitch() const { return (is_padded() ? w.span(widest()) : w.in) * channels; }
};

constexpr int64_t most_band_rows = 64;
constexpr int64_t band_bytes = 192 << 10;  // a padded copy of what a band reads, in L2
constexpr int64_t band_pixels = 512;       // enough for a panel in L1 to pay

int64_t rows_of_band(const Source& s) {
    const int64_t room = band_bytes / static_cast<int64_t>(sizeof(Real)) / (s.pitch() * s.h.stride + 1);
    const int64_t enough = s.segments > 1 ? 1 : ceil_div(band_pixels, s.w.out);
    return max(min(min(room, enough), most_band_rows), 1);
}

// Output rows [first, first + count) of the batch, seen as one image below the other.
struct Band {
    int64_t first, count;
    const Real* base[most_band_rows];  // where the first column's lowest tap reads
    Real* results;                     // where only a part of them is kept in the end: rows of all channels
};

// What `width` outputs from `column` on read of an image's row.
void copy_row(const Source& s, const Real* image, int64_t row, int64_t column, int64_t width, Real* to) {
    const int64_t span = s.w.span(width), low = s.w.low() + column * s.w.stride;
    const int64_t left = min(max(-low, 0), span);
    const int64_t right = min(max(s.w.in - low, left), span);
    const bool exists = row >= 0 && row < s.h.in;
    const int64_t begin = exists ? left : span, end = exists ? right : span;
    const size_t value = static_cast<size_t>(s.channels) * sizeof(Real);
    std::memset(to, 0, static_cast<size_t>(begin) * value);
    if (begin == span) return;
    std::memcpy(to + begin * s.channels, image + (row * s.w.in + low + begin) * s.channels,
                static_cast<size_t>(end - begin) * value);
    std::memset(to + end * s.channels, 0, static_cast<size_t>(span - end) * value);
}

// Finds the rows of band.first.. in place, or copies them with their padding to this thread's scratch.
void open_band(const Source& s, Band& band) {
    const bool padded = s.is_padded();
    const int64_t pitch = s.pitch();
    // Each image in the band brings its own surplus of rows.
    const int64_t images = s.image(band.first + band.count - 1) - s.image(band.first) + 1;
    const int64_t extra = max(s.h.high() - s.h.low() + 1 - s.h.stride, 0);
    Real* to = padded ? scratch(3, (band.count * s.h.stride + images * extra) * pitch) : nullptr;
    for (int64_t i = 0; i < band.count;) {
        const int64_t q = s.image_row(band.first + i), column = s.column(band.first + i);
        const int64_t count = s.segments > 1 ? 1 : min(band.count - i, s.h.out - q);
        const Real* x = s.x + s.image(band.first + i) * s.h.in * s.w.in * s.channels;
        const int64_t row = q * s.h.stride + s.h.low();
        if (!padded) {
            const int64_t low = s.w.low() + column * s.w.stride;
            for (int64_t j = 0; j < count; ++j)
                band.base[i + j] = x + ((row + j * s.h.stride) * s.w.in + low) * s.channels;
        } else {
            for (int64_t j = 0; j < count; ++j) band.base[i + j] = to + j * s.h.stride * pitch;
            const int64_t rows = s.h.span(count);
            const int64_t width = s.width(band.first + i);
            for (int64_t r = 0; r < rows; ++r, to += pitch) copy_row(s, x, row + r, column, width, to);
        }
        i += count;
    }
}

// The taps as runs of values that lie beside each other: whole rows of the filter where it is dense.
struct Runs {
    int64_t count, steps;
    int64_t* offset;  // from a band's base
};

// The runs [first, last) whose rows lie inside of the image.
struct RunRange {
    int64_t first, last;
};

RunRange runs_inside(const Source& s, const Runs& runs, int64_t row) {
    int64_t first = 0, last = s.h.taps;
    while (first < last && row * s.h.stride + s.h.offset[first] < 0) ++first;
    while (last > first && row * s.h.stride + s.h.offset[last - 1] >= s.h.in) --last;
    const int64_t columns = runs.count / max(s.h.taps, 1);
    return {first * columns, last * columns};
}

Runs make_runs(const Source& s, int64_t* offset) {
    Runs r{0, s.w.is_dense() ? s.w.taps * s.channels : s.channels, offset};
    const int64_t columns = s.w.is_dense() ? 1 : s.w.taps;
    for (int64_t i = 0; i < s.h.taps; ++i)
        for (int64_t j = 0; j < columns; ++j)
            offset[r.count++] =
                (s.h.offset[i] - s.h.low()) * s.pitch() + (s.w.offset[j] - s.w.low()) * s.channels;
    return r;
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
