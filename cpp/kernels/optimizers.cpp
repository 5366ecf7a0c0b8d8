// Optimizer steps, one pass over one segment each.
//
// Every operation is rounded by itself, in the order of the formula: the result is bit for bit that of the
// same formula composed of elementwise kernels.
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// One of a segment's arrays, at the place that the loop has reached.
struct Slot {
    Real* p;
    int64_t count;

    LAMINA_INLINE VReal get() const {
        return count == VReal::lanes ? VReal::load(p) : VReal::load_partial(p, count);
    }
    LAMINA_INLINE void set(VReal v) const {
        if (count == VReal::lanes)
            v.store(p);
        else
            v.store_partial(p, count);
    }
};

// update(at, count) for each register of a segment.
template <class F>
LAMINA_INLINE void each_register(int64_t n, F update) {
    constexpr int lanes = VReal::lanes;
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) update(i, lanes);
    if (i < n) update(i, n - i);
}

LAMINA_INLINE VReal load(const Real* p, int64_t count) {
    return count == VReal::lanes ? VReal::load(p) : VReal::load_partial(p, count);
}

void sgd(Real* w, const Real* g, int64_t n, Real learning_rate) {
    const VReal rate(learning_rate);
    each_register(n, [&](int64_t i, int64_t count) {
        const Slot weight{w + i, count};
        weight.set(weight.get() - rate * load(g + i, count));
    });
}

template <bool nesterov>
LAMINA_INLINE void momentum_step(Real* w, Real* a, const Real* g, int64_t n, Real learning_rate,
                                 Real momentum) {
    const VReal rate(learning_rate), factor(momentum);
    each_register(n, [&](int64_t i, int64_t count) {
        const Slot weight{w + i, count}, velocity{a + i, count};
        const VReal gradient = load(g + i, count);
        const VReal next = factor * velocity.get() + gradient;
        velocity.set(next);
        weight.set(weight.get() - rate * (nesterov ? gradient + factor * next : next));
    });
}

void momentum(Real* w, Real* a, const Real* g, int64_t n, Real learning_rate, Real momentum, bool nesterov) {
    if (nesterov)
        momentum_step<true>(w, a, g, n, learning_rate, momentum);
    else
        momentum_step<false>(w, a, g, n, learning_rate, momentum);
}

void adam(Real* w, Real* m, Real* v, const Real* g, int64_t n, const AdamStep<Real>& s) {
    const VReal rate(s.learning_rate), epsilon(s.epsilon), beta1(s.beta1), beta2(s.beta2);
    const VReal rest1(s.rest1), rest2(s.rest2);
    const VReal correction1(s.correction1), correction2(s.correction2);
    each_register(n, [&](int64_t i, int64_t count) {
        const Slot weight{w + i, count}, mean{m + i, count}, square{v + i, count};
        const VReal gradient = load(g + i, count);
        const VReal next_mean = beta1 * mean.get() + rest1 * gradient;
        const VReal next_square = beta2 * square.get() + rest2 * (gradient * gradient);
        mean.set(next_mean);
        square.set(next_square);
        const VReal step = rate * (next_mean / correction1) / (sqrt(next_square / correction2) + epsilon);
        weight.set(weight.get() - step);
    });
}

template <bool centered>
LAMINA_INLINE void rmsprop_step(Real* w, Real* mean_square, Real* mean_grad, Real* mom, const Real* g,
                                int64_t n, const RmsPropStep<Real>& s) {
    const VReal rate(s.learning_rate), decay(s.decay), rest(s.rest);
    const VReal factor(s.momentum), epsilon(s.epsilon);
    each_register(n, [&](int64_t i, int64_t count) {
        const Slot weight{w + i, count}, square{mean_square + i, count}, velocity{mom + i, count};
        const VReal gradient = load(g + i, count);
        const VReal next_square = decay * square.get() + rest * (gradient * gradient);
        square.set(next_square);
        VReal variance = next_square;
        if constexpr (centered) {
            const Slot mean{mean_grad + i, count};
            const VReal next_mean = decay * mean.get() + rest * gradient;
            mean.set(next_mean);
            variance = next_square - next_mean * next_mean;
        }
        const VReal next = factor * velocity.get() + rate * gradient / sqrt(variance + epsilon);
        velocity.set(next);
        weight.set(weight.get() - next);
    });
}

void rmsprop(Real* w, Real* mean_square, Real* mean_grad, Real* mom, const Real* g, int64_t n,
             const RmsPropStep<Real>& s) {
    if (mean_grad)
        rmsprop_step<true>(w, mean_square, mean_grad, mom, g, n, s);
    else
        rmsprop_step<false>(w, mean_square, mean_grad, mom, g, n, s);
}

}  // namespace

void fill_table_optimizers(Table<Real>& table) {
    table.sgd = sgd;
    table.momentum = momentum;
    table.adam = adam;
    table.rmsprop = rmsprop;
}

}  // namespace lamina::LAMINA_LEVEL
