// Max and average pooling.
#include "ops/conv_shape.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

Shape out_shape(const PoolShape& s) { return {s.batch, s.out_h, s.out_w, s.channels}; }

PoolShape shape_of(const Call& c) {
    return pool_shape(c, c.op.name, nhwc_shape(c.op.name, c[0].shape(), channels_first(c)));
}

Specs infer_pool(const Call& c) {
    if (c[0].dtype() == DType::complex64) type_error(c.op.name, " is not defined for complex64 tensors.");
    const Shape y = out_shape(shape_of(c));
    return {{c[0].dtype(), caller_shape(y, c[0].rank(), channels_first(c))}};
}

std::vector<AttrSpec> pool_attrs() {
    return {{"filterSize", AttrType::ints},
            strides_attr(),
            pad_attr(),
            rounding_attr(),
            dilations_attr(),
            data_format_attr()};
}

// Those of the internal ops, which work on NHWC.
std::vector<AttrSpec> nhwc_attr_specs() {
    return {{"filterSize", AttrType::ints}, strides_attr(), pad_attr(), rounding_attr(), dilations_attr()};
}
Attrs nhwc_attrs(const Call& c) {
    const Attrs w = window_attrs(c, 0, 0);
    return {c.attr("filterSize"), w[1], w[2], w[4], w[3]};
}

// Of NHWC images alone: others are brought to that order first.
std::shared_ptr<const void> plan_pool(const Call& c) {
    return channels_first(c) ? nullptr : kept(shape_of(c));
}

// Integers are pooled as doubles, which hold them exactly.
template <class Kernel>
void run_pool(const Call& c, Tensors& out, Kernel kernel) {
    const bool first = !c.plan && channels_first(c);
    const bool direct = !first && is_real(c[0].dtype());
    const PoolShape s = c.plan ? planned<PoolShape>(c) : shape_of(c);
    if (out[0].size() == 0) return;
    const auto pool = [&](const Tensor& x, Tensor& y) {
        visit_real(x.dtype(), [&]<class T>() { kernel(kernels<T>())(s, x.data<T>(), y.mutable_data<T>()); });
    };
    if (direct) return pool(c[0], out[0]);
    Tensor x = to_nhwc(c[0], first);
    if (!is_real(x.dtype())) x = cast(x, DType::float64);
    Tensor y = Tensor::empty(x.dtype(), out_shape(s), c.op.name);
    pool(x, y);
    out[0] = from_nhwc(cast(y, c[0].dtype()), c[0].rank(), first);
}

// ---- max ---------------------------------------------------------------------------------------------------

Tensor max_pool_grad(const Tensor& dy, const Tensor& x, const Attrs& attrs);
Tensor max_pool_pick(const Tensor& values, const Tensor& x, const Attrs& attrs);

[[maybe_unused]] const Op& max_pool_op = define({
    .name = "maxPool",
    .inputs = {{"x", Accept::numeric}},
    .attrs = pool_attrs(),
    .infer = infer_pool,
    .run = [](const Call& c,
              Tensors& out) { run_pool(c, out, [](const auto& table) { return table.max_pool; }); },
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        const bool first = channels_first(c);
        const Tensor dx = max_pool_grad(to_nhwc(g.dy(), first), to_nhwc(g.x(0), first), nhwc_attrs(c));
        return {from_nhwc(dx, g.shape(0).rank(), first)};
    },
    .saves = {.inputs = {0}},
    .plan = plan_pool,
    .doc = "The largest value of each window of images [batch, height, width, channels]; padding does not "
           "count.",
});

void check_shape(const Call& c, int slot, const Shape& wanted) {
    if (!(c[slot].shape() == wanted))
        value_error("Error in ", c.op.name, ": ", c.op.inputs[static_cast<size_t>(slot)].name,
                    " must have shape [", wanted, "], but got [", c[slot].shape(), "].");
}

// Both work on the windows over x, in slot 1.
PoolShape shape_of_second(const Call& c) {
    return pool_shape(c, c.op.name, nhwc_shape(c.op.name, c[1].shape(), false));
}

std::vector<AttrSpec> max_pool_grad_attrs() {
    std::vector<AttrSpec> attrs = nhwc_attr_specs();
    attrs.push_back({"relu", AttrType::boolean, false, true});
    return attrs;
}

