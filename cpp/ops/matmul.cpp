// Matrix products.
#include <algorithm>
#include <vector>

#include "ops/activation_table.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

// [..., m, k] x [..., k, n] without the leading dimensions.
struct Product {
    int64_t m, n, k;
    bool transpose_a, transpose_b;
};

Product plan_product(const Call& c) {
    const Shape &a = c[0].shape(), &b = c[1].shape();
    // The first two attributes of both ops.
    const bool ta = std::get<bool>(c.attrs[0]), tb = std::get<bool>(c.attrs[1]);
    if (a.rank() < 2 || b.rank() < 2)
        value_error("Error in ", c.op.name, ": inputs must have the same rank of at least 2, got ranks ",
                    a.rank(), " and ", b.rank(), ".");
    const Product p{.m = a[a.rank() - (ta ? 1 : 2)],
                    .n = b[b.rank() - (tb ? 2 : 1)],
                    .k = a[a.rank() - (ta ? 2 : 1)],
                    .transpose_a = ta,
                    .transpose_b = tb};
    const int64_t other = b[b.rank() - (tb ? 1 : 2)];
    if (p.k != other)
        value_error("Error in ", c.op.name, ": inner shapes (", p.k, ") and (", other,
                    ") of Tensors with shapes ", a, " and ", b, " and transposeA=", ta ? "true" : "false",
                    " and transposeB=", tb ? "true" : "false", " must match.");
    return p;
}

// The leading dimensions, which are broadcast.
std::span<const int64_t> leading(const Tensor& x) { return {x.shape().begin(), x.shape().end() - 2}; }

bool same_batch(const Call& c) { return std::ranges::equal(leading(c[0]), leading(c[1])); }

Shape batch_of(const Call& c) { return broadcast(Shape(leading(c[0])), Shape(leading(c[1]))); }

// How many products there are, without a shape for it where all is plain: Programs ask in each run.
int64_t batch_size(const Call& c) {
    return same_batch(c) ? c[0].shape().product(0, c[0].rank() - 2) : batch_of(c).size();
}

Shape product_shape(const Call& c, const Product& p) {
    if (c[0].rank() == 2 && c[1].rank() == 2) return {p.m, p.n};
    const Shape batch = batch_of(c);
    return batch.inserted(batch.rank(), p.m).inserted(batch.rank() + 1, p.n);
}

Specs infer_product(const Call& c) {
    if (c[0].dtype() == DType::complex64) type_error(c.op.name, " is not defined for complex64 tensors.");
    return {{c[0].dtype(), product_shape(c, plan_product(c))}};
}

// x with its leading dimensions made equal to `batch` by copying, unless they are already or are all 1.
Tensor with_batch(const Tensor& x, const Shape& batch) {
    const Shape own(leading(x));
    if (own.size() == 1 || own == batch) return x;
    Ints dims(batch.begin(), batch.end());
    dims.insert(dims.end(), x.shape().end() - 2, x.shape().end());
    return broadcast_to(x, Shape(std::span<const int64_t>(dims)));
}

// One matrix of the batch, without where it lies.
template <class T>
Gemm<T> one_product(const Product& p) {
    const bool ta = p.transpose_a, tb = p.transpose_b;
    return {.a = nullptr,
            .b = nullptr,
            .c = nullptr,
            .m = p.m,
            .n = p.n,
            .k = p.k,
            .a_stride = ta ? p.m : p.k,
            .b_stride = tb ? p.k : p.n,
            .c_stride = p.n,
            .transpose_a = ta,
            .transpose_b = tb,
            .accumulate = false,
            .epilogue = {}};
}

// Fewer rows read a matrix faster as it is; beside more, packing it each time is nothing.
constexpr int64_t kPreparedRows = 4, kMostPreparedRows = 1 << 14;

// A right side that all rows share, in the order in which the kernel reads it.
Tensor prepare_product(const Call& c) {
    Tensor packed;
    const Product p = plan_product(c);
    const int64_t batch = batch_size(c);
    if (!is_real(c[0].dtype()) || c[1].rank() != 2 || (batch != 1 && p.transpose_a) ||
        batch * p.m < kPreparedRows || batch * p.m > kMostPreparedRows || p.n == 1)
        return packed;
    visit_real(c[0].dtype(), [&]<class T>() {
        Gemm<T> g = one_product<T>(p);
        const int64_t size = kernels<T>().gemm_packed_size(g);
        if (size == 0) return;
        packed = program_memory({c[0].dtype(), {size}});
        g.b = c[1].data<T>();
        kernels<T>().gemm_pack(g, packed.mutable_data<T>());
    });
    return packed;
}

template <class T>
void multiply(const Call& c, const Product& p, Tensor& out, const Epilogue<T>& epilogue) {
    const int64_t batch = batch_size(c);
    Gemm<T> g = one_product<T>(p);
    g.c = out.mutable_data<T>();
    g.epilogue = epilogue;
    if (const Tensor* packed = c.prepared()) {
        g.a = c[0].data<T>();
        g.packed_b = packed->data<T>();
        g.m *= batch;
        return kernels<T>().gemm(g);
    }
    if (batch == 1) {
        g.a = c[0].data<T>();
        g.b = c[1].data<T>();
        return kernels<T>().gemm(g);
    }
    Tensor copy_a, copy_b;
    if (!same_batch(c)) {
        const Shape shape = batch_of(c);
        copy_a = with_batch(c[0], shape);
        copy_b = with_batch(c[1], shape);
    }
    const Tensor &a = copy_a ? copy_a : c[0], &b = copy_b ? copy_b : c[1];
    g.a = a.data<T>();
    g.b = b.data<T>();
    const bool one_a = a.size() == p.m * p.k, one_b = b.size() == p.k * p.n;
    if (one_b && !p.transpose_a) {  // one right side for all: a taller left side
        g.m *= batch;
        return kernels<T>().gemm(g);
    }
    kernels<T>().gemm_batched(g, batch, one_a ? 0 : p.m * p.k, one_b ? 0 : p.k * p.n, p.m * p.n);
}

