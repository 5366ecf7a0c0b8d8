// The softmax family, row by row; part of reduce.cpp.
#pragma once

#include "simd/vec_fold.h"
#include "simd/vec_math.h"

namespace lamina::LAMINA_LEVEL {
namespace {

LAMINA_INLINE VReal larger(VReal a, VReal b) { return max_second(a, b); }

// f(offset, count) for each register of a row; count is VReal::lanes but for the last.
template <class F>
LAMINA_INLINE void each_register(int64_t n, F f) {
    constexpr int lanes = VReal::lanes;
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) f(i, lanes);
    if (i < n) f(i, n - i);
}

LAMINA_INLINE VReal load_row(const Real* p, int64_t count, Real fill) {
    return count == VReal::lanes ? VReal::load(p) : load_filled(p, count, VReal(fill));
}

LAMINA_INLINE void store_row(VReal v, Real* p, int64_t count) {
    if (count == VReal::lanes)
        v.store(p);
    else
        v.store_partial(p, count);
}

constexpr Real lowest = -__builtin_inf();

// NaN is passed over here; it comes through the exponentials.
LAMINA_INLINE Real row_max(const Real* x, int64_t n) {
    constexpr int lanes = VReal::lanes;
    VReal b0(lowest), b1 = b0, b2 = b0, b3 = b0;
    int64_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
        b0 = larger(VReal::load(x + i), b0), b1 = larger(VReal::load(x + i + lanes), b1);
        b2 = larger(VReal::load(x + i + 2 * lanes), b2), b3 = larger(VReal::load(x + i + 3 * lanes), b3);
    }
    b0 = larger(larger(b0, b1), larger(b2, b3));
    each_register(n - i,
                  [&](int64_t at, int64_t count) { b0 = larger(load_row(x + i + at, count, lowest), b0); });
    return fold_lanes(b0, larger);
}

// The sum of e^(x - shift); visit(offset, count, x - shift, e^(x - shift)) sees the parts. Lanes beyond a row
// are -inf.
template <class F>
LAMINA_INLINE Real sum_exponentials(const Real* x, int64_t n, Real shift, F visit) {
    VReal sum(0), carried(0);
    each_register(n, [&](int64_t i, int64_t count) {
        const VReal shifted = load_row(x + i, count, lowest) - VReal(shift);
        const VReal e = count == VReal::lanes
                            ? exp_nonpositive(shifted)
                            : select(first_lanes(count), exp_nonpositive(shifted), VReal(0));
        visit(i, count, shifted, e);
        // Two chains that take turns.
        const VReal next = carried + e;
        carried = sum;
        sum = next;
    });
    return sum_lanes(sum + carried);
}

LAMINA_INLINE Real log_of(Real x) { return lane(log(VReal(x)), 0); }

// A row of at most four registers, which stays there.
template <int size>
struct ShortRow {
    VReal r[size];
    int64_t rest;  // values in the last register

    // Lanes beyond the row hold `fill`.
    LAMINA_INLINE ShortRow(const Real* p, int64_t n, Real fill) : rest(n - (size - 1) * VReal::lanes) {
        for (int k = 0; k < size - 1; ++k) r[k] = VReal::load(p + k * VReal::lanes);
        r[size - 1] = load_row(p + (size - 1) * VReal::lanes, rest, fill);
    }

    LAMINA_INLINE void store(Real* p) const {
        for (int k = 0; k < size - 1; ++k) r[k].store(p + k * VReal::lanes);
        store_row(r[size - 1], p + (size - 1) * VReal::lanes, rest);
    }

    template <class F>
    LAMINA_INLINE void change(F f) {
        for (int k = 0; k < size; ++k) r[k] = f(r[k]);
    }

    // e^(x - shift), and 0 beyond the row.
    LAMINA_INLINE void exponentiate(VReal shift) {
        change([&](VReal a) { return exp_nonpositive(a - shift); });
        r[size - 1] = select(first_lanes(rest), r[size - 1], VReal(0));
    }

