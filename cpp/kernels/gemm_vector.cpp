// Matrix products.
//
// b's columns are packed to panels (or read in place where few rows use them), a's rows to panels of a tile
// (or read in place where that is as fast), both in blocks of the depth that fit the first-level cache; tiles
// of c are cut among the threads. The depth is cut by shape only, hence any number of threads gives the same
// bits.
#include "core/threads.h"
#include "kernels/gemm_dot.h"
#include "kernels/gemm_pack.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t depth_block = 512;              // a panel of a stays in L1, c is seldom read again,
constexpr int64_t row_block = 16;                 // and the panels of a of so many tiles stay in L2
constexpr int64_t packed_b_bytes = 18 << 20;      // what is packed of b at once stays in L3
constexpr int64_t direct_b_rows = 4 * tile_rows;  // fewer rows of a than this do not pay for packing b,
constexpr int64_t direct_b_size = 12 << 10;       // nor does a b that fits L1
constexpr int64_t direct_a_columns = 24 * lanes;  // fewer columns than this do not pay for packing a
constexpr int64_t few_tiles = 16;                 // of rows: all panels of a stay in L2
constexpr int64_t read_flops = 32;                // arithmetic in the time that a value from L2 or L3 takes
constexpr int64_t task_flops = 1 << 20;           // less is not worth a second thread
constexpr int64_t part_depth = 512;               // of a deep product's parts, at least
constexpr int64_t most_parts = 8;
constexpr int64_t deep_result = 1 << 18;  // more sums than these are cut to enough tiles, each over all k

// The product of a (m x k) and some columns of b (k x n), and where its parts lie.
struct Product {
    const Gemm<Real>& g;
    int64_t a_row, a_step;  // a(i, p) = g.a[i * a_row + p * a_step]
    int64_t b_step, b_col;  // b(p, j) = g.b[p * b_step + j * b_col]
    int64_t column, n;      // columns [column, column + n) of b and c
    int64_t blocks;         // of the depth
    int64_t panel_columns;  // of all panels but the last
    bool pack_a, pack_b;
    Real* packed;  // all of b's packed panels, or the last alone

    int64_t block_start(int64_t i) const { return g.k * i / blocks; }
    int64_t block_size(int64_t i) const { return block_start(i + 1) - block_start(i); }
    int64_t panels() const { return ceil_div(n, panel_columns); }
    int64_t columns_of(int64_t j) const { return min(n - j * panel_columns, panel_columns); }
    int64_t width_of(int64_t j) const { return ceil_div(columns_of(j), lanes) * lanes; }
    // Few rows use each value of b: reading it takes the time.
    bool is_bound_by_b() const { return !pack_b && g.m <= 3; }
    bool is_packed(int64_t j) const { return pack_b || (!masks_columns(g.m) && columns_of(j) % lanes != 0); }

    // Panel j of depth block i, in `packed`.
    Real* panel(int64_t i, int64_t j) const {
        if (!pack_b) return packed + block_start(i) * width_of(j);
        const int64_t padded = ceil_div(n, lanes) * lanes;
        return packed + block_start(i) * padded + j * panel_columns * block_size(i);
    }

    int64_t panel_size(int64_t i, int64_t j) const { return block_size(i) * width_of(j); }
    // The packed panel that is read after panel j of block i, of panels [begin, end); behind the last of them
    // that with which this thread's next task most likely begins. Null: none.
    const Real* panel_behind(int64_t i, int64_t j, int64_t begin, int64_t end) const {
        if (!pack_b || !pack_a) return nullptr;
        if (j + 1 < end) return panel(i, j + 1);
        if (i + 1 < blocks) return panel(i + 1, begin);
        return end < panels() ? panel(0, end) : nullptr;
    }

    void pack_panel(int64_t j) const {
        for (int64_t i = 0; i < blocks; ++i) {
            const Real* from = g.b + block_start(i) * b_step + (column + j * panel_columns) * b_col;
            pack_columns({from, b_col, b_step, columns_of(j), block_size(i)}, width_of(j), panel(i, j));
        }
    }
};

// Row tile r of depth block i to its panel of a.
void pack_row_tile(const Product& p, const RowTiles& rows, int64_t r, int64_t i, Real* to) {
    const Real* from = p.g.a + rows.start(r) * p.a_row + p.block_start(i) * p.a_step;
    pack_rows({from, p.a_row, p.a_step, rows.size(r), p.block_size(i)}, to);
}

