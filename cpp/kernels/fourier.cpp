// One pass of a fast Fourier transform: plain loops, which compilers turn into vectors.
#include "core/threads.h"
#include "kernels/table.h"
#include "simd/loops.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t grain_values = 1 << 14;  // less is not worth a second thread

struct Value {
    Real re, im;
};

LAMINA_INLINE Value operator+(Value a, Value b) { return {a.re + b.re, a.im + b.im}; }
LAMINA_INLINE Value operator-(Value a, Value b) { return {a.re - b.re, a.im - b.im}; }
LAMINA_INLINE Value operator*(Value a, Value b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
LAMINA_INLINE Value operator*(Real c, Value a) { return {c * a.re, c * a.im}; }

// Butterflies: the transform of `radix` values in place; `roots` are r^1 and r^2.
template <int radix>
struct Butterfly;

template <>
struct Butterfly<2> {
    static LAMINA_INLINE void apply(Value* a, const Value*) {
        const Value sum = a[0] + a[1], difference = a[0] - a[1];
        a[0] = sum;
        a[1] = difference;
    }
};

template <>
struct Butterfly<3> {
    static LAMINA_INLINE void apply(Value* a, const Value* roots) {
        const Value root = roots[0];
        const Value sum = a[1] + a[2], difference = a[1] - a[2];
        const Value middle = a[0] + root.re * sum;
        // i * root.im * difference
        const Value turned{-root.im * difference.im, root.im * difference.re};
        a[0] = a[0] + sum;
        a[1] = middle + turned;
        a[2] = middle - turned;
    }
};

template <>
struct Butterfly<4> {
    static LAMINA_INLINE void apply(Value* a, const Value* roots) {
        const Value root = roots[0];
        const Value even = a[0] + a[2], odd = a[1] + a[3];
        const Value first = a[0] - a[2], rest = a[1] - a[3];
        // root is i or -i.
        const Value turned{-root.im * rest.im, root.im * rest.re};
        a[0] = even + odd;
        a[1] = first + turned;
        a[2] = even - odd;
        a[3] = first - turned;
    }
};

template <>
struct Butterfly<5> {
    static LAMINA_INLINE void apply(Value* a, const Value* roots) {
        const Real c1 = roots[0].re, s1 = roots[0].im, c2 = roots[1].re, s2 = roots[1].im;
        const Value p = a[1] + a[4], q = a[2] + a[3], u = a[1] - a[4], v = a[2] - a[3];
        const Value near = a[0] + c1 * p + c2 * q, far = a[0] + c2 * p + c1 * q;
        const Value d = s1 * u + s2 * v, e = s2 * u - s1 * v;
        // i d and i e
        const Value turned_d{-d.im, d.re}, turned_e{-e.im, e.re};
        a[0] = a[0] + p + q;
        a[1] = near + turned_d;
        a[2] = far + turned_e;
        a[3] = far - turned_e;
        a[4] = near - turned_d;
    }
};

template <int radix>
LAMINA_INLINE void step(const FourierPass<Real>& f, int64_t p, int64_t q, const Value* roots) {
    Value a[radix];
    for (int k = 0; k < radix; ++k) {
        const int64_t from = q + f.s * (p + f.m * k);
        a[k] = {f.x_re[from], f.x_im[from]};
    }
    Butterfly<radix>::apply(a, roots);
    for (int j = 0; j < radix; ++j) {
        const int64_t to = q + f.s * (radix * p + j);
        const Value y =
            j == 0 ? a[0] : a[j] * Value{f.twiddle_re[(j - 1) * f.m + p], f.twiddle_im[(j - 1) * f.m + p]};
        f.y_re[to] = y.re;
        f.y_im[to] = y.im;
    }
}

struct Cut {
    int64_t p_begin, p_end, q_begin, q_end;
};

template <int radix>
void part(const FourierPass<Real>& given, const Cut& cut) {
    const FourierPass<Real> f = given;
    constexpr int second = radix > 2 ? 2 : 1;
    const Value roots[2] = {{f.root_re[1], f.root_im[1]}, {f.root_re[second], f.root_im[second]}};
    const int64_t p_end = cut.p_end, q_begin = cut.q_begin, q_end = cut.q_end;
    if (f.s == 1) {
        LAMINA_INDEPENDENT
        for (int64_t p = cut.p_begin; p < p_end; ++p) step<radix>(f, p, 0, roots);
        return;
    }
    for (int64_t p = cut.p_begin; p < p_end; ++p) {
        LAMINA_INDEPENDENT
        for (int64_t q = q_begin; q < q_end; ++q) step<radix>(f, p, q, roots);
    }
}

// Each p and q has its own results: outside of other loops they are cut among threads.
template <int radix>
void pass(const FourierPass<Real>& f) {
    if (radix * f.m * f.s <= grain_values) return part<radix>(f, {0, f.m, 0, f.s});
    if (f.m >= f.s)
        parallel_for(f.m, grain_values / (radix * f.s) + 1,
                     [&](int64_t begin, int64_t end) { part<radix>(f, {begin, end, 0, f.s}); });
    else
        parallel_for(f.s, grain_values / (radix * f.m) / 64 * 64 + 64,
                     [&](int64_t begin, int64_t end) { part<radix>(f, {0, f.m, begin, end}); });
}

// Any radix, term by term.
void any_pass(const FourierPass<Real>& f) {
    for (int64_t p = 0; p < f.m; ++p)
        for (int64_t j = 0; j < f.radix; ++j) {
            const Value twiddle =
                j == 0 ? Value{1, 0}
                       : Value{f.twiddle_re[(j - 1) * f.m + p], f.twiddle_im[(j - 1) * f.m + p]};
            Real* __restrict y_re = f.y_re + f.s * (f.radix * p + j);
            Real* __restrict y_im = f.y_im + f.s * (f.radix * p + j);
            int64_t turn = 0;
            for (int64_t k = 0; k < f.radix; ++k) {
                const Value factor = Value{f.root_re[turn], f.root_im[turn]} * twiddle;
                const Real* x_re = f.x_re + f.s * (p + f.m * k);
                const Real* x_im = f.x_im + f.s * (p + f.m * k);
                for (int64_t q = 0; q < f.s; ++q) {
                    const Value term = Value{x_re[q], x_im[q]} * factor;
                    y_re[q] = k ? y_re[q] + term.re : term.re;
                    y_im[q] = k ? y_im[q] + term.im : term.im;
                }
                turn += j;
                if (turn >= f.radix) turn -= f.radix;
            }
        }
}

void fourier_pass(const FourierPass<Real>& f) {
    switch (f.radix) {
        case 2:
            return pass<2>(f);
        case 3:
            return pass<3>(f);
        case 4:
            return pass<4>(f);
        case 5:
            return pass<5>(f);
        default:
            return any_pass(f);
    }
}

}  // namespace

void fill_table_fourier(Table<Real>& t) { t.fourier_pass = fourier_pass; }

}  // namespace lamina::LAMINA_LEVEL
