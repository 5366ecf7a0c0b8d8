#include "ops/activation_table.h"

#include <cmath>

#include "ops/functions.h"

namespace lamina {

namespace {

constexpr double kSeluScale = 1.0507009873554805, kSeluAlpha = 1.6732632423543772;

// ---- f'(x) from y = f(x), for plain loops ------------------------------------------------------------------

template <class T>
T slope_linear(T, T) {
    return 1;
}
template <class T>
T slope_relu(T y, T) {
    return y > 0 ? T(1) : T(0);
}
template <class T>
T slope_relu6(T y, T) {
    return y > 0 && y < 6 ? T(1) : T(0);
}
template <class T>
T slope_leaky_relu(T y, T alpha) {
    return y > 0 ? T(1) : alpha;
}
template <class T>
T slope_elu(T y, T) {
    return y > 0 ? T(1) : y + 1;
}
template <class T>
T slope_selu(T y, T) {
    return y > 0 ? T(kSeluScale) : y + T(kSeluScale * kSeluAlpha);
}
template <class T>
T slope_sigmoid(T y, T) {
    return y * (1 - y);
}
template <class T>
T slope_tanh(T y, T) {
    return 1 - y * y;
}
template <class T>
T slope_hard_sigmoid(T y, T) {
    return y > 0 && y < 1 ? T(0.2) : T(0);
}
template <class T>
T slope_softplus(T y, T) {
    return -std::expm1(-y);
}
template <class T>
T slope_softsign(T y, T) {
    return (1 - std::abs(y)) * (1 - std::abs(y));
}

template <class T, T (*Slope)(T, T)>
void grad_loop(const T* dy, const T* y, T* dx, int64_t n, T alpha) {
    for (int64_t i = 0; i < n; ++i) dx[i] = dy[i] * Slope(y[i], alpha);
}

// ---- the same as Tensor code -------------------------------------------------------------------------------

Tensor grad_linear(const Tensor& dy, const Tensor&, double) { return dy; }
Tensor grad_relu(const Tensor& dy, const Tensor& y, double) { return mul(dy, step(y, 0)); }
Tensor grad_relu6(const Tensor& dy, const Tensor& y, double) {
    return mul(dy, mul(step(y, 0), step(sub(6, y), 0)));
}
Tensor grad_leaky_relu(const Tensor& dy, const Tensor& y, double alpha) { return mul(dy, step(y, alpha)); }
Tensor grad_elu(const Tensor& dy, const Tensor& y, double) {
    return mul(dy, add(minimum(y, Tensor::number(0, y.dtype())), 1));
}
Tensor grad_selu(const Tensor& dy, const Tensor& y, double) {
    const Tensor zero = Tensor::number(0, y.dtype());
    return mul(
        dy, where(greater(y, zero), Tensor::number(kSeluScale, y.dtype()), add(y, kSeluScale * kSeluAlpha)));
}
Tensor grad_sigmoid(const Tensor& dy, const Tensor& y, double) { return mul(dy, mul(y, sub(1, y))); }
Tensor grad_tanh(const Tensor& dy, const Tensor& y, double) { return mul(dy, sub(1, square(y))); }
Tensor grad_hard_sigmoid(const Tensor& dy, const Tensor& y, double) {
    return mul(dy, mul(mul(step(y, 0), step(sub(1, y), 0)), 0.2));
}
Tensor grad_softplus(const Tensor& dy, const Tensor& y, double) { return mul(dy, sub(1, exp(neg(y)))); }
Tensor grad_softsign(const Tensor& dy, const Tensor& y, double) { return mul(dy, square(sub(1, abs(y)))); }

#define LAMINA_ACTIVATION(name, formula, f) \
    {name, false, Unary::formula, false, grad_##f, grad_loop<float, slope_##f>, grad_loop<double, slope_##f>}

const Activation kActivations[] = {
    {"linear", true, Unary::abs, false, grad_linear, grad_loop<float, slope_linear>,
     grad_loop<double, slope_linear>},
    LAMINA_ACTIVATION("relu", relu, relu),
    LAMINA_ACTIVATION("relu6", relu6, relu6),
    {"leakyRelu", false, Unary::leaky_relu, true, grad_leaky_relu, grad_loop<float, slope_leaky_relu>,
     grad_loop<double, slope_leaky_relu>},
    LAMINA_ACTIVATION("elu", elu, elu),
    LAMINA_ACTIVATION("selu", selu, selu),
    LAMINA_ACTIVATION("sigmoid", sigmoid, sigmoid),
    LAMINA_ACTIVATION("tanh", tanh, tanh),
    LAMINA_ACTIVATION("hardSigmoid", hard_sigmoid, hard_sigmoid),
    LAMINA_ACTIVATION("softplus", softplus, softplus),
    LAMINA_ACTIVATION("softsign", softsign, softsign),
};

#undef LAMINA_ACTIVATION

}  // namespace

const Activation* find_activation(std::string_view name) {
    for (const Activation& a : kActivations)
        if (name == a.name) return &a;
    return nullptr;
}

std::vector<const char*> activation_names() {
    std::vector<const char*> names;
    for (const Activation& a : kActivations) names.push_back(a.name);
    return names;
}

std::vector<AttrSpec> activation_attrs() {
    return {{"activation", AttrType::string, std::string("linear"), true, activation_names()},
            {"alpha", AttrType::number, 0.2, true}};
}

const Activation& activation_of(const Call& c) {
    const std::string& name = c.string("activation");
    const Activation* found = find_activation(name);
    if (!found) value_error("Unknown fused activation ", name, ".");
    // The slope is read off the sign of y.
    if (found->takes_alpha && c.number("alpha") < 0)
        value_error("Error in ", c.op.name, ": alpha must not be negative, but got ", c.number("alpha"), ".");
    return *found;
}

double activation_alpha(const Call& c) { return c.number("alpha"); }

Tensor apply_activation(const Activation& activation, const Tensor& x, double alpha) {
    if (activation.identity) return x;
    const Op* op = find_op(activation.name);
    if (!op) fail(ErrorKind::internal, "there is no op ", activation.name);
    return activation.takes_alpha ? call1(*op, {x}, {alpha}) : call1(*op, {x});
}

}  // namespace lamina
