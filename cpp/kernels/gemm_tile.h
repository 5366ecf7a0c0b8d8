// The register tile under all contractions: up to tile_rows x tile_columns sums of products, held in
// registers over the whole depth (Goto & van de Geijn, "Anatomy of high-performance matrix multiplication",
// 2008). Every sum is one chain of fma in the order of k, so it does not depend on where tiles are cut.
#pragma once

#include "core/threads.h"
#include "kernels/fetch.h"
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int lanes = VReal::lanes;

LAMINA_INLINE int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
LAMINA_INLINE int64_t max(int64_t a, int64_t b) { return a > b ? a : b; }
LAMINA_INLINE int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

LAMINA_INLINE Real* scratch(int slot, int64_t count) {
    return static_cast<Real*>(thread_scratch(slot, static_cast<size_t>(count) * sizeof(Real)));
}

// Rows chosen so that tile_rows * tile_vectors sums, the loaded b and one a fill the register file.
#if LAMINA_VECTOR_BYTES == 64
constexpr int tile_rows = 14;
#elif defined(__aarch64__)
constexpr int tile_rows = 12;
#else
constexpr int tile_rows = 6;
#endif
constexpr int tile_vectors = 2;
constexpr int tall_rows = LAMINA_VECTOR_BYTES == 64 ? 24 : 12;  // of tiles that are one vector wide
constexpr int tile_columns = tile_vectors * lanes;

// c[i, j] (rows x columns) = end(sum over runs r and steps p of a[a_run[r] + i * a_row + p * a_step] *
// b[...]), where b advances by b_step with every step, through all runs.
struct Tile {
    const Real* a;
    int64_t a_row, a_step;
    const Real* b;
    int64_t b_step;
    int64_t steps;  // of one run
    int64_t runs;
    const int64_t* a_run;  // null where there is one run
    Real* c;
    int64_t c_row;
    int64_t columns;     // that exist of the last vector, 1..lanes
    bool add;            // c's content is added to the sum
    const Real* bias;    // null, or one value a column
    const Real* addend;  // null, or added like c
    int64_t addend_row;
    bool clamp = false;  // to [low, high], as relu and relu6 do
    Real low = 0, high = 0;
    const Real* next = nullptr;  // read soon: packed tiles fetch a vector of it with each step
};

LAMINA_INLINE VReal clamped(VReal x, Real low, Real high) {
    return min_second(VReal(high), max_second(VReal(low), x));
}

using TileKernel = void (*)(const Tile& t);

// Where masked loads cost little, a tile reads no more columns of b than there are: b may be the caller's
// matrix. Elsewhere b must be readable up to whole vectors.
constexpr bool masks_columns(int64_t rows) {
    return LAMINA_VECTOR_BYTES == 64 || (LAMINA_VECTOR_BYTES == 32 && rows <= 3);
}

// The compiler must not see how pointers are related: it would keep one and too many offsets.
LAMINA_INLINE const Real* unrelated(const Real* p) {
    asm("" : "+r"(p));
    return p;
}

template <int rows, int vectors, bool packed>
LAMINA_INLINE void multiply_tile(const Tile& t, VReal (&sum)[rows][vectors]) {
    const Real* b = t.b;
    const int64_t b_step = t.b_step, columns = t.columns;
    const Real* next = t.next ? t.next : b;
    const int64_t row = packed ? 1 : t.a_row;
    const int64_t step = packed ? rows : t.a_step;
    // An address takes a pointer and one or two times `row`: every third row has its own pointer.
    constexpr int group = packed ? rows : 3;
    constexpr int groups = (rows + group - 1) / group;
    for (int64_t r = 0; r < t.runs; ++r) {
        const Real* a[groups];
        a[0] = t.a_run ? t.a + t.a_run[r] : t.a;
#pragma GCC unroll 8
        for (int g = 1; g < groups; ++g) a[g] = unrelated(a[g - 1] + group * row);
        for (int64_t p = 0; p < t.steps; ++p) {
            if (packed) fetch(next), next += lanes;
            VReal y[vectors];
#pragma GCC unroll 8
            for (int j = 0; j < vectors; ++j) {
                if (masks_columns(rows) && j + 1 == vectors)
                    y[j] = VReal::load_partial(b + j * lanes, columns);
                else
                    y[j] = VReal::load(b + j * lanes);
            }
#pragma GCC unroll 32
            for (int i = 0; i < rows; ++i) {
                const VReal x(a[i / group][i % group * row]);
#pragma GCC unroll 8
                for (int j = 0; j < vectors; ++j) sum[i][j] = fma(x, y[j], sum[i][j]);
            }
#pragma GCC unroll 8
            for (int g = 0; g < groups; ++g) a[g] += step;
            b += b_step;
        }
    }
}

