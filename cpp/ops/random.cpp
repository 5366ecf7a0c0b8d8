// Random tensors. With a seed the numbers are TensorFlow.js' own; without one they come from the program's
// sequence, the same for any number of threads.
#include "core/random.h"

#include <cmath>
#include <limits>

#include "core/alea.h"
#include "core/interrupt.h"
#include "core/random_state.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

constexpr int64_t kRandomGrain = 8192;

const char* const kNoGrad = "random values depend on nothing";

const std::string* seed_of(const Call& c) { return std::get_if<std::string>(&c.attr("seed")); }

Shape shape_of(const Call& c) { return Shape(std::span<const int64_t>(c.ints("shape"))); }

AttrSpec shape_attr() { return {"shape", AttrType::ints}; }
AttrSpec seed_attr() { return {"seed", AttrType::seed, None{}, true}; }
AttrSpec dtype_attr() { return {"dtype", AttrType::dtype, DType::float32, true}; }
AttrSpec number_attr(const char* name, double fallback) { return {name, AttrType::number, fallback, true}; }

[[noreturn]] void unsupported(DType type) { value_error("Unsupported data type ", name_of(type)); }

template <bool bool_too>
Specs infer_random(const Call& c) {
    const DType type = c.dtype("dtype");
    if (!is_real(type) && type != DType::int32 && !(bool_too && type == DType::boolean)) unsupported(type);
    return {{type, shape_of(c)}};
}

// As JavaScript stores a number into a typed array.
template <class T>
T stored(double x) {
    if constexpr (dtype_of<T>() == DType::float32 || dtype_of<T>() == DType::float64) {
        return static_cast<T>(x);
    } else {
        if (!std::isfinite(x)) return 0;
        return static_cast<T>(static_cast<uint64_t>(static_cast<int64_t>(std::fmod(std::trunc(x), 0x1p32))));
    }
}

// out[i] = next() in order.
template <class Random>
void draw_in_order(Tensor& out, Random random) {
    visit_number(out.dtype(), [&]<class T>() {
        T* y = out.mutable_data<T>();
        for (int64_t i = 0; i < out.size(); ++i) {
            y[i] = stored<T>(random.next());
            if (i % 4096 == 0) check_interrupt();
        }
    });
}

// fill(y, first, n) for pieces of y on several threads.
template <class T, class F>
void each_piece(Tensor& out, F fill) {
    T* y = out.mutable_data<T>();
    parallel_for(out.size(), kRandomGrain,
                 [&](int64_t begin, int64_t end) { fill(y + begin, begin, end - begin); });
}

// Pieces of random values in float, made into y by f.
template <class T, class Draw, class F>
void each_value(Tensor& out, Draw draw, F f) {
    each_piece<T>(out, [&](T* y, int64_t begin, int64_t n) {
        float values[512];
        for (int64_t i = 0; i < n; i += 512) {
            const int64_t count = std::min<int64_t>(512, n - i);
            draw(values, begin + i, count);
            for (int64_t j = 0; j < count; ++j) y[i + j] = f(static_cast<double>(values[j]));
        }
    });
}

// ---- uniform -----------------------------------------------------------------------------------------------

// Rounding must not reach the upper end.
template <class T>
T below(double x, double low, T high) {
    const T y = static_cast<T>(x);
    return y >= high && static_cast<T>(low) < high ? std::nextafter(high, static_cast<T>(low)) : y;
}

void run_uniform(const Call& c, Tensors& out) {
    const double low = c.number("minval"), high = c.number("maxval");
    if (const std::string* seed = seed_of(c)) return draw_in_order(out[0], UniformRandom(low, high, *seed));
    const RandomState r = next_random_call();
    visit_number(out[0].dtype(), [&]<class T>() {
        if constexpr (std::is_floating_point_v<T>) {
            if (low == 0 && high == 1)
                return each_piece<T>(out[0], [&](T* y, int64_t begin, int64_t n) {
                    kernels<T>().random_uniform(r.key, r.calls, y, begin, n);
                });
            each_value<T>(
                out[0],
                [&](float* v, int64_t begin, int64_t n) {
                    kernels<float>().random_uniform(r.key, r.calls, v, begin, n);
                },
                [&](double u) { return below(low + (high - low) * u, low, static_cast<T>(high)); });
        } else {
            each_piece<T>(out[0], [&](T* y, int64_t begin, int64_t n) {
                uint32_t bits[512];
                for (int64_t i = 0; i < n; i += 512) {
                    const int64_t count = std::min<int64_t>(512, n - i);
                    philox_bits(r.key, r.calls, 0, bits, begin + i, count);
                    for (int64_t j = 0; j < count; ++j)
                        y[i + j] = stored<T>(low + (high - low) * (bits[j] * 0x1p-32));
                }
            });
        }
    });
}

