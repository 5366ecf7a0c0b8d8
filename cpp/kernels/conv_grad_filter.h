// The gradient of a convolution by its filter: for every tap, the transposed images times the output's
// gradient, over all pixels. The batch is cut into parts by shape only; their sums are added in order.
#pragma once

#include "kernels/conv_band.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t most_parts = 16;
constexpr int64_t part_pixels = 512;      // fewer do not pay for one more sum to add
constexpr int64_t parts_bytes = 8 << 20;  // all sums together
constexpr int64_t grad_task_flops = 1 << 20;

struct FilterGradient {
    Source source;
    Runs runs;
    const Real* dy;
    int64_t out_c;
    int64_t columns;  // of a panel of dy
    RowTiles tiles;   // of a run's steps, which are the rows of the result
    bool pack;        // dy's panels, where many tiles read them

    int64_t panels() const { return ceil_div(out_c, columns); }
    int64_t columns_of(int64_t j) const { return min(out_c - j * columns, columns); }
    int64_t width_of(int64_t j) const { return ceil_div(columns_of(j), lanes) * lanes; }
    int64_t units() const { return runs.count * tiles.tiles; }
};

// Adds the products of some pixels, those of band rows [row, row + rows) and columns [start, start + steps),
// to row tiles [first, last) of the result. `packed` holds dy's panels for the band's pixels.
void add_pixels(const FilterGradient& g, const Band& band, int64_t row, int64_t rows, int64_t start,
                int64_t steps, const Real* packed, Real* sum, bool add, int64_t first, int64_t last) {
    const Source& s = g.source;
    int64_t offset[most_band_rows];
    for (int64_t i = 0; i < rows; ++i) offset[i] = band.base[row + i] - band.base[row];
    Tile t;
    t.a_row = 1;
    t.a_step = s.w.stride * s.channels;
    t.steps = steps;
    t.runs = rows;
    t.a_run = offset;
    t.c_row = g.out_c;
    t.add = add;
    t.bias = t.addend = nullptr;
    t.addend_row = 0;
    const int64_t before = s.pixel(band.first), pixels = s.pixel(band.first + band.count) - before;
    const int64_t pixel = s.pixel(band.first + row) - before + start;
    for (int64_t j = 0; j < g.panels(); ++j) {
        const int64_t width = g.width_of(j);
        if (g.pack) {
            t.b = packed + pixels * j * g.columns + pixel * width;
            t.b_step = width;
        } else {
            t.b = g.dy + (before + pixel) * g.out_c + j * g.columns;
            t.b_step = g.out_c;
        }
        t.columns = g.columns_of(j) - width + lanes;
        const TileKernel* kernels = tile_kernels<false>[width / lanes];
        for (int64_t u = first; u < last; ++u) {
            const int64_t run = u / g.tiles.tiles, tile = u % g.tiles.tiles;
            t.a = band.base[row] + start * t.a_step + g.runs.offset[run] + g.tiles.start(tile);
            t.c = sum + (run * g.runs.steps + g.tiles.start(tile)) * g.out_c + j * g.columns;
            kernels[g.tiles.size(tile)](t);
        }
    }
}

// Sums the output rows [begin, end) into row tiles [first, last) of the result.
void sum_rows(const FilterGradient& g, int64_t begin, int64_t end, Real* sum, int64_t first, int64_t last) {
    const Source& s = g.source;
    const int64_t block = 256 * tile_columns / g.columns;  // pixels whose panel of dy stays in L1
    const int64_t band_rows = rows_of_band(s), block_rows = max(block / s.widest(), 1);
    const int64_t pieces = ceil_div(s.widest(), 2 * block);
    bool add = false;
    Band band;
    for (band.first = begin; band.first < end; band.first += band.count) {
        band.count = min(end - band.first, band_rows);
        open_band(s, band);
        const int64_t before = s.pixel(band.first), pixels = s.pixel(band.first + band.count) - before;
        const int64_t width = s.width(band.first);
        Real* packed = g.pack ? scratch(7, pixels * ceil_div(g.out_c, lanes) * lanes) : nullptr;
        for (int64_t j = 0; j < g.panels() && g.pack; ++j) {
            const Real* from = g.dy + before * g.out_c + j * g.columns;
            pack_columns({from, 1, g.out_c, g.columns_of(j), pixels}, g.width_of(j),
                         packed + pixels * j * g.columns);
        }
        for (int64_t row = 0; row < band.count; row += block_rows)
            for (int64_t i = 0; i < pieces; ++i) {
                const int64_t start = width * i / pieces, steps = width * (i + 1) / pieces - start;
                add_pixels(g, band, row, min(band.count - row, block_rows), start, steps, packed, sum, add,
                           first, last);
                add = true;
            }
    }
}

void filter_gradient(const Source& s, const Real* dy, int64_t out_c, Real* result) {
    const int64_t runs = s.h.taps * s.w.taps;
    const int64_t size = runs * s.channels * out_c;
    if (size == 0) return;
    const int64_t rows = s.rows(), pixels = s.pixel(rows);
    if (pixels == 0) {
        std::memset(result, 0, static_cast<size_t>(size) * sizeof(Real));
        return;
    }
    const int64_t room = parts_bytes / static_cast<int64_t>(sizeof(Real)) / size;
    const int64_t parts = max(min(min(min(room, most_parts), pixels / part_pixels), rows), 1);

    const int64_t offset_count = ceil_div(runs * 2, 16) * 16;  // int64 in a scratch of Real, kept aligned
    Real* memory = scratch(2, offset_count + (parts - 1) * size);
    Real* sums = memory + offset_count;
    const Runs r = make_runs(s, reinterpret_cast<int64_t*>(memory));
    FilterGradient g{s, r, dy, out_c, 0, RowTiles(r.steps, most_rows(out_c)), false};
    const int64_t tile = g.tiles.size(0);
    g.columns = most_vectors(tile) * lanes;
    g.pack = (g.units() >= 8 && out_c > g.columns) || (!masks_columns(tile) && out_c % lanes != 0);

    // With few parts, also the rows of the result are cut.
    const int64_t flops = 2 * pixels * size;
    const int64_t cuts = flops < 2 * grad_task_flops ? 1 : min(ceil_div(8 * num_threads(), parts), g.units());
    const int64_t tasks = parts * cuts;
    parallel_for(tasks, ceil_div(grad_task_flops, flops / tasks + 1), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t part = i / cuts, cut = i % cuts;
            Real* sum = part == 0 ? result : sums + (part - 1) * size;
            sum_rows(g, rows * part / parts, rows * (part + 1) / parts, sum, g.units() * cut / cuts,
                     g.units() * (cut + 1) / cuts);
        }
    });
    if (parts == 1) return;
    parallel_for(ceil_div(size, lanes), 1 << 12, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin * lanes; i < end * lanes; i += lanes) {
            const int64_t n = min(size - i, lanes);
            VReal total = VReal::load_partial(result + i, n);
            for (int64_t p = 0; p < parts - 1; ++p)
                total = total + VReal::load_partial(sums + p * size + i, n);
            total.store_partial(result + i, n);
        }
    });
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