void multiply_integers(const Call& c, const Product& p, Tensor& out) {
    const Shape batches = batch_of(c);
    const Tensor a = cast(with_batch(c[0], batches), DType::int32),
                 b = cast(with_batch(c[1], batches), DType::int32);
    const int64_t a_step = a.size() == p.m * p.k ? 0 : p.m * p.k,
                  b_step = b.size() == p.k * p.n ? 0 : p.k * p.n;
    Tensor sums = Tensor::empty(DType::int32, out.shape(), c.op.name);
    auto* y = sums.mutable_data<int32_t>();
    for (int64_t batch = 0; batch < batches.size(); ++batch) {
        const int32_t* pa = a.data<int32_t>() + batch * a_step;
        const int32_t* pb = b.data<int32_t>() + batch * b_step;
        for (int64_t i = 0; i < p.m; ++i)
            for (int64_t j = 0; j < p.n; ++j) {
                uint32_t total = 0;
                for (int64_t l = 0; l < p.k; ++l)
                    total += static_cast<uint32_t>(pa[p.transpose_a ? l * p.m + i : i * p.k + l]) *
                             static_cast<uint32_t>(pb[p.transpose_b ? j * p.k + l : l * p.n + j]);
                *y++ = static_cast<int32_t>(total);
            }
    }
    out = cast(sums, out.dtype());
}

// d(op(a) op(b)) by a and by b, for the gradient d of the product.
Tensors product_grad(const Gradient& g, const Tensor& d, const Tensor& a, const Tensor& b, bool ta, bool tb) {
    Tensors grads(static_cast<size_t>(g.count()));
    if (g.wants(0)) {
        const Tensor da = ta ? mat_mul(b, d, tb, true) : mat_mul(d, b, false, !tb);
        grads[0] = sum_to(da, g.shape(0));
    }
    if (g.wants(1)) {
        const Tensor db = tb ? mat_mul(d, a, true, ta) : mat_mul(a, d, !ta, false);
        grads[1] = sum_to(db, g.shape(1));
    }
    return grads;
}

const Op& mat_mul_op = define({
    .name = "matMul",
    .inputs = {{"a", Accept::numeric}, {"b", Accept::numeric}},
    .attrs = {{"transposeA", AttrType::boolean, false, true}, {"transposeB", AttrType::boolean, false, true}},
    .promote = true,
    .infer = infer_product,
    .run =
        [](const Call& c, Tensors& out) {
            const Product p = plan_product(c);
            if (is_integral(c[0].dtype())) return multiply_integers(c, p, out[0]);
            visit_real(c[0].dtype(), [&]<class T>() { multiply<T>(c, p, out[0], {}); });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        return product_grad(g, g.dy(), g.x(0), g.x(1), c.flag("transposeA"), c.flag("transposeB"));
    },
    .saves = {.inputs = {0, 1}},
    .prepare = prepare_product,
    .doc = "The matrix product of a [..., m, k] and b [..., k, n], either one transposed on demand; leading "
           "dimensions "
           "broadcast.",
});

std::vector<AttrSpec> fused_attrs() {
    std::vector<AttrSpec> attrs = {{"transposeA", AttrType::boolean, false, true},
                                   {"transposeB", AttrType::boolean, false, true}};
    for (const AttrSpec& spec : activation_attrs()) attrs.push_back(spec);
    return attrs;
}

const Op& fused_mat_mul_op = define({
    .name = "fusedMatMul",
    .inputs = {{"a", Accept::real}, {"b", Accept::real}, {"bias", Accept::real, Arity::optional}},
    .attrs = fused_attrs(),
    .promote = true,
    .infer = [](const Call& c) -> Specs {
        const Product p = plan_product(c);
        if (c.has(2) && !(c[2].shape() == Shape{p.n}))
            value_error("fusedMatMul: bias must have shape [", p.n, "], got [", c[2].shape(), "].");
        return {{c[0].dtype(), product_shape(c, p)}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            visit_real(c[0].dtype(), [&]<class T>() {
                Epilogue<T> epilogue;
                if (c.has(2)) epilogue.bias = c[2].data<T>();
                fuse_activation(c, epilogue);
                multiply<T>(c, plan_product(c), out[0], epilogue);
            });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Call c = g.call();
        const Activation& activation = activation_of(c);
        const Tensor d = activation.identity ? g.dy() : activation.grad(g.dy(), g.y(), activation_alpha(c));
        Tensors grads = product_grad(g, d, g.x(0), g.x(1), c.flag("transposeA"), c.flag("transposeB"));
        if (g.wants(2)) grads[2] = sum_to(d, g.shape(2));
        return grads;
    },
    .saves = {.inputs = {0, 1}, .outputs = {0}},
    .prepare = prepare_product,
    .decompose = [](const Call& c) -> Tensors {
        Tensor y = mat_mul(c[0], c[1], c.flag("transposeA"), c.flag("transposeB"));
        if (c.has(2)) y = add(y, c[2]);
        return {apply_activation(activation_of(c), y, activation_alpha(c))};
    },
    .method = false,
    .internal = true,
    .doc = "activation(a b + bias) in one pass.",
});

}  // namespace

Tensor mat_mul(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
    return call1(mat_mul_op, {a, b}, {transpose_a, transpose_b});
}

}  // namespace lamina