template <int rows, int vectors, bool packed>
void compute_tile(const Tile& t) {
    VReal sum[rows][vectors];
#define LAMINA_EACH_SUM                                     \
    _Pragma("GCC unroll 32") for (int i = 0; i < rows; ++i) \
        _Pragma("GCC unroll 8") for (int j = 0; j < vectors; ++j)
    if (packed && t.add) LAMINA_EACH_SUM fetch(t.c + i * t.c_row + j * lanes);
    LAMINA_EACH_SUM sum[i][j] = VReal(0);
    multiply_tile<rows, vectors, packed>(t, sum);
    if (t.columns == lanes) {
        if (t.add) LAMINA_EACH_SUM sum[i][j] = sum[i][j] + VReal::load(t.c + i * t.c_row + j * lanes);
        if (t.bias) LAMINA_EACH_SUM sum[i][j] = sum[i][j] + VReal::load(t.bias + j * lanes);
        if (t.addend)
            LAMINA_EACH_SUM sum[i][j] = sum[i][j] + VReal::load(t.addend + i * t.addend_row + j * lanes);
        if (t.clamp) LAMINA_EACH_SUM sum[i][j] = clamped(sum[i][j], t.low, t.high);
        LAMINA_EACH_SUM sum[i][j].store(t.c + i * t.c_row + j * lanes);
        return;
    }
    Real kept[rows][vectors * lanes];
    LAMINA_EACH_SUM sum[i][j].store(&kept[i][j * lanes]);
#undef LAMINA_EACH_SUM
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < vectors; ++j) {
            const int64_t n = j + 1 < vectors ? lanes : t.columns, column = j * lanes;
            Real* c = t.c + i * t.c_row + column;
            VReal x = VReal::load(&kept[i][column]);
            if (t.add) x = x + VReal::load_partial(c, n);
            if (t.bias) x = x + VReal::load_partial(t.bias + column, n);
            if (t.addend) x = x + VReal::load_partial(t.addend + i * t.addend_row + column, n);
            if (t.clamp) x = clamped(x, t.low, t.high);
            x.store_partial(c, n);
        }
}

// One vector of columns leaves registers for more rows, few rows for more columns.
constexpr int64_t most_rows(int64_t columns) { return columns <= lanes ? tall_rows : tile_rows; }
constexpr int most_vectors(int64_t rows) { return rows == 1 ? 8 : rows <= 3 ? 4 : tile_vectors; }

// tile_kernels<packed>[vectors][rows]; packed: a's rows lie beside each other, its steps `rows` apart.
struct TileKernels {
    TileKernel at[9][tall_rows + 1] = {};
    constexpr const TileKernel* operator[](int64_t vectors) const { return at[vectors]; }
};

template <bool packed, int vectors, int rows>
constexpr void fill_tile_kernels(TileKernels& t) {
    t.at[vectors][rows] = compute_tile<rows, vectors, packed>;
    if constexpr (rows > 1) fill_tile_kernels<packed, vectors, rows - 1>(t);
}

template <bool packed>
constexpr TileKernels all_tile_kernels() {
    static_assert(tile_vectors == 2);
    TileKernels t;
    fill_tile_kernels<packed, 1, packed ? tile_rows : tall_rows>(t);
    fill_tile_kernels<packed, 2, tile_rows>(t);
    if constexpr (!packed) {
        fill_tile_kernels<packed, 3, 3>(t);
        fill_tile_kernels<packed, 4, 3>(t);
        fill_tile_kernels<packed, 5, 1>(t);
        fill_tile_kernels<packed, 6, 1>(t);
        fill_tile_kernels<packed, 7, 1>(t);
        fill_tile_kernels<packed, 8, 1>(t);
    }
    return t;
}

template <bool packed>
constexpr TileKernels tile_kernels = all_tile_kernels<packed>();

// Cuts n rows into as few tiles as possible, all nearly equal: tile i starts at start(i).
struct RowTiles {
    int64_t tiles, rows, longer;  // the first `longer` tiles have rows + 1

    explicit RowTiles(int64_t n, int64_t most = tile_rows) {
        tiles = ceil_div(n, most);
        rows = tiles > 0 ? n / tiles : 0;
        longer = n - rows * tiles;
    }
    int64_t start(int64_t i) const { return i * rows + (i < longer ? i : longer); }
    int64_t size(int64_t i) const { return rows + (i < longer ? 1 : 0); }
};

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