// Row tiles [first, last) times panels [begin, end). `a_packed`: null, or all panels of a, block after block.
void compute(const Product& p, const RowTiles& rows, int64_t first, int64_t last, int64_t begin, int64_t end,
             Real* a_packed) {
    const Gemm<Real>& g = p.g;
    const Epilogue<Real>& e = g.epilogue;
    const int64_t row = rows.start(first), row_count = rows.start(last) - row;
    Real* own_panels = p.pack_a && !a_packed ? scratch(1, row_count * (ceil_div(g.k, p.blocks))) : nullptr;
    for (int64_t i = 0; i < p.blocks; ++i) {
        const int64_t depth = p.block_start(i), steps = p.block_size(i);
        const Real* a_panels = a_packed ? a_packed + g.m * depth + row * steps : own_panels;
        for (int64_t r = first; r < last && own_panels; ++r)
            pack_row_tile(p, rows, r, i, own_panels + (rows.start(r) - row) * steps);
        const bool done = i + 1 == p.blocks;
        for (int64_t j = begin; j < end; ++j) {
            const int64_t width = p.width_of(j), column = p.column + j * p.panel_columns;
            Tile t;
            t.b = p.is_packed(j) ? p.panel(i, j) : g.b + depth * p.b_step + column;
            t.b_step = p.is_packed(j) ? width : p.b_step;
            t.a_row = p.a_row;
            t.a_step = p.a_step;
            t.steps = steps;
            t.runs = 1;
            t.a_run = nullptr;
            t.c_row = g.c_stride;
            t.columns = p.columns_of(j) - width + lanes;
            t.add = i > 0 || g.accumulate;
            t.bias = done && e.bias ? e.bias + column : nullptr;
            t.addend_row = e.addend_stride;
            t.clamp = done && e.clamps;
            t.low = e.low;
            t.high = e.high;
            const TileKernel* kernels = (p.pack_a ? tile_kernels<true> : tile_kernels<false>)[width / lanes];
            const Real* next = p.panel_behind(i, j, begin, end);
            const int64_t next_size = next ? p.panel_size(i, j) : 0;
            for (int64_t r = first; r < last; ++r) {
                const int64_t start = rows.start(r);
                const int64_t fetched = (r - first) * steps * lanes;
                t.next = fetched < next_size ? next + fetched : nullptr;
                t.a = p.pack_a ? a_panels + (start - row) * steps : g.a + start * p.a_row + depth * p.a_step;
                t.c = g.c + start * g.c_stride + column;
                t.addend = done && e.addend ? e.addend + start * e.addend_stride + column : nullptr;
                kernels[rows.size(r)](t);
            }
        }
    }
    if (e.activation && !e.clamps) {
        const int64_t column = p.column + begin * p.panel_columns;
        const int64_t count = min(end * p.panel_columns, p.n) - begin * p.panel_columns;
        const bool whole = count == g.c_stride;  // rows lie beside each other
        const int64_t pieces = whole ? 1 : row_count, length = whole ? row_count * count : count;
        for (int64_t i = 0; i < pieces; ++i) {
            Real* c = g.c + (row + i) * g.c_stride + column;
            e.activation(c, c, length, e.p, e.q);
        }
    }
}

void pack_panels(const Product& p) {
    parallel_for(p.panels(), ceil_div(1 << 16, p.g.k * p.panel_columns + 1), [&](int64_t begin, int64_t end) {
        for (int64_t j = begin; j < end; ++j) p.pack_panel(j);
    });
}

