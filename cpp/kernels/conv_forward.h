// Convolution as a matrix product whose rows are read from the images themselves: pixel i's row starts at a
// fixed step from pixel i - 1's, and the taps are runs at given offsets. The gradient by the input is one
// too, over the output's gradient.
#pragma once

#include "kernels/conv_band.h"
#include "kernels/max_pool.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t conv_task_flops = 1 << 20;  // less is not worth a second thread
constexpr int64_t panel_depth = 288;          // a panel stays in L1; 3 x 3 taps of 32 channels need one

// Windows over the results that lie beside each other, of each of which the largest is kept; the source's
// rows and columns are whole windows.
struct Windows {
    int64_t h = 1, w = 1;

    int64_t count() const { return h * w; }
};

struct Convolution {
    Source source;
    // filter(tap, i, o) = filter[tap * tap_size + i * filter_in + o * filter_out]
    const Real* filter;
    int64_t tap_size, filter_in, filter_out;
    // y(image, row, column, o) = y[image * y_image + row * y_row + column * y_column + o]
    Real* y;
    int64_t out_c, y_image, y_row, y_column;
    const Epilogue<Real>* epilogue;  // null, or y is whole
    const Real* packed;              // null, or all panels of the filter, which is then not read
    Windows windows = {};            // y_row and y_column are those of windows
    int64_t row_pixels = 0;          // of the widest row where there are no windows; 0: of the source's

    int64_t widest() const { return row_pixels > 0 ? row_pixels : source.widest(); }
    // Where the results of the source's row begin.
    Real* place(int64_t row) const {
        return y + source.image(row) * y_image + source.image_row(row) / windows.h * y_row +
               source.column(row) * y_column;
    }
};

// The filter cut into blocks of the depth that fit L1, and into panels of output channels.
struct Panels {
    Runs runs;
    int64_t tile_rows;       // at most
    int64_t out_c, columns;  // of a whole panel
    int64_t parts;           // of a long run
    int64_t blocks;
    Real* packed;

    int64_t panels() const { return ceil_div(out_c, columns); }
    int64_t columns_of(int64_t j) const { return min(out_c - j * columns, columns); }
    int64_t width_of(int64_t j) const { return ceil_div(columns_of(j), lanes) * lanes; }

    struct Block {
        int64_t run, runs;     // which runs,
        int64_t start, steps;  // and which steps of each
        int64_t depth() const { return runs * steps; }
    };
    Block block(int64_t i) const {
        if (parts > 1) {
            const int64_t start = runs.steps * (i % parts) / parts;
            return {i / parts, 1, start, runs.steps * (i % parts + 1) / parts - start};
        }
        const int64_t run = runs.count * i / blocks;
        return {run, runs.count * (i + 1) / blocks - run, 0, runs.steps};
    }
    Real* panel(const Block& b, int64_t j) const {
        const int64_t padded = ceil_div(out_c, lanes) * lanes;
        return packed + (b.run * runs.steps + b.start) * padded + j * columns * b.depth();
    }
};

Panels cut_panels(const Convolution& c, const Runs& runs) {
    const int64_t rows = most_rows(c.out_c);
    const int64_t columns = most_vectors(RowTiles(c.widest(), rows).size(0)) * lanes;
    Panels p{runs, rows, c.out_c, columns, 1, 1, nullptr};
    const int64_t depth = panel_depth * tile_columns / p.columns;
    p.parts = max(ceil_div(runs.steps, depth), 1);
    p.blocks = p.parts > 1 ? runs.count * p.parts : ceil_div(runs.count, max(depth / runs.steps, 1));
    return p;
}

