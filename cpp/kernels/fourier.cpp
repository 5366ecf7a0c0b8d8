// One pass of a fast Fourier transform: plain loops, which compilers turn into vectors.
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

struct Value {
    Real re, im;
};

LAMINA_INLINE Value operator+(Value a, Value b) { return {a.re + b.re, a.im + b.im}; }
LAMINA_INLINE Value operator-(Value a, Value b) { return {a.re - b.re, a.im - b.im}; }
LAMINA_INLINE Value operator*(Value a, Value b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
LAMINA_INLINE Value operator*(Real c, Value a) { return {c * a.re, c * a.im}; }

// Butterflies: the transform of `radix` values in place. `root` is r^1, from which direction follows.
template <int radix>
struct Butterfly;

template <>
struct Butterfly<2> {
    static LAMINA_INLINE void apply(Value* a, Value) {
        const Value sum = a[0] + a[1], difference = a[0] - a[1];
        a[0] = sum;
        a[1] = difference;
    }
};

template <>
struct Butterfly<3> {
    static LAMINA_INLINE void apply(Value* a, Value root) {
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
    static LAMINA_INLINE void apply(Value* a, Value root) {
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

template <int radix>
LAMINA_INLINE void step(const FourierPass<Real>& f, int64_t p, int64_t q, Value root) {
    Value a[radix];
    for (int k = 0; k < radix; ++k) {
        const int64_t from = q + f.s * (p + f.m * k);
        a[k] = {f.x_re[from], f.x_im[from]};
    }
    Butterfly<radix>::apply(a, root);
    for (int j = 0; j < radix; ++j) {
        const int64_t to = q + f.s * (radix * p + j);
        const Value y =
            j == 0 ? a[0] : a[j] * Value{f.twiddle_re[(j - 1) * f.m + p], f.twiddle_im[(j - 1) * f.m + p]};
        f.y_re[to] = y.re;
        f.y_im[to] = y.im;
    }
}

template <int radix>
void pass(const FourierPass<Real>& given) {
    const FourierPass<Real> f = given;
    const Value root{f.root_re[1], f.root_im[1]};
    if (f.s == 1) {
#pragma GCC ivdep
        for (int64_t p = 0; p < f.m; ++p) step<radix>(f, p, 0, root);
        return;
    }
    for (int64_t p = 0; p < f.m; ++p) {
#pragma GCC ivdep
        for (int64_t q = 0; q < f.s; ++q) step<radix>(f, p, q, root);
    }
}

// Any radix, term by term.
void any_pass(const FourierPass<Real>& f) {
    for (int64_t p = 0; p < f.m; ++p)
        for (int64_t j = 0; j < f.radix; ++j) {
            const Value twiddle =
                j == 0 ? Value{1, 0}
                       : Value{f.twiddle_re[(j - 1) * f.m + p], f.twiddle_im[(j - 1) * f.m + p]};
            for (int64_t q = 0; q < f.s; ++q) {
                Value sum{0, 0};
                int64_t turn = 0;
                for (int64_t k = 0; k < f.radix; ++k) {
                    const int64_t from = q + f.s * (p + f.m * k);
                    sum = sum + Value{f.x_re[from], f.x_im[from]} * Value{f.root_re[turn], f.root_im[turn]};
                    turn += j;
                    if (turn >= f.radix) turn -= f.radix;
                }
                const Value y = sum * twiddle;
                f.y_re[q + f.s * (f.radix * p + j)] = y.re;
                f.y_im[q + f.s * (f.radix * p + j)] = y.im;
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
        default:
            return any_pass(f);
    }
}

}  // namespace

void fill_table_fourier(Table<Real>& t) { t.fourier_pass = fourier_pass; }

}  // namespace lamina::LAMINA_LEVEL
