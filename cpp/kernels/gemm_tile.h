// The register tile under all contractions: up to tile_rows x tile_columns sums of products, held in
// registers over the whole depth (Goto & van de Geijn, "Anatomy of high-performance matrix multiplication",
// 2008). Every sum is one chain of fma in the order of k, so it does not depend on where tiles are cut.
#pragma once

#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int lanes = VReal::lanes;

// Rows chosen so that tile_rows * tile_vectors sums, the loaded b and one a fill the register file.
#if LAMINA_VECTOR_BYTES == 64
constexpr int tile_rows = 14;
#elif defined(__aarch64__)
constexpr int tile_rows = 12;
#else
constexpr int tile_rows = 6;
#endif
constexpr int tile_vectors = 2;
constexpr int tile_columns = tile_vectors * lanes;

// c[i, j] (rows x columns) = end(sum over runs r and steps p of a[a_run[r] + i * a_row + p * a_step] * b[...]),
// where b advances by b_step with every step, through all runs.
struct Tile {
    const Real* a;
    int64_t a_row, a_step;
    const Real* b;
    int64_t b_step;
    int64_t steps;                // of one run
    int64_t runs;
    const int64_t* a_run;         // null where there is one run
    Real* c;
    int64_t c_row;
    int64_t columns;              // of the last vector, 1..lanes
    bool add;                     // c's content is added to the sum
    const Real* bias;             // null, or one value a column
    const Real* addend;           // null, or added like c
    int64_t addend_row;
};

using TileKernel = void (*)(const Tile& t);

template <int rows, int vectors, bool packed>
LAMINA_INLINE void multiply_tile(const Tile& t, VReal (&sum)[rows][vectors]) {
    const Real* b = t.b;
    const int64_t b_step = t.b_step;
    const int64_t row = packed ? 1 : t.a_row;
    const int64_t step = packed ? rows : t.a_step;
    for (int64_t r = 0; r < t.runs; ++r) {
        const Real* a = t.a_run ? t.a + t.a_run[r] : t.a;
        for (int64_t p = 0; p < t.steps; ++p) {
            VReal y[vectors];
#pragma GCC unroll 4
            for (int j = 0; j < vectors; ++j) y[j] = VReal::load(b + j * lanes);
#pragma GCC unroll 16
            for (int i = 0; i < rows; ++i) {
                const VReal x(a[i * row]);
#pragma GCC unroll 4
                for (int j = 0; j < vectors; ++j) sum[i][j] = fma(x, y[j], sum[i][j]);
            }
            a += step;
            b += b_step;
        }
    }
}

template <int rows, int vectors, bool packed>
void compute_tile(const Tile& t) {
    VReal sum[rows][vectors];
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
        for (int j = 0; j < vectors; ++j) sum[i][j] = VReal(0);
    multiply_tile<rows, vectors, packed>(t, sum);
    // One vector after the other: whole, or its first t.columns lanes.
    auto finish = [&](int i, int j, auto load, auto store) {
        VReal x = sum[i][j];
        Real* c = t.c + i * t.c_row + j * lanes;
        if (t.add) x = x + load(c);
        if (t.bias) x = x + load(t.bias + j * lanes);
        if (t.addend) x = x + load(t.addend + i * t.addend_row + j * lanes);
        store(x, c);
    };
    auto load = [](const Real* p) { return VReal::load(p); };
    auto store = [](VReal x, Real* p) { x.store(p); };
    auto load_last = [&](const Real* p) { return VReal::load_partial(p, t.columns); };
    auto store_last = [&](VReal x, Real* p) { x.store_partial(p, t.columns); };
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
        for (int j = 0; j < vectors; ++j) {
            if (j + 1 < vectors || t.columns == lanes) finish(i, j, load, store);
            else finish(i, j, load_last, store_last);
        }
}

// tile_kernels.at[packed][vectors][rows]; packed: a's rows lie beside each other, its steps `rows` apart.
struct TileKernels {
    TileKernel at[2][tile_vectors + 1][tile_rows + 1] = {};

    constexpr TileKernels() {
        fill<1, tile_rows>();
        fill<2, tile_rows>();
    }

private:
    template <int vectors, int rows>
    constexpr void fill() {
        at[0][vectors][rows] = compute_tile<rows, vectors, false>;
        at[1][vectors][rows] = compute_tile<rows, vectors, true>;
        if constexpr (rows > 1) fill<vectors, rows - 1>();
    }
};
static_assert(tile_vectors == 2);

constexpr TileKernels tile_kernels;

// Cuts n rows into as few tiles as possible, all nearly equal: tile i starts at start(i).
struct RowTiles {
    int64_t tiles, rows, longer;  // the first `longer` tiles have rows + 1

    explicit RowTiles(int64_t n) {
        tiles = (n + tile_rows - 1) / tile_rows;
        rows = tiles > 0 ? n / tiles : 0;
        longer = n - rows * tiles;
    }
    int64_t start(int64_t i) const { return i * rows + (i < longer ? i : longer); }
    int64_t size(int64_t i) const { return rows + (i < longer ? 1 : 0); }
};

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