    template <class F>
    LAMINA_INLINE Real fold(F f) const {
        VReal all = r[0];
        for (int k = 1; k < size; ++k) all = f(all, r[k]);
        return fold_lanes(all, f);
    }
};

LAMINA_INLINE VReal plus(VReal a, VReal b) { return a + b; }

// Calls f.operator()<size> for a row of `size` registers, if that is short.
template <class F>
LAMINA_INLINE bool if_short(int64_t n, F f) {
    switch ((n + VReal::lanes - 1) / VReal::lanes) {
        case 1:
            f.template operator()<1>();
            return true;
        case 2:
            f.template operator()<2>();
            return true;
        case 3:
            f.template operator()<3>();
            return true;
        case 4:
            f.template operator()<4>();
            return true;
    }
    return false;
}

// ---- the kernels -------------------------------------------------------------------------------------------

void softmax(const Real* x, Real* y, int64_t rows, int64_t n) {
    const auto short_rows = [&]<int size>() {
        for (int64_t row = 0; row < rows; ++row) {
            ShortRow<size> v(x + row * n, n, x[row * n]);  // the maximum is not changed by one of its values
            v.exponentiate(VReal(v.fold(larger)));
            const VReal factor(Real(1) / v.fold(plus));
            v.change([&](VReal a) { return a * factor; });
            v.store(y + row * n);
        }
    };
    if (if_short(n, short_rows)) return;
    for (int64_t row = 0; row < rows; ++row, x += n, y += n) {
        const Real sum = sum_exponentials(x, n, row_max(x, n), [y](int64_t i, int64_t count, VReal, VReal e) {
            store_row(e, y + i, count);
        });
        const VReal factor(Real(1) / sum);
        each_register(n, [&](int64_t i, int64_t count) {
            store_row(load_row(y + i, count, 0) * factor, y + i, count);
        });
    }
}

void log_softmax(const Real* x, Real* y, int64_t rows, int64_t n) {
    const auto short_rows = [&]<int size>() {
        for (int64_t row = 0; row < rows; ++row) {
            ShortRow<size> v(x + row * n, n, x[row * n]);  // the maximum is not changed by one of its values
            const VReal shift(v.fold(larger));
            v.change([&](VReal a) { return a - shift; });
            ShortRow<size> e = v;
            e.exponentiate(VReal(0));
            const VReal log_sum(log_of(e.fold(plus)));
            v.change([&](VReal a) { return a - log_sum; });
            v.store(y + row * n);
        }
    };
    if (if_short(n, short_rows)) return;
    for (int64_t row = 0; row < rows; ++row, x += n, y += n) {
        const Real shift = row_max(x, n);
        const VReal log_sum(log_of(sum_exponentials(x, n, shift, [](int64_t, int64_t, VReal, VReal) {})));
        each_register(n, [&](int64_t i, int64_t count) {
            store_row(load_row(x + i, count, 0) - VReal(shift) - log_sum, y + i, count);
        });
    }
}

void log_sum_exp(const Real* x, Real* y, int64_t rows, int64_t n) {
    for (int64_t row = 0; row < rows; ++row, x += n) {
        const Real shift = row_max(x, n);
        if (shift - shift == 0) {
            y[row] = shift + log_of(sum_exponentials(x, n, shift, [](int64_t, int64_t, VReal, VReal) {}));
            continue;
        }
        // An infinite maximum is the result, unless there is a NaN.
        y[row] = shift;
        for (int64_t i = 0; i < n; ++i)
            if (x[i] != x[i]) y[row] = x[i];
    }
}

void softmax_grad(const Real* dy, const Real* y, Real* dx, int64_t rows, int64_t n) {
    for (int64_t row = 0; row < rows; ++row, dy += n, y += n, dx += n) {
        VReal dot(0);
        each_register(n, [&](int64_t i, int64_t count) {
            dot = fma(load_row(dy + i, count, 0), load_row(y + i, count, 0), dot);
        });
        const VReal total(sum_lanes(dot));
        each_register(n, [&](int64_t i, int64_t count) {
            store_row((load_row(dy + i, count, 0) - total) * load_row(y + i, count, 0), dx + i, count);
        });
    }
}

