// Products of vectors and matrices, diagonals and bands.
#include <algorithm>
#include <cmath>

#include "ops/functions.h"
#include "ops/strided_slice.h"

namespace lamina {

namespace {

const char* const kComposed = "made of differentiable ops";

[[maybe_unused]] const Op& dot_op = define({
    .name = "dot",
    .inputs = {{"t1", Accept::numeric}, {"t2", Accept::numeric}},
    .promote = true,
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Shape &a = c[0].shape(), &b = c[1].shape();
        if (a.rank() < 1 || a.rank() > 2 || b.rank() < 1 || b.rank() > 2)
            value_error("Error in dot: inputs must all be rank 1 or 2, but got ranks ", a.rank(), " and ",
                        b.rank(), ".");
        const int64_t inner = a[a.rank() - 1], other = b[0];
        if (inner != other)
            value_error("Error in dot: inner dimensions of inputs must match, but got ", inner, " and ",
                        other, ".");
        Ints dims;
        if (a.rank() == 2) dims.push_back(a[0]);
        if (b.rank() == 2) dims.push_back(b[1]);
        const Tensor left = a.rank() == 2 ? c[0] : reshape(c[0], {1, inner});
        // Of two vectors both are rows: a column would be read an element at a time.
        if (a.rank() == 1 && b.rank() == 1)
            return {reshape(mat_mul(left, reshape(c[1], {1, inner}), false, true), Shape{})};
        const Tensor right = b.rank() == 2 ? c[1] : reshape(c[1], {inner, 1});
        return {reshape(mat_mul(left, right), Shape(std::span<const int64_t>(dims)))};
    },
    .doc = "The product of two vectors, two matrices, or one of each.",
});

[[maybe_unused]] const Op& outer_product_op = define({
    .name = "outerProduct",
    .inputs = {{"v1", Accept::numeric}, {"v2", Accept::numeric}},
    .promote = true,
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        if (c[0].rank() != 1 || c[1].rank() != 1)
            value_error("Error in outerProduct: inputs must be rank 1, but got ranks ", c[0].rank(), " and ",
                        c[1].rank(), ".");
        return {mul(reshape(c[0], {c[0].size(), 1}), reshape(c[1], {1, c[1].size()}))};
    },
    .doc = "All products of an element of v1 with one of v2, as a matrix.",
});

[[maybe_unused]] const Op& diag_op = define({
    .name = "diag",
    .inputs = {{"x", Accept::numeric}},
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Shape& s = c[0].shape();
        if (2 * s.rank() > Shape::kMaxRank)
            value_error("diag: a tensor of rank ", s.rank(), " has too many dimensions.");
        Ints dims(s.begin(), s.end());
        dims.insert(dims.end(), s.begin(), s.end());
        const int64_t n = s.size();
        const Tensor row = strided_write(reshape(c[0], {n}), {0}, {n + 1}, {n * n});
        return {reshape(row, Shape(std::span<const int64_t>(dims)))};
    },
    .method = false,
    .doc = "A tensor of twice x's dimensions, with x on the diagonal and zeros elsewhere.",
});

[[maybe_unused]] const Op& band_part_op = define({
    .name = "bandPart",
    .inputs = {{"a"}},
    .attrs = {{"numLower", AttrType::integer}, {"numUpper", AttrType::integer}},
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const int rank = c[0].rank();
        if (rank < 2) value_error("bandPart(): Rank must be at least 2, got ", rank, ".");
        const int64_t rows = c[0].shape()[rank - 2], columns = c[0].shape()[rank - 1];
        int64_t lower = c.integer("numLower"), upper = c.integer("numUpper");
        if (lower > rows)
            value_error("bandPart(): numLower (", lower, ") must not be greater than the number of rows (",
                        rows, ").");
        if (upper > columns)
            value_error("bandPart(): numUpper (", upper, ") must not be greater than the number of columns (",
                        columns, ").");
        if (lower < 0) lower = rows;
        if (upper < 0) upper = columns;
        Tensor band = Tensor::empty(DType::boolean, {rows, columns}, "bandPart");
        for (int64_t i = 0; i < rows; ++i)
            for (int64_t j = 0; j < columns; ++j)
                band.mutable_data<uint8_t>()[i * columns + j] = i - j <= lower && j - i <= upper;
        return {where(band, c[0], zeros_like(c[0]))};
    },
    .method = false,
    .internal = true,
    .doc = "The matrices in a with zeros outside of a band: numLower diagonals below the main one and "
           "numUpper above; a "
           "negative number keeps them all.",
});

