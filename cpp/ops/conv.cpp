// Convolutions over images.
#include "ops/conv_blocks.h"

namespace lamina {

namespace {

struct Conv2d {
    static constexpr bool depthwise = false;
    static constexpr const char* name = "conv2d";
    static constexpr const char* label = "conv2d";
    static constexpr const char* by_input_name = "conv2dBackpropInput";
    static constexpr const char* by_filter_name = "conv2dBackpropFilter";
    static constexpr const char* fused_name = "fusedConv2d";
    static constexpr const char* fused_label = "fused conv2d";

    static const Op *forward, *by_input, *by_filter;

    template <class T>
    static auto forward_kernel() {
        return kernels<T>().conv2d;
    }
    template <class T>
    static auto by_input_kernel() {
        return kernels<T>().conv2d_grad_input;
    }
    template <class T>
    static auto by_filter_kernel() {
        return kernels<T>().conv2d_grad_filter;
    }
};

using Blocks = ConvBlocks<Conv2d>;

const Op* Conv2d::forward = &define(
    Blocks::forward_block("The convolution of images [batch, height, width, in] with a filter [height, "
                          "width, in, out]; rank 3 is a batch of "
                          "one. pad: 'same', 'valid', a number, or explicit pairs for each dimension."));
const Op* Conv2d::by_input = &define(Blocks::by_input_block());
const Op* Conv2d::by_filter = &define(Blocks::by_filter_block());
const Op& fused_conv2d_op = define(Blocks::fused_block());

// ---- with the largest of each window -----------------------------------------------------------------------

// The windows over the convolution's results.
PoolShape windows_of(const Call& c, const ConvShape& s) {
    const Ints& size = c.ints("filterSize");
    if (size.empty() || size.size() > 2 || size.front() <= 0 || size.back() <= 0)
        value_error("Error in ", c.op.name, ": filterSize must be a positive number or a pair of them.");
    const int64_t h = size.front(), w = size.back();
    return {s.batch, s.out_h, s.out_w, s.out_c, s.out_h / h, s.out_w / w, h, w, h, w, 1, 1, 0, 0};
}

[[maybe_unused]] const Op& conv2d_max_pool_op = []() -> const Op& {
    Op op = fused_conv2d_op;
    op.name = "fusedConv2dMaxPool";
    op.attrs.insert(op.attrs.begin() + 2, {"filterSize", AttrType::ints});
    op.infer = [](const Call& c) -> Specs {
        Blocks::infer_fused(c);
        const ConvShape s = Blocks::shape_of(c, c.op.name);
        const PoolShape w = windows_of(c, s);
        if (c[0].rank() != 4 || channels_first(c) || (c.has(2) && c[2].rank() > 1) || !can_keep_largest(s, w))
            value_error("Error in ", c.op.name, ": no pass of its own for these arguments.");
        return {{c[0].dtype(), {s.batch, w.out_h, w.out_w, s.out_c}}};
    };
    op.run = [](const Call& c, Tensors& out) {
        if (out[0].size() == 0) return;
        const ConvShape s = c.plan ? planned<ConvShape>(c) : Blocks::shape_of(c, c.op.name);
        const PoolShape w = windows_of(c, s);
        visit_real(c[0].dtype(), [&]<class T>() {
            Epilogue<T> epilogue;
            fuse_activation(c, epilogue);
            const Tensor bias = c.has(2) && c[2].size() != s.out_c ? broadcast_to(c[2], {s.out_c}) : c[2];
            if (bias) epilogue.bias = bias.data<T>();
            const Tensor* packed = c.prepared();
            kernels<T>().conv2d_max_pool(s, w.k_h, w.k_w, c[0].data<T>(), packed ? nullptr : c[1].data<T>(),
                                         packed ? packed->data<T>() : nullptr, out[0].mutable_data<T>(),
                                         epilogue);
        });
    };
    op.grad = nullptr;
    op.no_grad = "made of differentiable ops";
    op.saves = {};
    op.decompose = [](const Call& c) -> Tensors {
        static const Op& pool = *find_op("maxPool");
        c.op.infer(c);
        Attrs attrs;
        for (const AttrSpec& spec : fused_conv2d_op.attrs) attrs.push_back(c.attr(spec.name));
        return {call1(pool, {call1(fused_conv2d_op, {c[0], c[1], c[2]}, attrs)},
                      {c.attr("filterSize"), c.attr("filterSize"), std::string("valid")})};
    };
    op.doc = "maxPool(fusedConv2d(...)) in one pass, for windows of filterSize that lie beside each other.";
    return define(op);
}();

}  // namespace

}  // namespace lamina
