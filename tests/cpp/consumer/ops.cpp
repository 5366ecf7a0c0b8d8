// Ops of every kind of signature, the call by name, and gradients.
#include "check.h"

namespace {

using lamina::Tensor;

void signatures() {
    const Tensor x = lamina::tensor({1.0f, -2.0f, 3.0f, -4.0f, 5.0f, -6.0f}, {2, 3});
    // Attributes left out, one number, several.
    CHECK(lamina::sum(x).item() == -3);
    CHECK(lamina::sum(x, {.axis = 1}).data<float>()[0] == 2);
    CHECK(lamina::sum(x, {.axis = {0, 1}, .keepDims = true}).rank() == 2);
    // Required ones.
    CHECK(lamina::reshape(x, {3, 2}).shape()[0] == 3);
    CHECK(lamina::cast(x, lamina::DType::int32).data<std::int32_t>()[5] == -6);
    // A list of tensors, a list of results, a fixed number of them.
    CHECK(lamina::concat({x, x}, {.axis = 1}).shape()[1] == 6);
    const std::vector<Tensor> rows = lamina::unstack(x);
    CHECK(rows.size() == 2 && rows[1].data<float>()[0] == -4);
    const auto [mean, variance] = lamina::moments(x);
    CHECK(near(mean.item(), -0.5f) && near(variance.item(), 14.9166667f));
    // Optional tensors; text; padding by name, by number, by pairs; a seed.
    const Tensor one = lamina::fill({3}, 1), two = lamina::fill({3}, 2);
    CHECK(lamina::batchNorm(x, one, one, {}, two, {.varianceEpsilon = 0}).data<float>()[2] == 4);
    CHECK(lamina::batchNorm(x, one, one, two).size() == 6);
    CHECK(lamina::matMul(x, x, {.transposeB = true}).data<float>()[0] == 14);
    const Tensor image = lamina::reshape(x, {1, 2, 3, 1}), filter = lamina::fill({2, 2, 1, 1}, 1);
    CHECK(lamina::conv2d(image, filter, 1, "valid").size() == 2);
    CHECK(lamina::conv2d(image, filter, 1, 1).size() == 12);
    CHECK(lamina::conv2d(image, filter, {1, 1}, {0, 0, 1, 0, 0, 1, 0, 0}).size() == 6);
    CHECK(lamina::randomUniform({3}, {.seed = 7}).data<float>()[0] ==
          lamina::randomUniform({3}, {.seed = 7}).data<float>()[0]);
    CHECK(lamina::range(0, 3).data<float>()[2] == 2);

    CHECK(((x + 1) * 2 - x / 2).data<float>()[0] == 3.5f);
    CHECK((-x).data<float>()[1] == 2);
    const lamina::Variable v(x);
    CHECK((v + v).data<float>()[0] == 2);
    CHECK(lamina::addN({v, v}).data<float>()[0] == 2);
}

void byName() {
    const Tensor x = lamina::tensor({1.0f, 4.0f, 9.0f});
    CHECK(lamina::call("sqrt", {x})[0].data<float>()[2] == 3);
    CHECK(lamina::call("sum", {x}, {{"axis", lamina::Ints(0)}, {"keepDims", true}})[0].rank() == 1);
    using lamina::ErrorCode;
    const Tensor none;
    CHECK(lamina::call("fusedMatMul", {lamina::reshape(x, {1, 3}), lamina::reshape(-x, {3, 1}), none},
                       {{"activation", "relu"}})[0]
              .item() == 0);
    CHECK(refuses([&] { lamina::call("nothing", {x}); }, ErrorCode::value, "no op 'nothing'"));
    CHECK(refuses([&] { lamina::call("sqrt", {x, x}); }, ErrorCode::type, "takes 1 arguments"));
    CHECK(refuses([&] { lamina::call("sum", {x}, {{"axes", 1}}); }, ErrorCode::type, "no argument 'axes'"));
    CHECK(refuses([&] { lamina::call("sum", {x}, {{"axis", "1"}}); }, ErrorCode::type, "must be a number"));
    CHECK(refuses([&] { lamina::sum(x, {.axis = 1}); }, ErrorCode::value, "axis"));
    CHECK(refuses([&] { lamina::mirrorPad(x, {1, 1}, "no"); }, ErrorCode::value, "'no'"));
    CHECK(refuses([&] { lamina::matMul(x, lamina::strings({"a"}, {1})); }, ErrorCode::type, "string"));
}

void gradients() {
    const Tensor x = lamina::tensor({1.0f, 2.0f, 3.0f});
    lamina::Tape outer;
    outer.watch(x);
    std::vector<Tensor> first;
    {
        lamina::Tape inner;
        inner.watch(x);
        const Tensor y = x * x * x;
        first = inner.gradient(y, std::vector<Tensor>{x});
    }
    outer.stop();
    CHECK(first[0].data<float>()[2] == 27);
    const std::vector<Tensor> second = outer.gradient(first[0], std::vector<Tensor>{x});
    CHECK(second[0].data<float>()[2] == 18);

    lamina::Tape tape;
    tape.watch(x);
    const Tensor y = x * 2, z = lamina::Tensor(1);
    const std::vector<Tensor> weighted =
        tape.gradient(y, std::vector<Tensor>{x, z}, lamina::tensor({1.0f, 10.0f, 100.0f}));
    CHECK(weighted[0].data<float>()[2] == 200);
    CHECK(!weighted[1]);
    CHECK(refuses([&] { tape.gradient(y, std::vector<Tensor>{x}, z); }, lamina::ErrorCode::value,
                  "shape of dy"));
}

}  // namespace

void testOps() {
    signatures();
    byName();
    gradients();
}