void pack_panel(const Convolution& c, const Panels& p, int64_t j) {
    const Source& s = c.source;
    const int64_t width = p.width_of(j), columns = p.columns_of(j);
    const bool dense = s.w.is_dense();
    for (int64_t i = 0; i < p.blocks; ++i) {
        const Panels::Block b = p.block(i);
        Real* to = p.panel(b, j);
        for (int64_t r = b.run; r < b.run + b.runs; ++r)
            for (int64_t at = b.start; at < b.start + b.steps;) {
                const int64_t row = dense ? r : r / s.w.taps, column = dense ? at / s.channels : r % s.w.taps;
                const int64_t channel = at % s.channels;
                const int64_t steps = min(s.channels - channel, b.start + b.steps - at);
                const int64_t tap = s.h.tap[row] + s.w.tap[column];
                const Real* from =
                    c.filter + tap * c.tap_size + channel * c.filter_in + j * p.columns * c.filter_out;
                pack_columns({from, c.filter_out, c.filter_in, columns, steps}, width, to);
                to += steps * width;
                at += steps;
            }
    }
}

// So many rows of results stay in L2 until the largest of each window is taken.
int64_t rows_of_results(const Convolution& c) {
    const int64_t row = c.source.w.out * c.out_c * static_cast<int64_t>(sizeof(Real));
    return c.windows.count() > 1 ? band_bytes / row : most_band_rows;
}

// Keeps the largest of each window of a band's `results`, of the channels [first, last).
void keep_largest(const Convolution& c, const Band& band, int64_t first, int64_t last) {
    const Source& s = c.source;
    int64_t at[most_taps];
    for (int64_t i = 0; i < c.windows.count(); ++i)
        at[i] = (i / c.windows.w * s.w.out + i % c.windows.w) * c.out_c;
    const int64_t count = s.w.out / c.windows.w, step = c.windows.w * c.out_c;
    for (int64_t i = 0; i < band.count; i += c.windows.h)
        take_largest_of_row(band.results + i * s.w.out * c.out_c + first, step, count, at, c.windows.count(),
                            last - first, c.place(band.first + i) + first, c.out_c, [](int64_t) {});
}

// One band times panels [begin, end).
void convolve_band(const Convolution& c, const Panels& p, const Band& band, int64_t begin, int64_t end) {
    const Source& s = c.source;
    const RowTiles tiles(s.width(band.first), p.tile_rows);  // a band of several rows has whole ones
    const Epilogue<Real> none;
    const Epilogue<Real>& e = c.epilogue ? *c.epilogue : none;
    const bool pools = c.windows.count() > 1;
    auto y_of = [&](int64_t i) {
        return pools ? band.results + i * s.w.out * c.out_c : c.place(band.first + i);
    };
    Tile t;
    t.a_row = s.w.stride * s.channels;
    t.a_step = 1;
    t.c_row = c.y_column;
    t.addend_row = e.addend_stride;
    t.low = e.low;
    t.high = e.high;
    for (int64_t k = 0; k < p.blocks; ++k) {
        const Panels::Block b = p.block(k);
        t.steps = b.steps;
        t.add = k > 0;
        const bool done = k + 1 == p.blocks;
        t.clamp = done && e.clamps;
        for (int64_t j = begin; j < end; ++j) {
            const int64_t width = p.width_of(j), column = j * p.columns;
            const Real* panel = p.panel(b, j);
            t.b_step = width;
            t.columns = p.columns_of(j) - width + lanes;
            t.bias = done && e.bias ? e.bias + column : nullptr;
            const TileKernel* kernels = tile_kernels<false>[width / lanes];
            for (int64_t i = 0; i < band.count; ++i) {
                Real* y = y_of(i) + column;
                // Taps above and below the image are left out.
                const RunRange inside = runs_inside(s, p.runs, s.image_row(band.first + i));
                const int64_t run = min(max(b.run, inside.first), b.run + b.runs);
                t.runs = max(min(b.run + b.runs, inside.last) - run, 0);
                t.a_run = p.runs.offset + run;
                t.b = panel + (run - b.run) * b.steps * width;
                for (int64_t q = 0; q < tiles.tiles; ++q) {
                    const int64_t start = tiles.start(q);
                    t.a = band.base[i] + b.start + start * t.a_row;
                    t.c = y + start * t.c_row;
                    const int64_t pixel = s.pixel(band.first + i) + start;
                    t.addend = done && e.addend ? e.addend + pixel * e.addend_stride + column : nullptr;
                    kernels[tiles.size(q)](t);
                }
            }
        }
    }
    const int64_t column = begin * p.columns, columns = min(end * p.columns, c.out_c) - column;
    if (e.activation && !e.clamps) {
        const bool whole = columns == c.out_c;
        const int64_t pixels = s.width(band.first);
        const int64_t pieces = whole ? 1 : pixels, length = whole ? columns * pixels : columns;
        for (int64_t i = 0; i < band.count; ++i)
            for (int64_t q = 0; q < pieces; ++q) {
                Real* y = y_of(i) + q * c.y_column + column;
                e.activation(y, y, length, e.p, e.q);
            }
    }
    if (pools) keep_largest(c, band, column, column + columns);
}

