// Drawing classes by their probabilities.
#include "core/alea.h"
#include "core/random.h"
#include "core/random_state.h"
#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

// The class at whose place in the running sums of p a number of [0, 1) falls; the last one where rounding
// leaves none.
int32_t class_of(const std::vector<float>& sums, double number) {
    size_t i = 0;
    while (i < sums.size() && !(number < static_cast<double>(sums[i]))) ++i;
    return static_cast<int32_t>(i);
}

[[maybe_unused]] const Op& multinomial_op = define({
    .name = "multinomial",
    .inputs = {{"logits", Accept::to_real}},
    .attrs = {{"numSamples", AttrType::integer},
              {"seed", AttrType::seed, None{}, true},
              {"normalized", AttrType::boolean, false, true}},
    .effect = Effect::random,
    .infer = [](const Call& c) -> Specs {
        const Shape& s = c[0].shape();
        if (s.rank() < 1 || s.rank() > 2)
            value_error("multinomial: Rank of probabilities must be 1 or 2, but is ", s.rank());
        if (c[0].size() < 2)
            value_error("Error in multinomial: you need at least 2 outcomes, but got ", c[0].size(), ".");
        if (c.integer("numSamples") < 0)
            value_error("multinomial: numSamples must not be negative, but got ", c.integer("numSamples"),
                        ".");
        check_positions("multinomial", s[s.rank() - 1]);
        return {{DType::int32, s.with(s.rank() - 1, c.integer("numSamples"))}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const Tensor p = cast(c.flag("normalized") ? c[0] : softmax(c[0]), DType::float32);
            const int64_t classes = p.shape()[p.rank() - 1], rows = p.size() / classes,
                          samples = c.integer("numSamples");
            auto* y = out[0].mutable_data<int32_t>();
            const std::string* seed = std::get_if<std::string>(&c.attr("seed"));
            const RandomState r = seed ? RandomState{} : next_random_call();
            for (int64_t row = 0; row < rows; ++row) {
                std::vector<float> sums(static_cast<size_t>(classes - 1));
                float total = 0;
                for (size_t i = 0; i < sums.size(); ++i)
                    sums[i] = total += p.data<float>()[row * classes + static_cast<int64_t>(i)];
                if (seed) {
                    // In TensorFlow.js each row draws the same numbers.
                    Alea random(*seed);
                    for (int64_t i = 0; i < samples; ++i) *y++ = class_of(sums, random.next());
                    continue;
                }
                std::vector<uint32_t> bits(static_cast<size_t>(samples));
                philox_bits(r.key, r.calls, 0, bits.data(), row * samples, samples);
                for (const uint32_t b : bits) *y++ = class_of(sums, b * 0x1p-32);
            }
        },
    .no_grad = "random values have no gradient",
    .method = false,
    .doc = "numSamples int32 classes for each row of logits, or of probabilities where `normalized`.",
});

}  // namespace

}  // namespace lamina
