// Ops on whole numbers: their bits, and shapes given as values.
#include <algorithm>

#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

[[maybe_unused]] const Op& bitwise_and_op = define({
    .name = "bitwiseAnd",
    .inputs = {{"x", Accept::index}, {"y", Accept::index}},
    .infer = [](const Call& c) -> Specs {
        if (!(c[0].shape() == c[1].shape()))
            value_error("bitwiseAnd: Tensors must have the same shape. x: ", c[0].shape(),
                        ", y: ", c[1].shape());
        return {c[0].spec()};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const auto *x = c[0].data<int32_t>(), *y = c[1].data<int32_t>();
            auto* to = out[0].mutable_data<int32_t>();
            const auto kernel = kernels<float>().bit_and;
            parallel_for(c[0].size(), kElementwiseGrain, [=](int64_t begin, int64_t end) {
                kernel(x + begin, y + begin, to + begin, end - begin, 1, 1);
            });
        },
    .no_grad = "its inputs are whole numbers",
    .method = false,
    .doc = "The bits that both x and y have, for int32 tensors of one shape.",
});

[[maybe_unused]] const Op& broadcast_args_op = define({
    .name = "broadcastArgs",
    .inputs = {{"s0", Accept::index}, {"s1", Accept::index}},
    .infer = [](const Call& c) -> Specs {
        for (const int slot : {0, 1})
            if (c[slot].rank() != 1)
                value_error("broadcastArgs(): ", slot ? "second" : "first",
                            " input must be a vector (rank=1). Has rank ", c[slot].rank());
        return {{DType::int32, Shape{std::max(c[0].size(), c[1].size())}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const auto shape_of = [](const Tensor& t) {
                const Ints dims(t.data<int32_t>(), t.data<int32_t>() + t.size());
                return Shape(std::span<const int64_t>(dims));
            };
            const Shape together = broadcast(shape_of(c[0]), shape_of(c[1]));
            std::copy(together.begin(), together.end(), out[0].mutable_data<int32_t>());
        },
    .no_grad = "its inputs are whole numbers",
    .method = false,
    .doc = "The shape that tensors of the shapes s0 and s1 broadcast to, as an int32 vector.",
});

}  // namespace

}  // namespace lamina
