// One step of an LSTM for one row, and back through it.
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t lanes = VReal::lanes;

// Values of a row from the place that a loop has reached; the last register may be partly filled.
struct At {
    int64_t i, count;
    LAMINA_INLINE VReal get(const Real* p) const {
        return count == lanes ? VReal::load(p + i) : VReal::load_partial(p + i, count);
    }
    LAMINA_INLINE void set(Real* p, VReal v) const {
        if (count == lanes)
            v.store(p + i);
        else
            v.store_partial(p + i, count);
    }
};

template <class F>
LAMINA_INLINE void each_register(int64_t n, F f) {
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) f(At{i, lanes});
    if (i < n) f(At{i, n - i});
}

LAMINA_INLINE void activate(UnaryKernel<Real> f, const Real* x, Real* y, int64_t n) {
    if (f)
        f(x, y, n, Real(0), Real(0));
    else if (x != y)
        each_register(n, [&](At at) { at.set(y, at.get(x)); });
}

LAMINA_INLINE void multiply_by_slope(SlopeKernel<Real> slope, Real* d, const Real* y, int64_t n) {
    if (slope) slope(d, y, d, n, Real(0));
}

void lstm_cell(const Real* sums, const Real* c_before, Real* gates, Real* h, int64_t u,
               UnaryKernel<Real> activation, UnaryKernel<Real> recurrent) {
    const Real *in = gates, *forget = gates + u, *candidate = gates + 2 * u, *out = gates + 3 * u;
    Real* cell = gates + 4 * u;
    activate(recurrent, sums, gates, 2 * u);
    activate(activation, sums + 2 * u, gates + 2 * u, u);
    activate(recurrent, sums + 3 * u, gates + 3 * u, u);
    each_register(
        u, [&](At at) { at.set(cell, at.get(forget) * at.get(c_before) + at.get(in) * at.get(candidate)); });
    activate(activation, cell, h, u);
    each_register(u, [&](At at) { at.set(h, at.get(h) * at.get(out)); });
}

// Until the end, dz's part of o holds what the activation made of the cell.
void lstm_cell_grad(const Real* gates, const Real* c_before, Real* dz, Real* dh, Real* dc, int64_t u,
                    UnaryKernel<Real> activation, SlopeKernel<Real> slope,
                    SlopeKernel<Real> recurrent_slope) {
    const Real *in = gates, *forget = gates + u, *candidate = gates + 2 * u, *out = gates + 3 * u;
    Real *d_in = dz, *d_forget = dz + u, *d_candidate = dz + 2 * u, *d_out = dz + 3 * u;
    activate(activation, gates + 4 * u, d_out, u);
    // The part of dc that comes through h.
    each_register(u, [&](At at) { at.set(d_candidate, at.get(dh) * at.get(out)); });
    multiply_by_slope(slope, d_candidate, d_out, u);
    each_register(u, [&](At at) {
        const VReal d = at.get(dc) + at.get(d_candidate);
        at.set(d_in, d * at.get(candidate));
        at.set(d_forget, d * at.get(c_before));
        at.set(d_candidate, d * at.get(in));
        at.set(d_out, at.get(dh) * at.get(d_out));
        at.set(dc, d * at.get(forget));
        at.set(dh, VReal(0));
    });
    multiply_by_slope(recurrent_slope, dz, gates, 2 * u);
    multiply_by_slope(slope, d_candidate, candidate, u);
    multiply_by_slope(recurrent_slope, d_out, out, u);
}

}  // namespace

void fill_table_lstm(Table<Real>& t) {
    t.lstm_cell = lstm_cell;
    t.lstm_cell_grad = lstm_cell_grad;
}

}  // namespace lamina::LAMINA_LEVEL
