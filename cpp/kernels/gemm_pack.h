// Packing: operands are copied to panels in which a register tile reads one step after the other.
#pragma once

#include "kernels/gemm_tile.h"
#include "simd/transpose.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// A panel is [steps][width]: to[p * width + i] = from[i * row + p * step]. One of row and step is 1.
// Lanes that lie behind `count` and before `width` become zero.
struct Panel {
    const Real* from;
    int64_t row, step;
    int64_t count;  // rows that exist, at most width
    int64_t steps;
};

// Rows lie beside each other: each step is a copy. width is a multiple of lanes.
LAMINA_INLINE void copy_panel(const Panel& p, int64_t width, Real* to) {
    const Real* from = p.from;
    if (p.count == width) {
        for (int64_t s = 0; s < p.steps; ++s, from += p.step, to += width)
            for (int64_t i = 0; i < width; i += lanes) VReal::load(from + i).store(to + i);
        return;
    }
    const int64_t whole = p.count / lanes * lanes;
    for (int64_t s = 0; s < p.steps; ++s, from += p.step, to += width) {
        for (int64_t i = 0; i < whole; i += lanes) VReal::load(from + i).store(to + i);
        for (int64_t i = whole; i < width; i += lanes)
            VReal::load_partial(from + i, i < p.count ? p.count - i : 0).store(to + i);
    }
}

// Steps lie beside each other: squares are transposed on the way. width is a multiple of lanes.
LAMINA_INLINE void transpose_panel(const Panel& p, int64_t width, Real* to) {
    for (int64_t i = 0; i < width; i += lanes) {
        const int64_t count = p.count - i < lanes ? p.count - i : lanes;
        const Real* from = p.from + i * p.row;
        for (int64_t s = 0; s < p.steps; s += lanes) {
            const int64_t n = p.steps - s < lanes ? p.steps - s : lanes;
            VReal r[lanes];
            if (n == lanes && count == lanes) {
#pragma GCC unroll 16
                for (int j = 0; j < lanes; ++j) r[j] = VReal::load(from + j * p.row + s);
            } else {
                for (int j = 0; j < lanes; ++j)
                    r[j] = j < count ? VReal::load_partial(from + j * p.row + s, n) : VReal(0);
            }
            transpose(r);
            if (n == lanes) {
#pragma GCC unroll 16
                for (int j = 0; j < lanes; ++j) r[j].store(to + (s + j) * width + i);
            } else {
                for (int j = 0; j < n; ++j) r[j].store(to + (s + j) * width + i);
            }
        }
    }
}

// A panel of whole vectors: columns of b.
inline void pack_columns(const Panel& p, int64_t width, Real* to) {
    if (p.row != 1)
        transpose_panel(p, width, to);
    else if (width == tile_columns)
        copy_panel(p, tile_columns, to);
    else
        copy_panel(p, width, to);
}

// A panel of p.count <= tile_rows values a step: rows of a. Whole vectors are loaded and stored; what they
// hold too much is overwritten by the next step, except near the end.
inline void pack_rows(const Panel& p, Real* to) {
    constexpr int64_t vectors = (tile_rows + lanes - 1) / lanes;
    const int64_t width = p.count;
    const int64_t used = (width + lanes - 1) / lanes;
    const int64_t surplus = used * lanes - width;
    const int64_t safe = p.steps - (surplus + width - 1) / width;  // steps before it may be stored whole
    if (p.row == 1) {
        // Whole loads must end before the last step's last value.
        const int64_t last = p.steps - 1 - (surplus + p.step - 1) / p.step;
        const int64_t whole = last < safe ? last : safe;
        const Real* from = p.from;
        int64_t s = 0;
        for (; s < whole; ++s, from += p.step, to += width) {
#pragma GCC unroll 4
            for (int64_t i = 0; i < vectors; ++i)
                if (i < used) VReal::load(from + i * lanes).store(to + i * lanes);
        }
        for (; s < p.steps; ++s, from += p.step, to += width)
            for (int64_t i = 0; i < width; ++i) to[i] = from[i];
        return;
    }
    for (int64_t s = 0; s < p.steps; s += lanes) {
        const int64_t n = p.steps - s < lanes ? p.steps - s : lanes;
        VReal r[vectors][lanes];
#pragma GCC unroll 4
        for (int64_t i = 0; i < vectors; ++i) {
#pragma GCC unroll 16
            for (int64_t j = 0; j < lanes; ++j) {
                const Real* from = p.from + (i * lanes + j) * p.row + s;
                if (i * lanes + j >= width)
                    r[i][j] = VReal(0);
                else
                    r[i][j] = n == lanes ? VReal::load(from) : VReal::load_partial(from, n);
            }
            transpose(r[i]);
        }
        if (s + lanes <= safe) {
#pragma GCC unroll 16
            for (int64_t j = 0; j < lanes; ++j)
#pragma GCC unroll 4
                for (int64_t i = 0; i < vectors; ++i)
                    if (i < used) r[i][j].store(to + (s + j) * width + i * lanes);
        } else {
            for (int64_t j = 0; j < n; ++j)
                for (int64_t i = 0; i < used; ++i) {
                    const int64_t count = width - i * lanes;
                    r[i][j].store_partial(to + (s + j) * width + i * lanes, count < lanes ? count : lanes);
                }
        }
    }
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