const Op& uniform_op = define({
    .name = "randomUniform",
    .attrs = {shape_attr(), number_attr("minval", 0), number_attr("maxval", 1), dtype_attr(), seed_attr()},
    .effect = Effect::random,
    .infer = infer_random<true>,
    .run = run_uniform,
    .no_grad = kNoGrad,
    .method = false,
    .doc = "Values from the uniform distribution over [minval, maxval).",
});

[[maybe_unused]] const Op& uniform_int_op = define({
    .name = "randomUniformInt",
    .attrs = {shape_attr(), {"minval", AttrType::number}, {"maxval", AttrType::number}, seed_attr()},
    .effect = Effect::random,
    .infer = [](const Call& c) -> Specs { return {{DType::int32, shape_of(c)}}; },
    .no_grad = kNoGrad,
    .decompose = [](const Call& c) -> Tensors {
        return {call1(uniform_op, {},
                      {c.attr("shape"), c.attr("minval"), c.attr("maxval"), DType::int32, c.attr("seed")})};
    },
    .method = false,
    .doc = "Whole numbers from the uniform distribution over [minval, maxval).",
});

// ---- normal ------------------------------------------------------------------------------------------------

template <bool truncated>
void run_normal(const Call& c, Tensors& out) {
    const double mean = c.number("mean"), deviation = c.number("stdDev");
    const bool whole = out[0].dtype() == DType::int32;
    if (const std::string* seed = seed_of(c))
        return draw_in_order(out[0], GaussRandom(mean, deviation, whole, truncated, *seed));
    const RandomState r = next_random_call();
    const auto draw = [&](auto* values, int64_t begin, int64_t n) {
        const auto& table = kernels<std::remove_pointer_t<decltype(values)>>();
        (truncated ? table.random_truncated_normal : table.random_normal)(r.key, r.calls, values, begin, n);
    };
    visit_number(out[0].dtype(), [&]<class T>() {
        if constexpr (std::is_floating_point_v<T>) {
            if (mean == 0 && deviation == 1) return each_piece<T>(out[0], draw);
            each_value<T>(out[0], draw, [&](double z) { return static_cast<T>(mean + deviation * z); });
        } else {
            each_value<T>(out[0], draw,
                          [&](double z) { return stored<T>(std::floor(mean + deviation * z + 0.5)); });
        }
    });
}

template <bool truncated>
Op normal_block(const char* name, const char* doc) {
    return {
        .name = name,
        .attrs = {shape_attr(), number_attr("mean", 0), number_attr("stdDev", 1), dtype_attr(), seed_attr()},
        .effect = Effect::random,
        .infer = [](const Call& c) -> Specs {
            // Nothing would lie within two deviations.
            if (truncated && c.number("stdDev") < 0)
                value_error("Error in ", c.op.name, ": stdDev must not be negative, but got ",
                            c.number("stdDev"), ".");
            return infer_random<false>(c);
        },
        .run = run_normal<truncated>,
        .no_grad = kNoGrad,
        .method = false,
        .doc = doc,
    };
}

const Op& normal_op = define(normal_block<false>("randomNormal", "Values from the normal distribution."));
[[maybe_unused]] const Op& truncated_op = define(normal_block<true>(
    "truncatedNormal",
    "Values from the normal distribution; those beyond two standard deviations are drawn again."));

[[maybe_unused]] const Op& standard_normal_op = define({
    .name = "randomStandardNormal",
    .attrs = {shape_attr(), dtype_attr(), seed_attr()},
    .effect = Effect::random,
    .infer = infer_random<false>,
    .no_grad = kNoGrad,
    .decompose = [](const Call& c) -> Tensors {
        return {call1(normal_op, {}, {c.attr("shape"), 0.0, 1.0, c.attr("dtype"), c.attr("seed")})};
    },
    .method = false,
    .doc = "Values from the normal distribution with mean 0 and standard deviation 1.",
});

// ---- gamma -------------------------------------------------------------------------------------------------