[[maybe_unused]] const Op& confusion_matrix_op = define({
    .name = "confusionMatrix",
    .inputs = {{"labels", Accept::numeric}, {"predictions", Accept::numeric}},
    .attrs = {{"numClasses", AttrType::integer}},
    .infer = [](const Call& c) -> Specs {
        const int64_t classes = c.integer("numClasses");
        if (classes <= 0)
            value_error("confusionMatrix: numClasses must be a positive integer, but got ", classes);
        for (const int slot : {0, 1}) {
            if (c[slot].dtype() == DType::complex64)
                type_error("confusionMatrix is not defined for complex64 tensors.");
            if (c[slot].rank() != 1)
                value_error("confusionMatrix: Expected the rank of ",
                            c.op.inputs[static_cast<size_t>(slot)].name, " to be 1, but got ",
                            c[slot].rank());
        }
        if (c[0].size() != c[1].size())
            value_error("confusionMatrix: Mismatch in the number of examples: ", c[0].size(), " vs. ",
                        c[1].size(), ". Labels and predictions should have the same number of elements.");
        return {{DType::int32, Shape{classes, classes}}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const int64_t n = c.integer("numClasses");
            const Tensor labels = cast(c[0], DType::int32), predictions = cast(c[1], DType::int32);
            auto* counts = out[0].mutable_data<int32_t>();
            std::fill_n(counts, n * n, 0);
            for (int64_t i = 0; i < labels.size(); ++i) {
                const int32_t row = labels.data<int32_t>()[i], column = predictions.data<int32_t>()[i];
                if (row >= 0 && row < n && column >= 0 && column < n) ++counts[row * n + column];
            }
        },
    .no_grad = "it counts",
    .method = false,
    .internal = true,
    .doc = "An int32 matrix that counts, for each label (row), how often each class (column) was predicted.",
});

[[maybe_unused]] const Op& moving_average_op = define({
    .name = "movingAverage",
    .inputs = {{"v", Accept::numeric},
               {"x", Accept::numeric},
               {"decay", Accept::to_real},
               {"step", Accept::to_real, Arity::optional}},
    .attrs = {{"zeroDebias", AttrType::boolean, true, true}},
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        if (c[0].dtype() != c[1].dtype())
            value_error("movingAverage: The dtypes of the first (", name_of(c[0].dtype()), ") and second (",
                        name_of(c[1].dtype()), ") input must match");
        if (!(c[0].shape() == c[1].shape()))
            value_error("movingAverage: Shape mismatch in v and x: [", c[0].shape(), "] and [", c[1].shape(),
                        "]");
        Tensor update = mul(sub(c[1], c[0]), sub(1.0, c[2]));
        if (c.flag("zeroDebias")) {
            if (!c.has(3)) value_error("movingAverage: When using zeroDebias: true, step is required.");
            update = div(update, sub(1.0, pow(c[2], c[3])));
        }
        return {add(c[0], update)};
    },
    .method = false,
    .doc = "v * decay + x * (1 - decay); with zeroDebias the step from v is divided by 1 - decay^step, which "
           "undoes the bias "
           "of a start at zero.",
});

[[maybe_unused]] const Op& local_response_op = define({
    .name = "localResponseNormalization",
    .inputs = {{"x", Accept::to_real}},
    .attrs = {{"depthRadius", AttrType::integer, int64_t{5}, true},
              {"bias", AttrType::number, 1.0, true},
              {"alpha", AttrType::number, 1.0, true},
              {"beta", AttrType::number, 0.5, true}},
    .no_grad = kComposed,
    .decompose = [](const Call& c) -> Tensors {
        const Tensor& x = c[0];
        if (x.rank() != 3 && x.rank() != 4)
            value_error("Error in localResponseNormalization: x must be rank 3 or 4 but got rank ", x.rank(),
                        ".");
        const int64_t depth = x.shape()[x.rank() - 1], radius = c.integer("depthRadius");
        // The sum over neighbouring channels is a product with a band of ones.
        Tensor band = Tensor::empty(x.dtype(), {depth, depth}, "localResponseNormalization");
        const auto mark = [&](auto* to) {
            for (int64_t i = 0; i < depth * depth; ++i)
                to[i] = std::abs(i / std::max<int64_t>(depth, 1) - i % depth) <= radius;
        };
        x.dtype() == DType::float64 ? mark(band.mutable_data<double>()) : mark(band.mutable_data<float>());
        const Tensor rows = reshape(x, {x.shape().product(0, x.rank() - 1), depth});
        const Tensor sums = mat_mul(square(rows), band);
        const Tensor base = add(mul(sums, c.number("alpha")), c.number("bias"));
        return {mul(x, reshape(pow(base, Tensor::number(-c.number("beta"), x.dtype())), x.shape()))};
    },
    .doc = "x * (bias + alpha * s)^-beta, where s is the sum of squares over the channels up to depthRadius "
           "away.",
});

}  // namespace

}  // namespace lamina
