// Tensors from nothing.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"
#include "ops/strided.h"

namespace lamina {

namespace {

const char* const kConstant = "its result is constant";

void fill_with(Tensor& y, double value) {
    const auto with = [&]<class T>(T one) { fill_values(one, y.mutable_data<T>(), y.size()); };
    if (y.dtype() == DType::complex64)
        with(Complex{static_cast<float>(value), 0.0f});
    else
        visit_number(y.dtype(), [&]<class T>() { with(number_to<T>(value)); });
}

const Op& fill_op = define({
    .name = "fill",
    .attrs = {{"shape", AttrType::ints},
              {"value", AttrType::number},
              {"dtype", AttrType::dtype, DType::float32, true}},
    .infer = [](const Call& c) -> Specs {
        if (c.dtype("dtype") == DType::string)
            type_error("fill: the value is a number, so dtype cannot be 'string'.");
        return {{c.dtype("dtype"), Shape(std::span<const int64_t>(c.ints("shape")))}};
    },
    .run = [](const Call& c, Tensors& out) { fill_with(out[0], c.number("value")); },
    .no_grad = kConstant,
    .doc = "A tensor of the given shape with one value everywhere.",
});

// Ones on the diagonal, each row while it is in the first-level cache.
template <class T>
void fill_diagonal(T one, Tensor& y) {
    const int64_t columns = y.shape()[1];
    T* to = y.mutable_data<T>();
    parallel_for(y.shape()[0], kElementwiseGrain / std::max<int64_t>(1, columns) + 1,
                 [=](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i) {
                         std::memset(static_cast<void*>(to + i * columns), 0,
                                     static_cast<size_t>(columns) * sizeof(T));
                         if (i < columns) to[i * columns + i] = one;
                     }
                 });
}

[[maybe_unused]] const Op& eye_op = define({
    .name = "eye",
    .attrs = {{"rows", AttrType::integer},
              {"columns", AttrType::integer},
              {"dtype", AttrType::dtype, DType::float32, true}},
    .infer = [](const Call& c) -> Specs {
        if (c.dtype("dtype") == DType::string)
            type_error("eye: the values are numbers, so dtype cannot be 'string'.");
        return {{c.dtype("dtype"), Shape{c.integer("rows"), c.integer("columns")}}};
    },
    .run =
        [](const Call&, Tensors& out) {
            if (out[0].dtype() == DType::complex64) return fill_diagonal(Complex{1.0f, 0.0f}, out[0]);
            visit_number(out[0].dtype(), [&]<class T>() { fill_diagonal(T(1), out[0]); });
        },
    .no_grad = kConstant,
    .internal = true,
    .doc = "A matrix [rows, columns] of zeros with ones on the diagonal.",
});

Op like(const char* name, void (*run)(const Call&, Tensors&), const char* doc) {
    return {
        .name = name,
        .inputs = {{"x", Accept::numeric}},
        .infer = same_as_input,
        .run = run,
        .grad = [](const Gradient& g) -> Tensors { return {zeros(g.shape(0), g.dy().dtype())}; },
        .doc = doc,
    };
}

const Op& zeros_like_op = define(like(
    "zerosLike", [](const Call&, Tensors& out) { fill_with(out[0], 0); }, "Zeros of x's shape and dtype."));
const Op& ones_like_op = define(like(
    "onesLike", [](const Call&, Tensors& out) { fill_with(out[0], 1); }, "Ones of x's shape and dtype."));

// start + i * step for each element i of a real tensor.
void run_ramp(double start, double step, Tensor& y) {
    visit_real(y.dtype(), [&]<class T>() {
        T* to = y.mutable_data<T>();
        const auto kernel = kernels<T>().ramp;
        parallel_for(y.size(), kElementwiseGrain, [=](int64_t begin, int64_t end) {
            kernel(start, step, begin, to + begin, end - begin);
        });
    });
}

// The step of 1 that is the default also counts downwards.
double range_step(const Call& c) {
    const double step = c.number("step");
    return step == 1 && c.number("stop") < c.number("start") ? -1 : step;
}

const Op& range_op = define({
    .name = "range",
    .attrs = {{"start", AttrType::number},
              {"stop", AttrType::number},
              {"step", AttrType::number, 1.0, true},
              {"dtype", AttrType::dtype, DType::float32, true, {"float32", "int32"}}},
    .infer = [](const Call& c) -> Specs {
        const double step = range_step(c), length = (c.number("stop") - c.number("start")) / step;
        if (step == 0) value_error("Cannot have a step of zero");
        if (!(length < 1e15))
            value_error("range: ", c.number("start"), " to ", c.number("stop"), " has no finite length.");
        return {{c.dtype("dtype"), Shape{length > 0 ? static_cast<int64_t>(std::ceil(length)) : 0}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const double start = c.number("start"), step = range_step(c);
            if (is_real(out[0].dtype())) return run_ramp(start, step, out[0]);
            auto* to = out[0].mutable_data<int32_t>();
            parallel_for(out[0].size(), kElementwiseGrain, [=](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; ++i)
                    to[i] = number_to<int32_t>(start + static_cast<double>(i) * step);
            });
        },
    .no_grad = kConstant,
    .doc = "start, start + step, ... below stop (above, where step is negative; 1 counts down, too).",
});

const Op& linspace_op = define({
    .name = "linspace",
    .attrs = {{"start", AttrType::number}, {"stop", AttrType::number}, {"num", AttrType::integer}},
    .infer = [](const Call& c) -> Specs {
        if (c.integer("num") <= 0)
            value_error("The number of values should be positive, got ", c.integer("num"), ".");
        return {{DType::float32, Shape{c.integer("num")}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const double start = c.number("start"), last = static_cast<double>(c.integer("num") - 1);
            const double step = last > 0 ? (c.number("stop") - start) / last : 0;
            run_ramp(start, step, out[0]);
        },
    .no_grad = kConstant,
    .doc = "num evenly spaced values from start to stop, both included.",
});

}  // namespace

Tensor fill(const Shape& shape, double value, DType dtype) {
    return call1(fill_op, {}, {Ints(shape.begin(), shape.end()), value, dtype});
}
Tensor zeros(const Shape& shape, DType dtype) { return fill(shape, 0, dtype); }
Tensor zeros_like(const Tensor& x) { return call1(zeros_like_op, {x}); }
Tensor ones_like(const Tensor& x) { return call1(ones_like_op, {x}); }

}  // namespace lamina
