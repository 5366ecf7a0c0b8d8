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
            // A size of -1, which is not known yet, is a size as any other.
            const int64_t rank = out[0].size();
            auto* y = out[0].mutable_data<int32_t>();
            const auto size_of = [rank](const Tensor& t, int64_t i) {
                const int64_t at = i - (rank - t.size());
                return at < 0 ? 1 : t.data<int32_t>()[at];
            };
            const auto listed = [](const Tensor& t) {
                std::string text;
                for (int64_t i = 0; i < t.size(); ++i)
                    text += (i ? "," : "") + std::to_string(t.data<int32_t>()[i]);
                return text;
            };
            for (int64_t i = 0; i < rank; ++i) {
                const int32_t a = size_of(c[0], i), b = size_of(c[1], i);
                if (a != b && a != 1 && b != 1)
                    value_error("Operands could not be broadcast together with shapes ", listed(c[0]),
                                " and ", listed(c[1]), ".");
                y[i] = a == 1 ? b : a;
            }
        },
    .no_grad = "its inputs are whole numbers",
    .method = false,
    .doc = "The shape that tensors of the shapes s0 and s1 broadcast to, as an int32 vector; -1 stays.",
});

}  // namespace

}  // namespace lamina
