// The ops as C++ functions, for gradients and for other ops; each is defined beside its block.
#pragma once

#include "ops/op.h"

namespace lamina {

// arithmetic (binary.cpp)
Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);
Tensor pow(const Tensor& a, const Tensor& b);
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor floor_div(const Tensor& a, const Tensor& b);
// With a number of x's own type.
Tensor add(const Tensor& x, double c);
Tensor sub(double c, const Tensor& x);
Tensor mul(const Tensor& x, double c);
Tensor div(const Tensor& x, double c);

// elementwise (unary.cpp, activation.cpp)
Tensor neg(const Tensor& x);
Tensor abs(const Tensor& x);
Tensor sign(const Tensor& x);
Tensor floor(const Tensor& x);
Tensor square(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor rsqrt(const Tensor& x);
Tensor reciprocal(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor log1p(const Tensor& x);
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor sinh(const Tensor& x);
Tensor cosh(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor erf(const Tensor& x);
Tensor sigmoid(const Tensor& x);
Tensor softplus(const Tensor& x);
Tensor relu(const Tensor& x);
Tensor step(const Tensor& x, double alpha);

// comparison, logic (compare.cpp)
Tensor equal(const Tensor& a, const Tensor& b);
Tensor less(const Tensor& a, const Tensor& b);
Tensor less_equal(const Tensor& a, const Tensor& b);
Tensor greater(const Tensor& a, const Tensor& b);
Tensor greater_equal(const Tensor& a, const Tensor& b);
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_not(const Tensor& x);
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

// reductions (reduce.cpp); no axes: over all
Tensor sum(const Tensor& x, const Ints& axes, bool keep_dims = false);
Tensor sum(const Tensor& x);
Tensor mean(const Tensor& x, const Ints& axes, bool keep_dims = false);
Tensor max(const Tensor& x, const Ints& axes, bool keep_dims = false);
Tensor prod(const Tensor& x, const Ints& axes, bool keep_dims = false);
Tensor cumsum(const Tensor& x, int64_t axis, bool exclusive, bool reverse);
// Sums what broadcasting to y's shape repeated, so that the result has `shape`.
Tensor sum_to(const Tensor& y, const Shape& shape);

// shape and movement (shape_ops.cpp, movement.cpp, gather.cpp)
Tensor reshape(const Tensor& x, const Shape& shape);
Tensor cast(const Tensor& x, DType dtype);
Tensor broadcast_to(const Tensor& x, const Shape& shape);
Tensor transpose(const Tensor& x, const Ints& perm);
Tensor slice(const Tensor& x, const Ints& begin, const Ints& size);
Tensor pad(const Tensor& x, const Ints& paddings, double value = 0);
Tensor concat(const Tensors& parts, int64_t axis);
Tensor reverse(const Tensor& x, const Ints& axes);
Tensor gather(const Tensor& x, const Tensor& indices, int64_t axis);
Tensor one_hot(const Tensor& indices, int64_t depth, DType dtype);
// y of shape [rows, inner]: y[index[i]] += x[i]
Tensor scatter_add(const Tensor& x, const Tensor& index, int64_t rows);

// making (creation.cpp)
Tensor zeros(const Shape& shape, DType dtype);
Tensor fill(const Shape& shape, double value, DType dtype);
Tensor zeros_like(const Tensor& x);
Tensor ones_like(const Tensor& x);

// contraction (matmul.cpp)
Tensor mat_mul(const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);

// normalised exponentials along the last axis (softmax.cpp)
Tensor softmax(const Tensor& logits);
Tensor log_softmax(const Tensor& logits);

}  // namespace lamina