void log_softmax_grad(const Real* dy, const Real* y, Real* dx, int64_t rows, int64_t n) {
    for (int64_t row = 0; row < rows; ++row, dy += n, y += n, dx += n) {
        VReal sum(0);
        each_register(n, [&](int64_t i, int64_t count) { sum = sum + load_row(dy + i, count, 0); });
        const VReal total(sum_lanes(sum));
        each_register(n, [&](int64_t i, int64_t count) {
            const VReal probability = exp_nonpositive(load_row(y + i, count, 0));
            store_row(load_row(dy + i, count, 0) - probability * total, dx + i, count);
        });
    }
}

// A target of zero gives zero even at a logit of -inf.
LAMINA_INLINE VReal add_target(VReal dot, VReal target, VReal shifted) {
    return select(target == VReal(0), dot, fma(target, shifted, dot));
}

// A few rows' parts of the loss, so that logarithms are taken for a register of rows at once.
struct LossParts {
    static constexpr int64_t rows = 64;
    Real sum[rows], targets[rows], dot[rows];

    LAMINA_INLINE void write(Real* loss, int64_t n) const {
        each_register(n, [&](int64_t i, int64_t count) {
            const VReal logs = log(load_row(sum + i, count, 1));
            store_row(logs * load_row(targets + i, count, 0) - load_row(dot + i, count, 0), loss + i, count);
        });
    }
};

// With shifted = x - max: loss = log(sum) * sum(target) - sum(target * shifted).
void softmax_cross_entropy(const Real* x, const Real* target, Real* loss, Real* dx, int64_t rows, int64_t n) {
    LossParts parts;
    const auto short_row = [&]<int size>(int64_t i) {
        ShortRow<size> v(x, n, *x);
        const ShortRow<size> t(target, n, 0);
        const VReal shift(v.fold(larger));
        VReal dot(0);
        for (int k = 0; k < size; ++k) dot = add_target(dot, t.r[k], v.r[k] - shift);
        v.exponentiate(shift);
        parts.sum[i] = v.fold(plus);
        parts.targets[i] = t.fold(plus);
        parts.dot[i] = sum_lanes(dot);
        if (!dx) return;
        const VReal factor(parts.targets[i] / parts.sum[i]);
        for (int k = 0; k < size; ++k) v.r[k] = v.r[k] * factor - t.r[k];
        v.store(dx);
    };
    const auto long_row = [&](int64_t i) {
        VReal targets(0), dot(0);
        const Real shift = row_max(x, n);
        parts.sum[i] = sum_exponentials(x, n, shift, [&](int64_t at, int64_t count, VReal shifted, VReal e) {
            const VReal t = load_row(target + at, count, 0);
            targets = targets + t;
            dot = add_target(dot, t, shifted);
            if (dx) store_row(e, dx + at, count);
        });
        parts.targets[i] = sum_lanes(targets);
        parts.dot[i] = sum_lanes(dot);
        if (!dx) return;
        const VReal factor(parts.targets[i] / parts.sum[i]);
        each_register(n, [&](int64_t at, int64_t count) {
            const VReal e = load_row(dx + at, count, 0), t = load_row(target + at, count, 0);
            store_row(e * factor - t, dx + at, count);
        });
    };
    const auto each_row = [&](auto one_row) {
        for (int64_t done = 0; done < rows; done += LossParts::rows) {
            const int64_t some = rows - done < LossParts::rows ? rows - done : LossParts::rows;
            for (int64_t i = 0; i < some; ++i) {
                one_row(i);
                x += n, target += n;
                if (dx) dx += n;
            }
            parts.write(loss + done, some);
        }
    };
    if (!if_short(n,
                  [&]<int size>() { each_row([&](int64_t i) { short_row.template operator()<size>(i); }); }))
        each_row(long_row);
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
