// The blocks of one kind of convolution: the convolution, the two that its gradient is made of, and the one
// with bias and activation. All three kinds of product are linear in both arguments, and each one's gradient
// is the other two.
//
// Kind gives names, labels for messages, `depthwise`, kernels, and holds the ops once they are defined.
#pragma once

#include <cstring>

#include "ops/activation_table.h"
#include "ops/conv_shape.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

template <class Kind>
struct ConvBlocks {
    // ---- calls -----------------------------------------------------------------------------------------------

    // The attributes of a convolution of NHWC images with c's windows.
    static Attrs forward_attrs(const Call& c) {
        const Attrs w = window_attrs(c, 0, 0);
        return {w[1], w[2], std::string("NHWC"), w[3], w[4]};
    }
    static Tensor forward(const Call& c, const Tensor& x, const Tensor& filter) {
        return call1(*Kind::forward, {x, filter}, forward_attrs(c));
    }
    static Tensor by_input(const Call& c, const Tensor& dy, const Tensor& filter, const Shape& x) {
        return call1(*Kind::by_input, {dy, filter}, window_attrs(c, x[1], x[2]));
    }
    static Tensor by_filter(const Call& c, const Tensor& x, const Tensor& dy, const Shape& filter) {
        return call1(*Kind::by_filter, {x, dy}, window_attrs(c, filter[0], filter[1]));
    }

    static Shape out_shape(const ConvShape& s) { return {s.batch, s.out_h, s.out_w, s.out_c}; }

    // ---- the convolution -------------------------------------------------------------------------------------

    static ConvShape shape_of(const Call& c, const char* label) {
        const Shape x = nhwc_shape(label, c[0].shape(), channels_first(c));
        return conv_shape(c, label, x, c[1].shape(), Kind::depthwise);
    }

    static Specs infer(const Call& c) {
        const Shape y = out_shape(shape_of(c, Kind::label));
        return {{c[0].dtype(), caller_shape(y, c[0].rank(), channels_first(c))}};
    }

    template <class T>
    static void run_kernel(const Call& c, const ConvShape& s, const Tensor& x, Tensor& y,
                           const Epilogue<T>& epilogue) {
        if (y.size() == 0) return;
        if (const Tensor* packed = c.prepared())
            return kernels<T>().conv2d_packed(s, x.data<T>(), packed->data<T>(), y.mutable_data<T>(),
                                              epilogue);
        Kind::template forward_kernel<T>()(s, x.data<T>(), c[1].data<T>(), y.mutable_data<T>(), epilogue);
    }

    // The filter in the order in which the kernel reads it.
    static Tensor prepare(const Call& c) {
        Tensor packed;
        if (Kind::depthwise || channels_first(c)) return packed;
        const ConvShape s = shape_of(c, Kind::label);
        visit_real(c[0].dtype(), [&]<class T>() {
            const int64_t size = kernels<T>().conv2d_packed_size(s);
            if (size == 0) return;
            packed = program_memory({c[0].dtype(), {size}});
            kernels<T>().conv2d_pack(s, c[1].data<T>(), packed.mutable_data<T>());
        });
        return packed;
    }

    // Of NHWC images alone: others are brought to that order first.
    static std::shared_ptr<const void> plan(const Call& c) {
        return channels_first(c) ? nullptr : kept(shape_of(c, Kind::label));
    }

    static void run(const Call& c, Tensors& out) {
        const bool first = !c.plan && channels_first(c);
        if (first) {
            out[0] = from_nhwc(forward(c, to_nhwc(c[0], first), c[1]), c[0].rank(), first);
            return;
        }
        const ConvShape s = c.plan ? planned<ConvShape>(c) : shape_of(c, Kind::label);
        visit_real(c[0].dtype(), [&]<class T>() { run_kernel<T>(c, s, c[0], out[0], Epilogue<T>{}); });
    }

    static Tensors grad(const Gradient& g) {
        const Call c = g.call();
        return grad_of(g, c, to_nhwc(g.dy(), channels_first(c)));
    }

    // The gradients of x and filter from that of the NHWC result.
    static Tensors grad_of(const Gradient& g, const Call& c, const Tensor& dy) {
        const bool first = channels_first(c);
        Tensor dx, dfilter;
        if (g.wants(0)) {
            const Shape x = nhwc_shape(Kind::label, g.shape(0), first);
            dx = from_nhwc(by_input(c, dy, g.x(1), x), g.shape(0).rank(), first);
        }
        // Without channels the shapes do not say how many filters each of them has.
        if (g.wants(1))
            dfilter = g.shape(1).size() == 0 ? zeros(g.shape(1), dy.dtype())
                                             : by_filter(c, to_nhwc(g.x(0), first), dy, g.shape(1));
        return {dx, dfilter};
    }

