// Truth values, whole numbers, and one kind of number made of another: plain loops, which compilers turn into
// vectors of the level.
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// y[i] = f(a[i * a_step], b[i * b_step]), as loops without steps.
template <class In, class Out, class F>
LAMINA_INLINE void each_pair(const In* __restrict a, const In* __restrict b, Out* __restrict y, int64_t n,
                             int a_step, int b_step, F f) {
    if (n <= 0) return;
    if (a_step && b_step) {
        for (int64_t i = 0; i < n; ++i) y[i] = f(a[i], b[i]);
    } else if (a_step) {
        const In right = *b;
        for (int64_t i = 0; i < n; ++i) y[i] = f(a[i], right);
    } else {
        const In left = *a;
        for (int64_t i = 0; i < n; ++i) y[i] = f(left, b[i * b_step]);
    }
}

// ---- comparisons and logic ---------------------------------------------------------------------------------

#define LAMINA_RELATION(name, expression)                                                                 \
    template <class T>                                                                                    \
    void name(const T* a, const T* b, uint8_t* y, int64_t n, int a_step, int b_step) {                    \
        each_pair(a, b, y, n, a_step, b_step, [](T l, T r) { return static_cast<uint8_t>(expression); }); \
    }
LAMINA_RELATION(equal, l == r)
LAMINA_RELATION(not_equal, l != r)
LAMINA_RELATION(less, l < r)
LAMINA_RELATION(less_equal, l <= r)
LAMINA_RELATION(greater, l > r)
LAMINA_RELATION(greater_equal, l >= r)
LAMINA_RELATION(logical_and, (l != 0) & (r != 0))
LAMINA_RELATION(logical_or, (l | r) != 0)
LAMINA_RELATION(logical_xor, (l != 0) != (r != 0))
#undef LAMINA_RELATION

template <class T>
void fill_compare(CompareKernel<T> (&to)[static_cast<int>(Compare::count_)]) {
    to[static_cast<int>(Compare::equal)] = equal<T>;
    to[static_cast<int>(Compare::not_equal)] = not_equal<T>;
    to[static_cast<int>(Compare::less)] = less<T>;
    to[static_cast<int>(Compare::less_equal)] = less_equal<T>;
    to[static_cast<int>(Compare::greater)] = greater<T>;
    to[static_cast<int>(Compare::greater_equal)] = greater_equal<T>;
}

bool has_truth(const uint8_t* x, int64_t n, bool value) {
    constexpr int64_t block = 1024;
    for (int64_t begin = 0; begin < n; begin += block) {
        const int64_t end = begin + block < n ? begin + block : n;
        uint8_t found = 0;
        for (int64_t i = begin; i < end; ++i) found |= static_cast<uint8_t>((x[i] != 0) == value);
        if (found) return true;
    }
    return false;
}

// ---- arithmetic of int32 -----------------------------------------------------------------------------------

// Overflow wraps.
LAMINA_INLINE int32_t wrapped(uint32_t x) { return static_cast<int32_t>(x); }

// In double the quotient is rounded, but by less than it lies apart from the next whole number.
LAMINA_INLINE int32_t floor_quotient(int32_t a, int32_t b) {
    const double quotient = __builtin_floor(static_cast<double>(a) / static_cast<double>(b));
    const double there = b == 0 ? 0.0 : quotient;
    return static_cast<int32_t>(there > 2147483647.0 ? -2147483648.0 : there);
}

#define LAMINA_WHOLE(name, expression)                                                              \
    void name(const int32_t* a, const int32_t* b, int32_t* y, int64_t n, int a_step, int b_step) {  \
        each_pair(a, b, y, n, a_step, b_step, [](int32_t l, int32_t r) {                            \
            [[maybe_unused]] const auto u = static_cast<uint32_t>(l), v = static_cast<uint32_t>(r); \
            return expression;                                                                      \
        });                                                                                         \
    }
LAMINA_WHOLE(add, wrapped(u + v))
LAMINA_WHOLE(sub, wrapped(u - v))
LAMINA_WHOLE(mul, wrapped(u* v))
LAMINA_WHOLE(maximum, l > r ? l : r)
LAMINA_WHOLE(minimum, l < r ? l : r)
LAMINA_WHOLE(floor_div, floor_quotient(l, r))
LAMINA_WHOLE(mod, r == 0 ? 0 : wrapped(u - static_cast<uint32_t>(floor_quotient(l, r)) * v))
LAMINA_WHOLE(squared_difference, wrapped((u - v) * (u - v)))
LAMINA_WHOLE(bit_and, wrapped(u& v))
#undef LAMINA_WHOLE

// ---- kinds of numbers --------------------------------------------------------------------------------------

void is_nan(const Real* __restrict x, uint8_t* __restrict y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] != x[i];
}
void is_inf(const Real* __restrict x, uint8_t* __restrict y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] < 0 ? -x[i] : x[i]) == Real(__builtin_inf());
}
void is_finite(const Real* __restrict x, uint8_t* __restrict y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] < 0 ? -x[i] : x[i]) < Real(__builtin_inf());
}

// ---- conversions -------------------------------------------------------------------------------------------