// Tasks are row tiles; where these are few, panels, whose values are then read once, or row tiles of groups
// of panels, one group after the other.
void multiply_columns(Product& p) {
    const Gemm<Real>& g = p.g;
    const int64_t panels = p.panels();
    if (g.packed_b) {
        p.packed = const_cast<Real*>(g.packed_b);
    } else if (p.pack_b) {
        p.packed = scratch(0, ceil_div(p.n, lanes) * lanes * g.k);
        pack_panels(p);
    } else if (p.is_packed(panels - 1)) {
        p.packed = scratch(0, p.width_of(panels - 1) * g.k);
        p.pack_panel(panels - 1);
    }
    const RowTiles rows(g.m, p.pack_a ? tile_rows : most_rows(g.n));
    const int64_t flops = (p.is_bound_by_b() ? read_flops : 2 * g.m) * p.n * g.k;
    if (p.pack_a && rows.tiles <= few_tiles && panels >= 4 * num_threads()) {
        Real* a_packed = scratch(1, g.m * g.k);
        parallel_for(rows.tiles, ceil_div(1 << 16, tile_rows * g.k + 1), [&](int64_t begin, int64_t end) {
            for (int64_t r = begin; r < end; ++r)
                for (int64_t i = 0; i < p.blocks; ++i)
                    pack_row_tile(p, rows, r, i,
                                  a_packed + g.m * p.block_start(i) + rows.start(r) * p.block_size(i));
        });
        parallel_for(panels, ceil_div(task_flops, flops / panels + 1), [&](int64_t begin, int64_t end) {
            compute(p, rows, 0, rows.tiles, begin, end, a_packed);
        });
        return;
    }
    const int64_t groups = flops < 2 * task_flops ? 1 : min(ceil_div(16 * num_threads(), rows.tiles), panels);
    const int64_t tasks = rows.tiles * groups;
    parallel_for(tasks, ceil_div(task_flops, flops / tasks + 1), [&](int64_t begin, int64_t end) {
        while (begin < end) {
            const int64_t group = begin / rows.tiles, first = begin % rows.tiles;
            const int64_t last = min(min(first + end - begin, rows.tiles), first + row_block);
            compute(p, rows, first, last, panels * group / groups, panels * (group + 1) / groups, nullptr);
            begin += last - first;
        }
    });
}

void gemm(const Gemm<Real>& g);

// One column: its transpose is one row times the transpose of a.
void gemm_one_column(const Gemm<Real>& g) {
    Gemm<Real> t = g;
    t.a = g.b;
    t.a_stride = g.transpose_b ? g.k : g.b_stride;
    t.transpose_a = !g.transpose_b;
    t.b = g.a;
    t.b_stride = g.a_stride;
    t.transpose_b = !g.transpose_a;
    t.m = 1;
    t.n = g.m;
    t.epilogue = {};
    gemm(t);
    const Epilogue<Real>& e = g.epilogue;
    if (e.bias || e.addend) {
        for (int64_t i = 0; i < g.m; ++i) {
            if (e.bias) g.c[i] += e.bias[0];
            if (e.addend) g.c[i] += e.addend[i * e.addend_stride];
        }
    }
    if (e.activation) e.activation(g.c, g.c, g.m, e.p, e.q);
}

void gemm_one_row_transposed(const Gemm<Real>& g) {
    dot_with_rows(g.a, g.transpose_a ? g.a_stride : 1, g.b, g.b_stride, g.c, g.n, g.k, g.accumulate);
    const Epilogue<Real>& e = g.epilogue;
    for (int64_t j = 0; j < g.n; ++j) {
        if (e.bias) g.c[j] += e.bias[j];
        if (e.addend) g.c[j] += e.addend[j];
    }
    if (e.activation) e.activation(g.c, g.c, g.n, e.p, e.q);
}

Product whole_product(const Gemm<Real>& g) {
    Product p{g, 0, 0, 0, 0, 0, g.n, 0, 0, false, false, nullptr};
    p.a_row = g.transpose_a ? 1 : g.a_stride;
    p.a_step = g.transpose_a ? g.a_stride : 1;
    p.b_step = g.transpose_b ? 1 : g.b_stride;
    p.b_col = g.transpose_b ? g.b_stride : 1;
    p.blocks = max(ceil_div(g.k, depth_block), 1);
    p.panel_columns = tile_columns;
    return p;
}

int64_t gemm_packed_size(const Gemm<Real>& g) { return ceil_div(g.n, lanes) * lanes * g.k; }

void gemm_pack(const Gemm<Real>& g, Real* packed) {
    Product p = whole_product(g);
    p.pack_b = true;
    p.packed = packed;
    pack_panels(p);
}

// How many parts the depth is cut to: a small result of a long sum has too few tiles for many threads, and a
// part's panels stay in the second-level cache.
int64_t depth_parts(const Gemm<Real>& g) {
    if (g.m < tile_rows || g.k < 4 * part_depth || g.m * g.n > deep_result) return 1;
    return 2 * g.m * g.n * g.k < 16 * task_flops ? 1 : min(g.k / part_depth, most_parts);
}

// One block may be a product of dots, whose own parts would lie in the same scratch memory.
static_assert(depth_block <= dot_part);

