// Reductions of contiguous runs and of columns, and the places of extremes.
//
// The order of additions depends on n only: blocks of 4096 values, eight registers of partial sums in each,
// and the blocks' sums added pairwise, so that the error grows with the logarithm of n. Of columns, eight
// rows are added pairwise, and the blocks of rows by the caller.
#include "kernels/fetch.h"
#include "kernels/softmax.h"
#include "kernels/table.h"
#include "simd/vec_fold.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int lanes = VReal::lanes;
constexpr Real infinity = __builtin_inf();

// ---- operations: `join` is commutative, `take` adds a new value --------------------------------------------

struct Sum {
    static constexpr Real start = 0;
    static LAMINA_INLINE VReal of(VReal x) { return x; }
    static LAMINA_INLINE VReal join(VReal a, VReal b) { return a + b; }
    static LAMINA_INLINE VReal take(VReal total, VReal x) { return total + x; }
};

struct Product {
    static constexpr Real start = 1;
    static LAMINA_INLINE VReal join(VReal a, VReal b) { return a * b; }
    static LAMINA_INLINE VReal take(VReal total, VReal x) { return total * x; }
};

struct Max {
    static constexpr Real start = -infinity;
    static LAMINA_INLINE VReal join(VReal a, VReal b) { return max(a, b); }
    static LAMINA_INLINE VReal take(VReal total, VReal x) { return max(total, x); }
};

struct Min {
    static constexpr Real start = infinity;
    static LAMINA_INLINE VReal join(VReal a, VReal b) { return min(a, b); }
    static LAMINA_INLINE VReal take(VReal total, VReal x) { return min(total, x); }
};

struct SumOfSquares {
    static constexpr Real start = 0;
    static LAMINA_INLINE VReal of(VReal x) { return x * x; }
    static LAMINA_INLINE VReal join(VReal a, VReal b) { return a + b; }
    static LAMINA_INLINE VReal take(VReal total, VReal x) { return fma(x, x, total); }
};

// ---- one run -----------------------------------------------------------------------------------------------

// What comes this many values later is fetched meanwhile, a line at a time: CPUs foresee no further than a
// page, and hardly that where values cross lines, as in rows of odd lengths.
constexpr int64_t ahead = 2048, fetched_from = 1024;

template <class Op>
Real reduce_block(const Real* x, int64_t n) {
    const auto join = [](VReal a, VReal b) { return Op::join(a, b); };
    const auto load = [&x](int k) { return VReal::load(x + k * lanes); };
    constexpr int64_t step = 8 * lanes;
    const VReal start(Op::start);
    VReal total = start;
    if (n >= step) {
        // Eight chains, by name, since compilers keep an array of them in memory.
        VReal t0 = start, t1 = start, t2 = start, t3 = start, t4 = start, t5 = start, t6 = start, t7 = start;
        const bool fetches = n >= fetched_from;
        for (; n >= step; n -= step, x += step) {
            if (fetches) fetch_values<1>(x + ahead, step);
            t0 = Op::take(t0, load(0)), t1 = Op::take(t1, load(1));
            t2 = Op::take(t2, load(2)), t3 = Op::take(t3, load(3));
            t4 = Op::take(t4, load(4)), t5 = Op::take(t5, load(5));
            t6 = Op::take(t6, load(6)), t7 = Op::take(t7, load(7));
        }
        total = join(join(join(t0, t1), join(t2, t3)), join(join(t4, t5), join(t6, t7)));
    }
    VReal rest = start;
    for (; n >= lanes; n -= lanes, x += lanes) rest = Op::take(rest, load(0));
    if (n > 0) total = select(first_lanes(n), Op::take(total, VReal::load_partial(x, n)), total);
    return fold_lanes(join(total, rest), join);
}

template <class Op>
Real reduce_run(const Real* x, int64_t n) {
    constexpr int64_t block = 4096;
    if (n <= block) return reduce_block<Op>(x, n);
    // As in binary counting: a total of 2^k blocks waits for its neighbour of the same size.
    Real waiting[64];
    int depth = 0;
    const auto join = [](Real a, Real b) { return lane(Op::join(VReal(a), VReal(b)), 0); };
    for (int64_t b = 0; b * block < n; ++b) {
        const int64_t rest = n - b * block;
        Real total = reduce_block<Op>(x + b * block, rest < block ? rest : block);
        for (int64_t carry = b; carry & 1; carry >>= 1) total = join(waiting[--depth], total);
        waiting[depth++] = total;
    }
    Real total = waiting[--depth];
    while (depth > 0) total = join(waiting[--depth], total);
    return total;
}

// ---- columns -----------------------------------------------------------------------------------------------

constexpr int64_t group = 8;

// Whether the order of additions matters to the error; `of(x)` is then the sum of one value.
template <class Op>
concept Adds = requires(VReal x) { Op::of(x); };

// Eight rows more, `load(k)` being values of row k: sums are added pairwise.
template <class Op, class Load>
LAMINA_INLINE VReal take_group(VReal total, Load load) {
    if constexpr (Adds<Op>) {
        const VReal a = Op::join(Op::take(Op::of(load(0)), load(1)), Op::take(Op::of(load(2)), load(3)));
        const VReal b = Op::join(Op::take(Op::of(load(4)), load(5)), Op::take(Op::of(load(6)), load(7)));
        return Op::join(total, Op::join(a, b));
    } else {
        for (int64_t k = 0; k < group; ++k) total = Op::take(total, load(k));
        return total;
    }
}

