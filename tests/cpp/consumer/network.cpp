// A network made of ops, its gradient, and its training by each optimizer.
#include <cmath>

#include "check.h"

namespace {

using lamina::Tensor;
using lamina::Variable;

// Two layers that tell the points inside of a ring from those outside.
struct Network {
    Variable kernel1{lamina::randomNormal({2, 16}, {.seed = 1})};
    Variable bias1{lamina::fill({16}, 0)};
    Variable kernel2{lamina::randomNormal({16, 1}, {.stdDev = 0.3, .seed = 2})};
    Variable bias2{lamina::fill({1}, 0)};

    Tensor operator()(const Tensor& x) const {
        return lamina::matMul(lamina::tanh(lamina::matMul(x, kernel1) + bias1), kernel2) + bias2;
    }
    std::vector<Variable> variables() const { return {kernel1, bias1, kernel2, bias2}; }
};

struct Points {
    Tensor x = lamina::randomUniform({256, 2}, {.minval = -1, .maxval = 1, .seed = 3});
    Tensor y =
        lamina::cast(lamina::less(lamina::sum(lamina::square(x), {.axis = 1, .keepDims = true}), Tensor(0.5)),
                     lamina::DType::float32);
};

Tensor loss(const Network& network, const Points& points) {
    const Tensor logits = network(points.x);
    return lamina::mean(lamina::softplus(logits) - points.y * logits);
}

// Differences of the loss along one weight against the tape's word.
void differentiate() {
    Network network;
    const Points points;
    const auto [value, gradients] =
        lamina::valueAndGradients([&] { return loss(network, points); }, network.variables());
    CHECK(value.size() == 1 && gradients.size() == 4);
    const Tensor kernel = network.kernel2;
    std::vector<float> moved(kernel.data<float>().begin(), kernel.data<float>().end());
    constexpr float h = 1e-2f;
    const auto at = [&](float shift) {
        moved[3] = kernel.data<float>()[3] + shift;
        network.kernel2.assign(lamina::tensor(moved, {16, 1}));
        return loss(network, points).item();
    };
    CHECK(near((at(h) - at(-h)) / (2 * h), gradients[2].data<float>()[3], 1e-3f));
}

void train(const char* name, lamina::Optimizer& optimizer, float goal) {
    const Network network;
    const Points points;
    float last = 0;
    for (int step = 0; step < 400; ++step)
        last = optimizer.minimize([&] { return loss(network, points); }, network.variables()).item();
    if (!(last < goal)) std::fprintf(stderr, "%s: the loss is %g\n", name, static_cast<double>(last));
    CHECK(last < goal);
}

void resume() {
    const Network network, other;
    const Points points;
    lamina::Adam adam(0.01f);
    const auto steps = [&](const Network& n, lamina::Optimizer& optimizer) {
        for (int i = 0; i < 5; ++i) optimizer.minimize([&] { return loss(n, points); }, n.variables());
    };
    steps(network, adam);
    for (std::size_t i = 0; i < 4; ++i) other.variables()[i].assign(network.variables()[i]);
    lamina::Adam again(0.01f);
    again.restore(adam.state());
    steps(network, adam);
    steps(other, again);
    CHECK(lamina::all(lamina::equal(network.kernel1, other.kernel1)).item<bool>());
    CHECK(refuses([&] { again.restore({}); }, lamina::ErrorCode::value, "accBeta1"));
    CHECK(refuses([&] { adam.apply({network.bias1}, {Tensor(0)}); }, lamina::ErrorCode::value,
                  "other variables"));
    CHECK(refuses([&] { adam.apply(network.variables(), {Tensor(), Tensor(), Tensor(), Tensor()}); },
                  lamina::ErrorCode::value, "does not depend"));
}

}  // namespace

void testNetwork() {
    differentiate();
    lamina::Sgd sgd(1.0f);
    train("sgd", sgd, 0.45f);
    lamina::Momentum momentum(0.3f, 0.9f), nesterov(0.3f, 0.9f, true);
    train("momentum", momentum, 0.2f);
    train("nesterov", nesterov, 0.2f);
    lamina::Adam adam(0.03f, {.beta1 = 0.85});
    train("adam", adam, 0.2f);
    lamina::RmsProp rmsprop(0.01f, {.decay = 0.95});
    train("rmsprop", rmsprop, 0.3f);
    adam.learningRate = 0.001f;
    CHECK(adam.learningRate == 0.001f);
    resume();
}