const Op& max_pool_grad_op = define({
    .name = "maxPoolGrad",
    .inputs = {{"dy", Accept::real}, {"x", Accept::real}},
    .attrs = max_pool_grad_attrs(),
    .promote = true,
    .infer = [](const Call& c) -> Specs {
        check_shape(c, 0, out_shape(shape_of_second(c)));
        return {c[1].spec()};
    },
    .run =
        [](const Call& c, Tensors& out) {
            visit_real(c[0].dtype(), [&]<class T>() {
                const auto kernel =
                    c.flag("relu") ? kernels<T>().max_pool_relu_grad : kernels<T>().max_pool_grad;
                kernel(c.plan ? planned<PoolShape>(c) : shape_of_second(c), c[0].data<T>(), c[1].data<T>(),
                       out[0].mutable_data<T>());
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        if (!g.wants(0)) return {Tensor(), Tensor()};
        const bool relu = g.call().flag("relu");
        const Tensor values = relu ? mul(g.dy(), step(g.x(1), 0)) : g.dy();
        return {max_pool_pick(values, g.x(1), nhwc_attrs(g.call())), Tensor()};
    },
    .saves = {.inputs = {1}},
    .plan = [](const Call& c) { return kept(shape_of_second(c)); },
    .method = false,
    .internal = true,
    .doc =
        "The gradient of maxPool: each window's goes to its first largest value. relu: x = relu(z), and the "
        "gradient is that of z.",
});

const Op& max_pool_pick_op = define({
    .name = "maxPoolPick",
    .inputs = {{"values", Accept::real}, {"x", Accept::real}},
    .attrs = nhwc_attr_specs(),
    .promote = true,
    .infer = [](const Call& c) -> Specs {
        check_shape(c, 0, c[1].shape());
        return {{c[0].dtype(), out_shape(shape_of_second(c))}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            visit_real(c[0].dtype(), [&]<class T>() {
                kernels<T>().max_pool_pick(shape_of_second(c), c[0].data<T>(), c[1].data<T>(),
                                           out[0].mutable_data<T>());
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        return {g.wants(0) ? max_pool_grad(g.dy(), g.x(1), g.attrs) : Tensor(), Tensor()};
    },
    .saves = {.inputs = {1}},
    .method = false,
    .internal = true,
    .doc = "Of each window, the one of `values` that stands where x is largest.",
});

Tensor max_pool_grad(const Tensor& dy, const Tensor& x, const Attrs& attrs) {
    return call1(max_pool_grad_op, {dy, x}, attrs);
}
Tensor max_pool_pick(const Tensor& values, const Tensor& x, const Attrs& attrs) {
    return call1(max_pool_pick_op, {values, x}, attrs);
}

// ---- average -----------------------------------------------------------------------------------------------

Tensor avg_pool_grad(const Tensor& dy, int64_t height, int64_t width, const Attrs& attrs);

const Op& avg_pool_op = define({
    .name = "avgPool",
    .inputs = {{"x", Accept::real}},
    .attrs = pool_attrs(),
    .infer = infer_pool,
    .run = [](const Call& c,
              Tensors& out) { run_pool(c, out, [](const auto& table) { return table.avg_pool; }); },
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        const bool first = channels_first(c);
        const Shape x = nhwc_shape(c.op.name, g.shape(0), first);
        const Tensor dx = avg_pool_grad(to_nhwc(g.dy(), first), x[1], x[2], nhwc_attrs(c));
        return {from_nhwc(dx, g.shape(0).rank(), first)};
    },
    .plan = plan_pool,
    .doc = "The mean of each window of images [batch, height, width, channels]; padding does not count.",
});

PoolShape avg_grad_shape(const Call& c) {
    const Ints& size = c.ints("size");
    const Shape& dy = c[0].shape();
    if (dy.rank() != 4)
        value_error("Error in ", c.op.name, ": dy must be rank 4, but got rank ", dy.rank(), ".");
    const PoolShape s = pool_shape(c, c.op.name, {dy[0], size[0], size[1], dy[3]});
    check_shape(c, 0, out_shape(s));
    return s;
}

std::vector<AttrSpec> avg_grad_attrs() {
    std::vector<AttrSpec> attrs = nhwc_attr_specs();
    attrs.push_back({"size", AttrType::ints});
    return attrs;
}

const Op& avg_pool_grad_op = define({
    .name = "avgPoolGrad",
    .inputs = {{"dy", Accept::real}},
    .attrs = avg_grad_attrs(),
    .infer = [](const Call& c) -> Specs {
        const PoolShape s = avg_grad_shape(c);
        return {{c[0].dtype(), {s.batch, s.in_h, s.in_w, s.channels}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            visit_real(c[0].dtype(), [&]<class T>() {
                kernels<T>().avg_pool_grad(c.plan ? planned<PoolShape>(c) : avg_grad_shape(c), c[0].data<T>(),
                                           out[0].mutable_data<T>());
            });
        },
    .grad = [](const Gradient& g) -> Tensors { return {call1(avg_pool_op, {g.dy()}, nhwc_attrs(g.call()))}; },
    .plan = [](const Call& c) { return kept(avg_grad_shape(c)); },
    .method = false,
    .internal = true,
    .doc = "The gradient of avgPool by its input, an image of the given size.",
});

Tensor avg_pool_grad(const Tensor& dy, int64_t height, int64_t width, const Attrs& attrs) {
    Attrs with_size = attrs;
    with_size.push_back(Ints{height, width});
    return call1(avg_pool_grad_op, {dy}, with_size);
}

}  // namespace

}  // namespace lamina