// Pixels that no tap reaches: without an epilogue.
void fill_zeros(const Convolution& c) {
    const Source& s = c.source;
    for (int64_t i = 0; i < s.rows(); ++i)
        for (int64_t q = 0; q < s.width(i); ++q)
            std::memset(c.place(i) + q * c.y_column, 0, static_cast<size_t>(c.out_c) * sizeof(Real));
}

int64_t packed_size(const Convolution& c) {
    const Source& s = c.source;
    return s.h.taps * s.w.taps * s.channels * (ceil_div(c.out_c, lanes) * lanes);
}

void pack_panels(const Convolution& c, const Panels& p) {
    const int64_t values = p.runs.count * p.runs.steps * p.columns;
    parallel_for(p.panels(), ceil_div(1 << 16, values + 1), [&](int64_t begin, int64_t end) {
        for (int64_t j = begin; j < end; ++j) pack_panel(c, p, j);
    });
}

void pack_filter(const Convolution& c, Real* packed) {
    const int64_t runs = c.source.h.taps * c.source.w.taps;
    auto* offsets = reinterpret_cast<int64_t*>(scratch(2, runs * 2));
    Panels p = cut_panels(c, make_runs(c.source, offsets));
    p.packed = packed;
    pack_panels(c, p);
}

void convolve(const Convolution& c) {
    const Source& s = c.source;
    if (s.rows() == 0 || s.w.out == 0 || c.out_c == 0) return;
    const int64_t runs = s.h.taps * s.w.taps;
    if (runs * s.channels == 0) return fill_zeros(c);
    const int64_t offset_count = ceil_div(runs * 2, 16) * 16;  // int64 in a scratch of Real, kept aligned
    Real* memory = scratch(2, offset_count + (c.packed ? 0 : packed_size(c)));
    Panels p = cut_panels(c, make_runs(s, reinterpret_cast<int64_t*>(memory)));
    if (c.packed) {
        p.packed = const_cast<Real*>(c.packed);
    } else {
        p.packed = memory + offset_count;
        pack_panels(c, p);
    }
    const int64_t panels = p.panels();

    // Tasks are output rows, or rows of windows; where these are few, such rows of groups of panels.
    const int64_t height = c.windows.h, rows = s.rows() / height;
    const int64_t flops = 2 * s.pixel(s.rows()) * c.out_c * runs * s.channels;
    const int64_t groups = flops < 2 * conv_task_flops ? 1 : min(ceil_div(16 * num_threads(), rows), panels);
    const int64_t band_rows = max(min(rows_of_band(s), rows_of_results(c)) / height, 1);
    const int64_t tasks = rows * groups;
    parallel_for(tasks, ceil_div(conv_task_flops, flops / tasks + 1), [&](int64_t begin, int64_t end) {
        while (begin < end) {
            Band band;
            const int64_t group = begin / rows;
            const int64_t row = begin % rows, count = min(min(end - begin, rows - row), band_rows);
            band.first = row * height;
            band.count = count * height;
            open_band(s, band);
            if (c.windows.count() > 1) band.results = scratch(7, band_rows * height * s.w.out * c.out_c);
            convolve_band(c, p, band, panels * group / groups, panels * (group + 1) / groups);
            begin += count;
        }
    });
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