// Eight rows for each pass over y, which stays in the first cache for 4096 columns. The next eight of long
// rows are fetched meanwhile: so many streams are more than CPUs foresee.
template <class Op>
void reduce_columns(const Real* x, Real* y, int64_t n, int64_t columns, int64_t row_step) {
    constexpr int64_t tile = 4096, long_row = 1024;
    const int64_t full = columns / lanes * lanes;
    for (int64_t j0 = 0; j0 < full; j0 += tile) {
        const int64_t j1 = j0 + tile < full ? j0 + tile : full;
        int64_t i = 0;
        for (; i + group <= n; i += group) {
            const bool fetches = row_step >= long_row && i + 2 * group <= n;
            for (int64_t j = j0; j < j1; j += lanes) {
                const auto load = [&](int64_t k) {
                    const Real* at = x + (i + k) * row_step + j;
                    if (fetches) fetch(at + group * row_step);
                    return VReal::load(at);
                };
                take_group<Op>(VReal::load(y + j), load).store(y + j);
            }
        }
        for (; i < n; ++i)
            for (int64_t j = j0; j < j1; j += lanes)
                Op::take(VReal::load(y + j), VReal::load(x + i * row_step + j)).store(y + j);
    }
    if (full == columns) return;
    // The last columns: whole registers are read, into the next row, as long as there is one.
    const int64_t rest = columns - full, end = (n - 1) * row_step + columns;
    const auto from = [&](int64_t row) { return x + row * row_step + full; };
    VReal total = VReal::load_partial(y + full, rest);
    int64_t i = 0;
    for (; i + group <= n && (i + group - 1) * row_step + full + lanes <= end; i += group)
        total = take_group<Op>(total, [&](int64_t k) { return VReal::load(from(i + k)); });
    for (; i < n; ++i) total = Op::take(total, VReal::load_partial(from(i), rest));
    total.store_partial(y + full, rest);
}

// ---- places of extremes ------------------------------------------------------------------------------------

// `pick(x, best)` is the better one, and best where x is NaN.
template <class Pick>
LAMINA_INLINE int64_t arg_extreme(const Real* x, int64_t n, Real worst, Pick pick) {
    VReal b0(worst), b1 = b0, b2 = b0, b3 = b0;
    int64_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
        if (n >= fetched_from) fetch_values<1>(x + i + ahead, 4 * lanes);
        b0 = pick(VReal::load(x + i), b0), b1 = pick(VReal::load(x + i + lanes), b1);
        b2 = pick(VReal::load(x + i + 2 * lanes), b2), b3 = pick(VReal::load(x + i + 3 * lanes), b3);
    }
    b0 = pick(pick(b0, b1), pick(b2, b3));
    for (; i + lanes <= n; i += lanes) b0 = pick(VReal::load(x + i), b0);
    if (i < n) b0 = pick(load_filled(x + i, n - i, VReal(worst)), b0);
    const Real extreme = fold_lanes(b0, pick);
    for (i = 0; i + lanes <= n; i += lanes)
        if (any(VReal::load(x + i) == VReal(extreme))) break;
    for (; i < n; ++i)
        if (x[i] == extreme) return i;
    return 0;
}

int64_t arg_max(const Real* x, int64_t n) {
    return arg_extreme(x, n, -infinity, [](VReal a, VReal b) { return max_second(a, b); });
}

int64_t arg_min(const Real* x, int64_t n) {
    return arg_extreme(x, n, infinity, [](VReal a, VReal b) { return min_second(a, b); });
}

int64_t first_above(const Real* x, int64_t n, Real bound) {
    const VReal limit(bound);
    int64_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
        const Mask low = (VReal::load(x + i) <= limit) & (VReal::load(x + i + lanes) <= limit) &
                         (VReal::load(x + i + 2 * lanes) <= limit) &
                         (VReal::load(x + i + 3 * lanes) <= limit);
        if (any(~low)) break;
    }
    while (i < n && x[i] <= bound) ++i;
    return i;
}

}  // namespace

void fill_table_reduce(Table<Real>& table) {
    const auto set = [&table](Reduce op, ReduceRun<Real> run, ReduceColumns<Real> columns) {
        table.reduce_run[static_cast<int>(op)] = run;
        table.reduce_columns[static_cast<int>(op)] = columns;
    };
    set(Reduce::sum, reduce_run<Sum>, reduce_columns<Sum>);
    set(Reduce::prod, reduce_run<Product>, reduce_columns<Product>);
    set(Reduce::max, reduce_run<Max>, reduce_columns<Max>);
    set(Reduce::min, reduce_run<Min>, reduce_columns<Min>);
    set(Reduce::sum_of_squares, reduce_run<SumOfSquares>, reduce_columns<SumOfSquares>);
    table.arg_max = arg_max;
    table.arg_min = arg_min;
    table.first_above = first_above;
    table.softmax = softmax;
    table.log_softmax = log_softmax;
    table.log_sum_exp = log_sum_exp;
    table.softmax_grad = softmax_grad;
    table.log_softmax_grad = log_softmax_grad;
    table.softmax_cross_entropy = softmax_cross_entropy;
}

}  // namespace lamina::LAMINA_LEVEL