[[maybe_unused]] const Op& gamma_op = define({
    .name = "randomGamma",
    .attrs = {shape_attr(), {"alpha", AttrType::number}, number_attr("beta", 1), dtype_attr(), seed_attr()},
    .effect = Effect::random,
    .infer = infer_random<false>,
    .run =
        [](const Call& c, Tensors& out) {
            std::string seed;
            if (const std::string* given = seed_of(c)) {
                seed = *given;
            } else {
                const RandomState r = next_random_call();
                uint32_t bits[2];
                philox_bits(r.key, r.calls, 0, bits, 0, 2);
                seed = std::to_string(uint64_t{bits[0]} << 32 | bits[1]);
            }
            const bool whole = out[0].dtype() == DType::int32;
            draw_in_order(out[0], GammaRandom(c.number("alpha"), c.number("beta"), whole, seed));
        },
    .no_grad = kNoGrad,
    .method = false,
    .doc = "Values from the gamma distribution with shape alpha and rate beta.",
});

// ---- dropout -----------------------------------------------------------------------------------------------

// TensorFlow.js leaves a null entry to x; here -1 is one.
Shape noise_shape(const Call& c) {
    const Shape& x = c[0].shape();
    if (!c.given("noiseShape")) return x;
    Ints dims = c.ints("noiseShape");
    if (static_cast<int>(dims.size()) == x.rank())
        for (int i = 0; i < x.rank(); ++i)
            if (dims[static_cast<size_t>(i)] == -1) dims[static_cast<size_t>(i)] = x[i];
    const Shape shape(dims);
    if (!(broadcast(x, shape) == x))
        value_error("Error in dropout: noiseShape [", shape, "] does not broadcast to the shape of x, [", x,
                    "].");
    return shape;
}

double rate_of(const Call& c) {
    const double rate = c.number("rate");
    if (!(rate >= 0 && rate < 1))
        value_error("rate must be a float in the range [0, 1), but got ", rate, ".");
    return rate;
}

std::vector<AttrSpec> dropout_attrs() {
    return {{"rate", AttrType::number}, {"noiseShape", AttrType::ints, None{}, true}, seed_attr()};
}

// x gives shape and type only. With it as an input a trace sees that the mask belongs to each run.
const Op& dropout_mask_op = define({
    .name = "dropoutMask",
    .inputs = {{"x", Accept::real}, {"draw", Accept::index, Arity::optional}},
    .attrs = dropout_attrs(),
    .effect = Effect::random,
    .infer = [](const Call& c) -> Specs {
        rate_of(c);
        return {{c[0].dtype(), noise_shape(c)}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const double rate = rate_of(c);
            if (const std::string* given = seed_of(c)) {
                const int32_t draw = c.has(1) ? *c[1].data<int32_t>() : 0;
                const std::string seed = draw ? text(*given, "/", draw) : *given;
                // In TensorFlow.js' float32 steps: floor(u + keep) / keep.
                UniformRandom random(0, 1, seed);
                const float keep = static_cast<float>(1 - rate), kept = 1 / keep;
                visit_real(out[0].dtype(), [&]<class T>() {
                    T* y = out[0].mutable_data<T>();
                    for (int64_t i = 0; i < out[0].size(); ++i)
                        y[i] = std::floor(static_cast<float>(random.next()) + keep) >= 1
                                   ? static_cast<T>(kept)
                                   : T(0);
                });
                return;
            }
            const RandomState r = next_random_call();
            visit_real(out[0].dtype(), [&]<class T>() {
                each_piece<T>(out[0], [&](T* y, int64_t begin, int64_t n) {
                    kernels<T>().random_dropout(r.key, r.calls, rate, y, begin, n);
                });
            });
        },
    .no_grad = kNoGrad,
    .method = false,
    .internal = true,
    .doc = "What dropout multiplies x by: 0 with probability `rate`, else 1 / (1 - rate). With a seed, the "
           "scalar `draw` "
           "tells the masks of several calls apart; 0 or none is TensorFlow.js' own.",
});

[[maybe_unused]] const Op& dropout_op = define({
    .name = "dropout",
    .inputs = {{"x", Accept::any}},
    .attrs = dropout_attrs(),
    .effect = Effect::random,
    .infer = same_as_input,
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        if (!is_real(c[0].dtype()))
            value_error("x has to be a floating point tensor since it's going to be scaled, but got a ",
                        name_of(c[0].dtype()), " tensor instead.");
        if (rate_of(c) == 0) return {c[0]};
        return {mul(c[0], call1(dropout_mask_op, {c[0], Tensor()}, c.attrs))};
    },
    .method = false,
    .doc = "Sets a part `rate` of the values to 0 and divides the others by 1 - rate. noiseShape: the shape "
           "of the random "
           "choice, which broadcasts to x.",
});

}  // namespace

}  // namespace lamina