    static Op forward_block(const char* doc) {
        return {
            .name = Kind::name,
            .inputs = {{"x", Accept::real}, {"filter", Accept::real}},
            .attrs = {strides_attr(), pad_attr(), data_format_attr(), dilations_attr(), rounding_attr()},
            .promote = true,
            .infer = infer,
            .run = run,
            .grad = grad,
            .saves = {.inputs = {0, 1}},
            .prepare = Kind::depthwise ? nullptr : prepare,
            .plan = plan,
            .doc = doc,
        };
    }

    // ---- its gradient by the input ---------------------------------------------------------------------------

    static ConvShape by_input_shape(const Call& c) {
        const Ints& size = c.ints("size");
        const Shape &dy = c[0].shape(), &filter = c[1].shape();
        const ConvShape s =
            conv_shape(c, Kind::label, {dy[0], size[0], size[1], filter[2]}, filter, Kind::depthwise);
        check_dy(c, dy, s);
        return s;
    }

    static void check_dy(const Call& c, const Shape& dy, const ConvShape& s) {
        if (!(dy == out_shape(s)))
            value_error("Error in ", c.op.name, ": dy must have shape [", out_shape(s), "], but got [", dy,
                        "].");
    }

    static Op by_input_block() {
        return {
            .name = Kind::by_input_name,
            .inputs = {{"dy", Accept::real}, {"filter", Accept::real}},
            .attrs = internal_window_attrs(),
            .promote = true,
            .infer = [](const Call& c) -> Specs {
                const ConvShape s = by_input_shape(c);
                return {{c[0].dtype(), {s.batch, s.in_h, s.in_w, s.in_c}}};
            },
            .run =
                [](const Call& c, Tensors& out) {
                    const ConvShape s = c.plan ? planned<ConvShape>(c) : by_input_shape(c);
                    visit_real(c[0].dtype(), [&]<class T>() {
                        T* dx = out[0].mutable_data<T>();
                        if (c[0].size() == 0 || out[0].size() == 0) return clear(out[0], dx);
                        Kind::template by_input_kernel<T>()(s, c[0].data<T>(), c[1].data<T>(), dx);
                    });
                },
            .grad = [](const Gradient& g) -> Tensors {
                const Call c = g.call();
                const Tensor u = g.dy();
                Tensor by_dy, of_filter;
                if (g.wants(0)) by_dy = forward(c, u, g.x(1));
                if (g.wants(1)) of_filter = by_filter(c, u, g.x(0), g.shape(1));
                return {by_dy, of_filter};
            },
            .saves = {.inputs = {0, 1}},
            .plan = [](const Call& c) { return kept(by_input_shape(c)); },
            .method = false,
            .internal = true,
            .doc = "The gradient of a convolution by its input, an image of the given size.",
        };
    }

    // ---- its gradient by the filter --------------------------------------------------------------------------

    static Shape filter_shape(const Call& c) {
        const Ints& size = c.ints("size");
        const int64_t in = c[0].shape()[3], out = c[1].shape()[3];
        return {size[0], size[1], in, Kind::depthwise && in > 0 ? out / in : out};
    }

    static ConvShape by_filter_shape(const Call& c) {
        const ConvShape s = conv_shape(c, Kind::label, c[0].shape(), filter_shape(c), Kind::depthwise);
        check_dy(c, c[1].shape(), s);
        return s;
    }

    static Op by_filter_block() {
        return {
            .name = Kind::by_filter_name,
            .inputs = {{"x", Accept::real}, {"dy", Accept::real}},
            .attrs = internal_window_attrs(),
            .promote = true,
            .infer = [](const Call& c) -> Specs {
                by_filter_shape(c);
                return {{c[0].dtype(), filter_shape(c)}};
            },
            .run =
                [](const Call& c, Tensors& out) {
                    const ConvShape s = c.plan ? planned<ConvShape>(c) : by_filter_shape(c);
                    visit_real(c[0].dtype(), [&]<class T>() {
                        T* df = out[0].mutable_data<T>();
                        if (c[0].size() == 0 || c[1].size() == 0) return clear(out[0], df);
                        Kind::template by_filter_kernel<T>()(s, c[0].data<T>(), c[1].data<T>(), df);
                    });
                },
            .grad = [](const Gradient& g) -> Tensors {
                const Call c = g.call();
                const Tensor u = g.dy();
                Tensor of_x, by_dy;
                if (g.wants(0)) of_x = by_input(c, g.x(1), u, g.shape(0));
                if (g.wants(1)) by_dy = forward(c, g.x(0), u);
                return {of_x, by_dy};
            },
            .saves = {.inputs = {0, 1}},
            .plan = [](const Call& c) { return kept(by_filter_shape(c)); },
            .method = false,
            .internal = true,
            .doc = "The gradient of a convolution by its filter, of the given height and width.",
        };
    }

