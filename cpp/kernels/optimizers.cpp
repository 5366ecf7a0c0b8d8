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

template <bool shrinks>
LAMINA_INLINE void adam_step(Real* w, Real* m, Real* v, const Real* g, int64_t n, const AdamStep<Real>& s) {
    const VReal rate(s.learning_rate), epsilon(s.epsilon), beta1(s.beta1), beta2(s.beta2);
    const VReal rest1(s.rest1), rest2(s.rest2), shrink(s.shrink);
    const VReal correction1(s.correction1), correction2(s.correction2);
    each_register(n, [&](int64_t i, int64_t count) {
        const Slot weight{w + i, count}, mean{m + i, count}, square{v + i, count};
        const VReal gradient = load(g + i, count);
        const VReal next_mean = beta1 * mean.get() + rest1 * gradient;
        const VReal next_square = beta2 * square.get() + rest2 * (gradient * gradient);
        mean.set(next_mean);
        square.set(next_square);
        const VReal step = rate * (next_mean / correction1) / (sqrt(next_square / correction2) + epsilon);
        VReal value = weight.get();
        if constexpr (shrinks) value = value - shrink * value;
        weight.set(value - step);
    });
}

void adam(Real* w, Real* m, Real* v, const Real* g, int64_t n, const AdamStep<Real>& s) {
    if (s.shrink != 0)
        adam_step<true>(w, m, v, g, n, s);
    else
        adam_step<false>(w, m, v, g, n, s);
}

void adamax(Real* w, Real* m, Real* v, const Real* g, int64_t n, const AdamaxStep<Real>& s) {
    const VReal rate(s.rate), epsilon(s.epsilon), beta1(s.beta1), beta2(s.beta2), rest1(s.rest1);
    each_register(n, [&](int64_t i, int64_t count) {
        const Slot weight{w + i, count}, mean{m + i, count}, largest{v + i, count};
        const VReal gradient = load(g + i, count);
        const VReal next_mean = beta1 * mean.get() + rest1 * gradient;
        // The second operand is taken where one is NaN: a NaN of the gradient comes through.
        const VReal next_largest = max_second(beta2 * largest.get(), abs(gradient));
        mean.set(next_mean);
        largest.set(next_largest);
        weight.set(weight.get() - rate * (next_mean / (next_largest + epsilon)));
    });
}

void nadam(Real* w, Real* m, Real* v, const Real* g, int64_t n, const NadamStep<Real>& s) {
    const VReal rate(s.learning_rate), epsilon(s.epsilon), beta1(s.beta1), beta2(s.beta2);
    const VReal rest1(s.rest1), rest2(s.rest2), correction2(s.correction2);
    const VReal mean_share(s.mean_share), gradient_share(s.gradient_share);
    each_register(n, [&](int64_t i, int64_t count) {
        const Slot weight{w + i, count}, mean{m + i, count}, square{v + i, count};
        const VReal gradient = load(g + i, count);
        const VReal next_mean = beta1 * mean.get() + rest1 * gradient;
        const VReal next_square = beta2 * square.get() + rest2 * (gradient * gradient);
        mean.set(next_mean);
        square.set(next_square);
        const VReal ahead = mean_share * next_mean + gradient_share * gradient;
        weight.set(weight.get() - rate * ahead / (sqrt(next_square / correction2) + epsilon));
    });
}

template <bool shrinks>
LAMINA_INLINE void lion_step(Real* w, Real* m, const Real* g, int64_t n, const LionStep<Real>& s) {
    const VReal rate(s.learning_rate), beta1(s.beta1), beta2(s.beta2), rest1(s.rest1), rest2(s.rest2);
    const VReal shrink(s.shrink), zero(Real(0));
    each_register(n, [&](int64_t i, int64_t count) {
        const Slot weight{w + i, count}, mean{m + i, count};
        const VReal gradient = load(g + i, count), before = mean.get();
        const VReal direction = beta1 * before + rest1 * gradient;
        mean.set(beta2 * before + rest2 * gradient);
        VReal value = weight.get();
        if constexpr (shrinks) value = value - shrink * value;
        // Neither above nor below 0 are 0 itself and NaN, which is to be seen in the weight.
        const VReal other = value - rate * direction;
        weight.set(select(direction > zero, value - rate, select(direction < zero, value + rate, other)));
    });
}

void lion(Real* w, Real* m, const Real* g, int64_t n, const LionStep<Real>& s) {
    if (s.shrink != 0)
        lion_step<true>(w, m, g, n, s);
    else
        lion_step<false>(w, m, g, n, s);
}

void adagrad(Real* w, Real* a, const Real* g, int64_t n, Real learning_rate, Real epsilon) {
    const VReal rate(learning_rate), floor(epsilon);
    each_register(n, [&](int64_t i, int64_t count) {
        const Slot weight{w + i, count}, sum{a + i, count};
        const VReal gradient = load(g + i, count);
        const VReal next = sum.get() + gradient * gradient;
        sum.set(next);
        weight.set(weight.get() - rate * (gradient / sqrt(next + floor)));
    });
}

void adadelta(Real* w, Real* square_grad, Real* square_step, const Real* g, int64_t n,
              const AdadeltaStep<Real>& s) {
    const VReal rate(s.learning_rate), rho(s.rho), rest(s.rest), epsilon(s.epsilon);
    each_register(n, [&](int64_t i, int64_t count) {
        const Slot weight{w + i, count}, grads{square_grad + i, count}, steps{square_step + i, count};
        const VReal gradient = load(g + i, count), before = grads.get(), moved = steps.get();
        const VReal step = sqrt(moved + epsilon) / sqrt(before + epsilon) * gradient;
        grads.set(rho * before + rest * (gradient * gradient));
        steps.set(rho * moved + rest * (step * step));
        weight.set(weight.get() - rate * step);
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
    table.adamax = adamax;
    table.nadam = nadam;
    table.lion = lion;
    table.adagrad = adagrad;
    table.adadelta = adadelta;
    table.rmsprop = rmsprop;
}

}  // namespace lamina::LAMINA_LEVEL
