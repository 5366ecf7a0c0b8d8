// Elementwise kernels: one loop, instantiated for each formula.
#include "kernels/table.h"
#include "simd/vec_math.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int lanes = VReal::lanes;

// ---- one input ---------------------------------------------------------------------------------------------

#define LAMINA_FORMULA(name, ...)                                                                       \
    struct unary_##name {                                                                               \
        static LAMINA_INLINE VReal apply(VReal x, [[maybe_unused]] VReal p, [[maybe_unused]] VReal q) { \
            return __VA_ARGS__;                                                                         \
        }                                                                                               \
    };
#include "kernels/unary_formulas.h"
#undef LAMINA_FORMULA

template <class Formula>
void unary(const Real* x, Real* y, int64_t n, Real p, Real q) {
    const VReal vp(p), vq(q);
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) Formula::apply(VReal::load(x + i), vp, vq).store(y + i);
    if (i < n) Formula::apply(VReal::load_partial(x + i, n - i), vp, vq).store_partial(y + i, n - i);
}

// ---- two inputs --------------------------------------------------------------------------------------------

#define LAMINA_FORMULA(name, ...)                                                  \
    struct binary_##name {                                                         \
        static LAMINA_INLINE VReal apply(VReal a, VReal b) { return __VA_ARGS__; } \
    };
#include "kernels/binary_formulas.h"
#undef LAMINA_FORMULA

// An operand that advances, or one value for all lanes.
template <bool advances>
struct Operand {
    const Real* p;
    VReal value;

    explicit LAMINA_INLINE Operand(const Real* from) : p(from), value(advances ? Real(0) : *from) {}
    LAMINA_INLINE VReal load(int64_t i) const { return advances ? VReal::load(p + i) : value; }
    LAMINA_INLINE VReal load_partial(int64_t i, int64_t n) const {
        return advances ? VReal::load_partial(p + i, n) : value;
    }
};

template <class Formula, bool a_advances, bool b_advances>
LAMINA_INLINE void binary_loop(const Real* a, const Real* b, Real* y, int64_t n) {
    const Operand<a_advances> va(a);
    const Operand<b_advances> vb(b);
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) Formula::apply(va.load(i), vb.load(i)).store(y + i);
    if (i < n)
        Formula::apply(va.load_partial(i, n - i), vb.load_partial(i, n - i)).store_partial(y + i, n - i);
}

template <class Formula>
void binary(const Real* a, const Real* b, Real* y, int64_t n, int a_step, int b_step) {
    if (n <= 0) return;
    if (a_step && b_step)
        binary_loop<Formula, true, true>(a, b, y, n);
    else if (a_step)
        binary_loop<Formula, true, false>(a, b, y, n);
    else if (b_step)
        binary_loop<Formula, false, true>(a, b, y, n);
    else
        binary_loop<Formula, false, false>(a, b, y, n);
}

// ---- slopes ------------------------------------------------------------------------------------------------

#define LAMINA_FORMULA(name, ...)                                                                   \
    struct slope_##name {                                                                           \
        static LAMINA_INLINE VReal apply(VReal y, [[maybe_unused]] VReal p) { return __VA_ARGS__; } \
    };
#include "kernels/slope_formulas.h"
#undef LAMINA_FORMULA

template <class Formula>
void slope(const Real* dy, const Real* y, Real* dx, int64_t n, Real p) {
    const VReal vp(p);
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
        (VReal::load(dy + i) * Formula::apply(VReal::load(y + i), vp)).store(dx + i);
    if (i < n)
        (VReal::load_partial(dy + i, n - i) * Formula::apply(VReal::load_partial(y + i, n - i), vp))
            .store_partial(dx + i, n - i);
}

// ---- compare and select: plain loops, which compilers turn into vectors ------------------------------------

template <class Relation>
void compare(const Real* __restrict a, const Real* __restrict b, uint8_t* __restrict y, int64_t n, int a_step,
             int b_step) {
    if (n <= 0) return;
    if (a_step && b_step) {
        for (int64_t i = 0; i < n; ++i) y[i] = Relation::holds(a[i], b[i]);
    } else if (a_step) {
        const Real right = *b;
        for (int64_t i = 0; i < n; ++i) y[i] = Relation::holds(a[i], right);
    } else {
        const Real left = *a;
        for (int64_t i = 0; i < n; ++i) y[i] = Relation::holds(left, b[i * b_step]);
    }
}

#define LAMINA_RELATION(name, op)                                             \
    struct name {                                                             \
        static LAMINA_INLINE uint8_t holds(Real a, Real b) { return a op b; } \
    };
LAMINA_RELATION(Equal, ==)
LAMINA_RELATION(NotEqual, !=)
LAMINA_RELATION(Less, <)
LAMINA_RELATION(LessEqual, <=)
LAMINA_RELATION(Greater, >)
LAMINA_RELATION(GreaterEqual, >=)
#undef LAMINA_RELATION

void select_kernel(const uint8_t* __restrict c, const Real* __restrict a, const Real* __restrict b,
                   Real* __restrict y, int64_t n, int c_step, int a_step, int b_step) {
    if (n <= 0) return;
    if (c_step && a_step && b_step) {
        for (int64_t i = 0; i < n; ++i) {
            const Real left = a[i], right = b[i];
            y[i] = c[i] ? left : right;
        }
    } else if (c_step && a_step) {
        const Real right = *b;
        for (int64_t i = 0; i < n; ++i) {
            const Real left = a[i];
            y[i] = c[i] ? left : right;
        }
    } else if (c_step && b_step) {
        const Real left = *a;
        for (int64_t i = 0; i < n; ++i) {
            const Real right = b[i];
            y[i] = c[i] ? left : right;
        }
    } else {
        for (int64_t i = 0; i < n; ++i) y[i] = c[i * c_step] ? a[i * a_step] : b[i * b_step];
    }
}

}  // namespace

void fill_table_elementwise(Table<Real>& table) {
#define LAMINA_FORMULA(name, ...) table.unary[static_cast<int>(Unary::name)] = unary<unary_##name>;
#include "kernels/unary_formulas.h"
#undef LAMINA_FORMULA
#define LAMINA_FORMULA(name, ...) table.binary[static_cast<int>(Binary::name)] = binary<binary_##name>;
#include "kernels/binary_formulas.h"
#undef LAMINA_FORMULA
#define LAMINA_FORMULA(name, ...) table.slope[static_cast<int>(Slope::name)] = slope<slope_##name>;
#include "kernels/slope_formulas.h"
#undef LAMINA_FORMULA
    const auto set = [&table](Compare op, CompareKernel<Real> kernel) {
        table.compare[static_cast<int>(op)] = kernel;
    };
    set(Compare::equal, compare<Equal>);
    set(Compare::not_equal, compare<NotEqual>);
    set(Compare::less, compare<Less>);
    set(Compare::less_equal, compare<LessEqual>);
    set(Compare::greater, compare<Greater>);
    set(Compare::greater_equal, compare<GreaterEqual>);
    table.select = select_kernel;
}

}  // namespace lamina::LAMINA_LEVEL