    template <class T>
    static void clear(const Tensor& t, T* data) {
        std::memset(data, 0, static_cast<size_t>(t.size()) * sizeof(T));
    }

    // ---- with bias and activation ----------------------------------------------------------------------------

    static Specs infer_fused(const Call& c) {
        const Shape y = out_shape(shape_of(c, Kind::fused_label));
        const bool first = channels_first(c);
        activation_of(c);
        if (c.has(2)) {
            const Shape& bias = c[2].shape();
            if (first && (bias.rank() > 1 || (bias.size() != 1 && bias.size() != y[3])))
                value_error("Error in ", Kind::fused_label, ": bias shape (", bias,
                            ") is not compatible with the number of output channels (", y[3], ")");
            if (!(broadcast(y, bias) == y))
                value_error("Error in ", Kind::fused_label, ": a bias of shape [", bias,
                            "] is larger than the output, [", y, "].");
        }
        return {{c[0].dtype(), caller_shape(y, c[0].rank(), first)}};
    }

    static void run_fused(const Call& c, Tensors& out) {
        const bool first = !c.plan && channels_first(c);
        const ConvShape s = c.plan ? planned<ConvShape>(c) : shape_of(c, Kind::fused_label);
        const Tensor x = first ? to_nhwc(c[0], first) : c[0];
        Tensor y = first ? Tensor::empty(c[0].dtype(), out_shape(s), c.op.name) : out[0];
        visit_real(c[0].dtype(), [&]<class T>() {
            Epilogue<T> epilogue;
            fuse_activation(c, epilogue);
            Tensor bias = c[2];
            if (bias && bias.size() == 1) bias = broadcast_to(reshape(bias, {1}), {s.out_c});
            if (bias && bias.size() == s.out_c && bias.shape()[bias.rank() - 1] == s.out_c) {
                epilogue.bias = bias.data<T>();
            } else if (bias) {
                bias = broadcast_to(bias, out_shape(s));
                epilogue.addend = bias.data<T>();
                epilogue.addend_stride = s.out_c;
            }
            run_kernel<T>(c, s, x, y, epilogue);
        });
        if (first) out[0] = from_nhwc(y, c[0].rank(), first);
    }

    static Tensors grad_fused(const Gradient& g) {
        const Call c = g.call();
        const Tensor dz = activation_of(c).grad(g.dy(), g.y(), activation_alpha(c));
        const Tensor dy = to_nhwc(dz, channels_first(c));
        Tensors all = grad_of(g, c, dy);
        all.push_back(g.wants(2) ? sum_to(dy, g.shape(2)) : Tensor());
        return all;
    }

    static Tensors decompose_fused(const Call& c) {
        infer_fused(c);
        Tensor y = call1(*Kind::forward, {c[0], c[1]},
                         {c.attr("strides"), c.attr("pad"), c.attr("dataFormat"), c.attr("dilations"),
                          c.attr("dimRoundingMode")});
        if (c.has(2))
            y = add(y, channels_first(c) && c[2].rank() == 1 ? reshape(c[2], {c[2].size(), 1, 1}) : c[2]);
        return {apply_activation(activation_of(c), y, activation_alpha(c))};
    }

    static Op fused_block() {
        Op op{
            .name = Kind::fused_name,
            .inputs = {{"x", Accept::real},
                       {"filter", Accept::real},
                       {"bias", Accept::to_real, Arity::optional}},
            .attrs = {strides_attr(), pad_attr(), data_format_attr(), dilations_attr()},
            .promote = true,
            .infer = infer_fused,
            .run = run_fused,
            .grad = grad_fused,
            .saves = {.inputs = {0, 1}, .outputs = {0}},
            .prepare = Kind::depthwise ? nullptr : prepare,
            .plan = plan,
            .decompose = decompose_fused,
            .method = false,
            .internal = true,
            .doc = "activation(convolution(x, filter) + bias) in one pass.",
        };
        for (const AttrSpec& attr : activation_attrs()) op.attrs.push_back(attr);
        op.attrs.push_back(rounding_attr());
        return op;
    }
};

}  // namespace lamina