// Each part has sums of its own, which are added in their order.
void multiply_deep(const Gemm<Real>& g, int64_t parts) {
    const int64_t size = g.m * g.n;
    Real* sums = scratch(4, size * parts);
    parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t first = g.k * i / parts, depth = g.k * (i + 1) / parts - first;
            const int64_t blocks = ceil_div(depth, depth_block);
            for (int64_t block = 0; block < blocks; ++block) {
                const int64_t start = first + depth * block / blocks;
                Gemm<Real> part = g;
                part.k = first + depth * (block + 1) / blocks - start;
                part.a += start * (g.transpose_a ? g.a_stride : 1);
                part.b += start * (g.transpose_b ? 1 : g.b_stride);
                part.c = sums + i * size;
                part.c_stride = g.n;
                part.accumulate = block > 0;
                part.epilogue = {};
                gemm(part);
            }
        }
    });
    const Epilogue<Real>& e = g.epilogue;
    parallel_for(g.m, ceil_div(1 << 14, g.n), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            Real* c = g.c + i * g.c_stride;
            for (int64_t j = 0; j < g.n; j += lanes) {
                const int64_t count = min(lanes, g.n - j);
                const auto load = [count](const Real* from) { return VReal::load_partial(from, count); };
                VReal sum = load(sums + i * g.n + j);
                for (int64_t part = 1; part < parts; ++part)
                    sum = sum + load(sums + part * size + i * g.n + j);
                if (g.accumulate) sum = sum + load(c + j);
                if (e.bias) sum = sum + load(e.bias + j);
                if (e.addend) sum = sum + load(e.addend + i * e.addend_stride + j);
                sum.store_partial(c + j, count);
            }
            if (e.activation) e.activation(c, c, g.n, e.p, e.q);
        }
    });
}

void gemm(const Gemm<Real>& g) {
    if (g.m <= 0 || g.n <= 0) return;
    Product p = whole_product(g);
    p.pack_a = g.n >= direct_a_columns || (g.transpose_a && g.n >= 4 * tile_columns);
    if (g.packed_b) {
        p.pack_b = true;
        return multiply_columns(p);
    }
    if (g.n == 1 && g.c_stride == 1 && g.m > 1) return gemm_one_column(g);
    if (g.m == 1 && g.transpose_b) return gemm_one_row_transposed(g);
    if (const int64_t parts = depth_parts(g); parts > 1) return multiply_deep(g, parts);
    p.pack_b = g.transpose_b || (g.m >= direct_b_rows && g.k * g.n > direct_b_size);
    if (!p.pack_b) {
        if (g.m <= 3) {
            p.panel_columns = most_vectors(g.m) * lanes;
            p.pack_a = false;
            // Narrower panels, so that every thread has some.
            while (read_flops * g.n * g.k >= 2 * task_flops && p.panels() < num_threads() &&
                   p.panel_columns > tile_columns)
                p.panel_columns /= 2;
        }
        return multiply_columns(p);
    }
    int64_t most =
        packed_b_bytes / static_cast<int64_t>(sizeof(Real)) / (g.k + 1) / tile_columns * tile_columns;
    most = max(most, 8 * tile_columns);
    const int64_t parts = ceil_div(g.n, most);
    const int64_t part = ceil_div(ceil_div(g.n, parts), tile_columns) * tile_columns;
    for (p.column = 0; p.column < g.n; p.column += part) {
        p.n = min(part, g.n - p.column);
        multiply_columns(p);
    }
}

void gemm_batched(const Gemm<Real>& args, int64_t batch, int64_t a_step, int64_t b_step, int64_t c_step) {
    auto run = [&](int64_t begin, int64_t end) {
        Gemm<Real> g = args;
        for (int64_t i = begin; i < end; ++i) {
            g.a = args.a + i * a_step;
            g.b = args.b + i * b_step;
            g.c = args.c + i * c_step;
            gemm(g);
        }
    };
    // Few large products are cut themselves.
    const int64_t flops = 2 * args.m * args.n * args.k + 1;
    if (batch < 4 * num_threads() && flops > 4 * task_flops) return run(0, batch);
    parallel_for(batch, ceil_div(task_flops, flops), run);
}

}  // namespace

void fill_table_gemm(Table<Real>& t) {
    t.gemm = gemm;
    t.gemm_batched = gemm_batched;
    t.gemm_packed_size = gemm_packed_size;
    t.gemm_pack = gemm_pack;
}

}  // namespace lamina::LAMINA_LEVEL