int64_t to_int32(const Real* __restrict x, int32_t* __restrict y, int64_t n) {
#if defined(LAMINA_REF64)
    int64_t i = 0;
    for (; i < n && x[i] > -2147483649.0 && x[i] < 2147483648.0; ++i) y[i] = static_cast<int32_t>(x[i]);
    return i;
#else
    constexpr int lanes = VReal::lanes;
    const VReal limit(0x1p31f);
    const auto fits = [limit](VReal v) { return abs(v) < limit; };
    int64_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
        const VReal a = VReal::load(x + i), b = VReal::load(x + i + lanes),
                    c = VReal::load(x + i + 2 * lanes), d = VReal::load(x + i + 3 * lanes);
        if (any(~(fits(a) & fits(b) & fits(c) & fits(d)))) break;
        to_int(a).store(y + i), to_int(b).store(y + i + lanes);
        to_int(c).store(y + i + 2 * lanes), to_int(d).store(y + i + 3 * lanes);
    }
    for (; i < n && x[i] > -0x1p31f && x[i] < 0x1p31f; ++i) y[i] = static_cast<int32_t>(x[i]);
    return i;
#endif
}

void from_int32(const int32_t* __restrict x, Real* __restrict y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) y[i] = static_cast<Real>(x[i]);
}

void from_truth(const uint8_t* __restrict x, Real* __restrict y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] != 0 ? Real(1) : Real(0);
}

void ramp(double start, double step, int64_t first, Real* __restrict y, int64_t n) {
    constexpr int64_t block = 1 << 20;  // counted in 32 bits, which every level turns into doubles
    for (; n > 0; n -= block, first += block, y += block) {
        const auto base = static_cast<double>(first);
        const auto count = static_cast<int32_t>(n < block ? n : block);
        for (int32_t i = 0; i < count; ++i)
            y[i] = static_cast<Real>(start + (base + static_cast<double>(i)) * step);
    }
}

// ---- search ------------------------------------------------------------------------------------------------

#if defined(LAMINA_REF64)

template <bool before>
void search_all(const Real* sorted, int32_t n, const Real* values, int32_t* y, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
        int32_t first = 0, length = n;
        while (length > 0) {
            const int32_t half = length / 2;
            const Real element = sorted[first + half];
            const bool behind = before ? element < values[i] : !(values[i] < element);
            first = behind ? first + half + 1 : first;
            length = behind ? length - half - 1 : half;
        }
        y[i] = first;
    }
}

#else

constexpr int searched_registers = LAMINA_VECTOR_BYTES == 64 ? 4 : 2;

// Some registers of values at once, whose loads do not wait for each other; those that are done before others
// look at something and stay.
template <bool before, int count>
LAMINA_INLINE void search_registers(const Real* sorted, int32_t n, const Real* values, int32_t* y) {
    constexpr int lanes = VReal::lanes;
    VInt first[count], length[count];
#pragma GCC unroll 4
    for (int r = 0; r < count; ++r) first[r] = VInt(0), length[r] = VInt(n);
    for (int32_t rest = n; rest > 0; rest /= 2) {
#pragma GCC unroll 4
        for (int r = 0; r < count; ++r) {
            const VInt half = length[r] >> 1, middle = first[r] + half;
            const VReal value = VReal::load(values + r * lanes);
            const VReal element = pick(sorted, select(VInt(n) > middle, middle, VInt(n - 1)));
            const Mask behind = (before ? element < value : ~(value < element)) & (length[r] > VInt(0));
            first[r] = select(behind, middle + VInt(1), first[r]);
            length[r] = select(behind, length[r] - half - VInt(1), half);
        }
    }
#pragma GCC unroll 4
    for (int r = 0; r < count; ++r) first[r].store(y + r * lanes);
}

template <bool before>
void search_all(const Real* sorted, int32_t n, const Real* values, int32_t* y, int64_t count) {
    constexpr int lanes = VReal::lanes, many = searched_registers * lanes;
    int64_t i = 0;
    for (; i + many <= count; i += many)
        search_registers<before, searched_registers>(sorted, n, values + i, y + i);
    for (; i + lanes <= count; i += lanes) search_registers<before, 1>(sorted, n, values + i, y + i);
    if (i == count) return;
    Real rest[lanes];
    int32_t found[lanes];
    VReal::load_partial(values + i, count - i).store(rest);
    search_registers<before, 1>(sorted, n, rest, found);
    for (int64_t k = i; k < count; ++k) y[k] = found[k - i];
}

#endif

void search(const Real* sorted, int64_t n, const Real* values, int32_t* y, int64_t count, bool before) {
    if (before)
        search_all<true>(sorted, static_cast<int32_t>(n), values, y, count);
    else
        search_all<false>(sorted, static_cast<int32_t>(n), values, y, count);
}

}  // namespace

void fill_table_numbers(Table<Real>& t) {
    fill_compare(t.compare_int);
    fill_compare(t.compare_truth);
    t.logical_and = logical_and<uint8_t>;
    t.logical_or = logical_or<uint8_t>;
    t.logical_xor = logical_xor<uint8_t>;
    t.has_truth = has_truth;
    for (auto& kernel : t.binary_int) kernel = nullptr;
    const auto set = [&t](Binary op, BinaryKernel<int32_t> kernel) {
        t.binary_int[static_cast<int>(op)] = kernel;
    };
    set(Binary::add, add);
    set(Binary::sub, sub);
    set(Binary::mul, mul);
    set(Binary::div, floor_div);
    set(Binary::maximum, maximum);
    set(Binary::minimum, minimum);
    set(Binary::floor_div, floor_div);
    set(Binary::mod, mod);
    set(Binary::squared_difference, squared_difference);
    t.bit_and = bit_and;
    t.is_nan = is_nan;
    t.is_inf = is_inf;
    t.is_finite = is_finite;
    t.to_int32 = to_int32;
    t.from_int32 = from_int32;
    t.from_truth = from_truth;
    t.ramp = ramp;
    t.search = search;
}

}  // namespace lamina::LAMINA_LEVEL
