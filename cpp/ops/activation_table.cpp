#include "ops/activation_table.h"

#include "ops/functions.h"

namespace lamina {

namespace {

constexpr double kSeluScale = 1.0507009873554805, kSeluAlpha = 1.6732632423543772;

// ---- gradients, from y = f(x) -------------------------------------------------------------------------------

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

const Activation kActivations[] = {
    {"linear", true, Unary::abs, false, Slope::relu, grad_linear},
    {"relu", false, Unary::relu, false, Slope::relu, grad_relu},
    {"relu6", false, Unary::relu6, false, Slope::relu6, grad_relu6},
    {"leakyRelu", false, Unary::leaky_relu, true, Slope::leaky_relu, grad_leaky_relu},
    {"elu", false, Unary::elu, false, Slope::elu, grad_elu},
    {"selu", false, Unary::selu, false, Slope::selu, grad_selu},
    {"sigmoid", false, Unary::sigmoid, false, Slope::sigmoid, grad_sigmoid},
    {"tanh", false, Unary::tanh, false, Slope::tanh, grad_tanh},
    {"hardSigmoid", false, Unary::hard_sigmoid, false, Slope::hard_sigmoid, grad_hard_sigmoid},
    {"softplus", false, Unary::softplus, false, Slope::softplus, grad_softplus},
    {"softsign", false, Unary::softsign, false, Slope::softsign, grad_softsign},
};

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
