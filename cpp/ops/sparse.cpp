// Sparse tensors: coordinates [n, rank] beside values [n].
#include <algorithm>
#include <vector>

#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

Tensor as_tensor(const std::vector<int32_t>& values, const Shape& shape) {
    Tensor t = Tensor::empty(DType::int32, shape, "sparse");
    std::copy(values.begin(), values.end(), t.mutable_data<int32_t>());
    return t;
}

Tensor as_vector(const std::vector<int32_t>& values) {
    return as_tensor(values, Shape{static_cast<int64_t>(values.size())});
}

void check_vector(const char* what, const Tensor& t) {
    if (t.rank() != 1) value_error(what, " should be Tensor1D but received shape [", t.shape(), "]");
}

[[maybe_unused]] const Op& fill_empty_rows_op = define({
    .name = "fillEmptyRows",
    .inputs = {{"indices", Accept::index}, {"denseShape", Accept::index}},
    .outputs = {"outputIndices", "sources", "emptyRowIndicator", "reverseIndexMap"},
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            if (c[0].rank() != 2)
                value_error("Indices should be Tensor2D but received shape [", c[0].shape(), "]");
            check_vector("Dense shape", c[1]);
            if (c[1].size() == 0) value_error("sparseFillEmptyRows: the dense shape has no rows.");
            const int64_t count = c[0].shape()[0], rank = c[0].shape()[1], rows = c[1].data<int32_t>()[0];
            const auto* at = c[0].data<int32_t>();
            if (rows == 0 && count > 0)
                value_error("Received SparseTensor with denseShape[0] = 0 but indices.shape[0] = ", count);
            if (rows < 0 || rank == 0)
                value_error("sparseFillEmptyRows: there are no rows in a shape of rank ", rank, " with ",
                            rows, " of them.");
            std::vector<int32_t> sizes(static_cast<size_t>(rows));
            for (int64_t i = 0; i < count; ++i) {
                const int32_t row = at[i * rank];
                if (row < 0) value_error("indices(", i, ", 0) is invalid: ", row, " < 0");
                if (row >= rows) value_error("indices(", i, ", 0) is invalid: ", row, " >= ", rows);
                ++sizes[static_cast<size_t>(row)];
            }
            // Where each row begins, with one place for each that is empty.
            std::vector<int32_t> next;
            int64_t total = 0;
            for (const int32_t size : sizes) {
                next.push_back(static_cast<int32_t>(total));
                total += std::max(size, 1);
            }
            check_positions("sparseFillEmptyRows", total);
            std::vector<int32_t> indices(static_cast<size_t>(total * rank)),
                sources(static_cast<size_t>(total)), places;
            for (int64_t row = 0; row < rows; ++row) {
                const auto first = static_cast<size_t>(next[static_cast<size_t>(row)]);
                if (sizes[static_cast<size_t>(row)] > 0) continue;
                indices[first * static_cast<size_t>(rank)] = static_cast<int32_t>(row);
                sources[first] = static_cast<int32_t>(count);
            }
            for (int64_t i = 0; i < count; ++i) {
                const int32_t place = next[static_cast<size_t>(at[i * rank])]++;
                std::copy_n(at + i * rank, rank, indices.begin() + place * rank);
                sources[static_cast<size_t>(place)] = static_cast<int32_t>(i);
                places.push_back(place);
            }
            Tensor empty = Tensor::empty(DType::boolean, Shape{rows}, "sparseFillEmptyRows");
            for (int64_t row = 0; row < rows; ++row)
                empty.mutable_data<uint8_t>()[row] = sizes[static_cast<size_t>(row)] == 0;
            out.push_back(as_tensor(indices, Shape{total, rank}));
            out.push_back(as_vector(sources));
            out.push_back(empty);
            out.push_back(as_vector(places));
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "The coordinates of a sparse tensor, by rows, with one [row, 0, ...] in each row that has none; "
           "where each value comes from, with n for the new ones; which rows were empty; and where each old "
           "value went.",
});

constexpr int64_t kMostElements = int64_t{1} << 48;

// A shape from a tensor of sizes, of which one may be -1.
std::vector<int64_t> target_shape(const Tensor& wanted, const Shape& given) {
    const int64_t size = given.size();
    std::vector<int64_t> shape;
    int64_t product = 1, unknown = -1;
    for (int64_t d = 0; d < wanted.size(); ++d) {
        const int32_t n = wanted.data<int32_t>()[d];
        if (n == -1) {
            if (unknown >= 0)
                value_error("only one output dimension may be -1, not both ", unknown, " and ", d);
            unknown = d;
        } else {
            if (n < 0) value_error("size ", d, " must be non-negative, not ", n);
            if (n > 0 && product > kMostElements / n)
                value_error("sparseReshape: the new shape has more elements than a tensor may have.");
            product *= n;
        }
        shape.push_back(n);
    }
    if (unknown >= 0) {
        if (product <= 0)
            value_error(
                "reshape cannot infer the missing input size for an empty tensor unless all specified "
                "input sizes are non-zero");
        if (size % product != 0)
            value_error("Input to reshape is a SparseTensor with ", size,
                        " dense values, but the requested shape requires a multiple of ", product,
                        ". inputShape=", given);
        shape[static_cast<size_t>(unknown)] = size / product;
        product = size;
    }
    if (product != size)
        value_error("Input to reshape is a tensor with ", size, " dense values, but the requested shape has ",
                    product, ". inputShape=", given);
    return shape;
}

[[maybe_unused]] const Op& sparse_reshape_op = define({
    .name = "sparseReshape",
    .inputs = {{"inputIndices", Accept::index}, {"inputShape", Accept::index}, {"newShape", Accept::index}},
    .outputs = {"outputIndices", "outputShape"},
    .infer = [](const Call& c) -> Specs {
        if (c[0].rank() != 2)
            value_error("Input indices should be Tensor2D but received shape [", c[0].shape(), "]");
        check_vector("Input shape", c[1]);
        check_vector("New shape", c[2]);
        if (c[0].shape()[1] != c[1].size())
            value_error("sparseReshape: coordinates of ", c[0].shape()[1],
                        " numbers cannot be places in a "
                        "shape of ",
                        c[1].size(), " dimensions.");
        return {{DType::int32, Shape{c[0].shape()[0], c[2].size()}}, {DType::int32, c[2].shape()}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const auto* old = c[1].data<int32_t>();
            const Shape given{std::span<const int64_t>(Ints(old, old + c[1].size()))};
            const std::vector<int64_t> shape = target_shape(c[2], given);
            for (const int64_t n : shape) check_positions("sparseReshape", n);
            for (size_t d = 0; d < shape.size(); ++d)
                out[1].mutable_data<int32_t>()[d] = static_cast<int32_t>(shape[d]);
            const auto* at = c[0].data<int32_t>();
            auto* to = out[0].mutable_data<int32_t>();
            const auto rank = static_cast<int64_t>(shape.size());
            for (int64_t i = 0; i < c[0].shape()[0]; ++i, to += rank) {
                int64_t place = 0;
                for (int64_t d = 0; d < c[1].size(); ++d) place = place * old[d] + *at++;
                for (int64_t d = rank - 1; d >= 0; --d) {
                    const int64_t n = std::max<int64_t>(shape[static_cast<size_t>(d)], 1);
                    // What is left over belongs to the first dimension.
                    to[d] = static_cast<int32_t>(d ? place % n : place);
                    place /= n;
                }
            }
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "The coordinates of a sparse tensor's values when the dense tensor gets a new shape, of which one "
           "size may be "
           "-1, and that shape.",
});

[[maybe_unused]] const Op& segment_counts_op = define({
    .name = "segmentCounts",
    .inputs = {{"indices", Accept::index}, {"segmentIds", Accept::index}},
    .attrs = {{"rows", AttrType::integer}},
    .outputs = {"counts"},
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            check_vector("Indices", c[0]);
            check_vector("Segment ids", c[1]);
            const int64_t n = c[1].size(), rows = c.integer("rows");
            if (c[0].size() != n) value_error("segmentIds and indices should have same size.");
            const auto *at = c[0].data<int32_t>(), *ids = c[1].data<int32_t>();
            check_positions("a sum of segments", n);
            const int64_t segments = n ? int64_t{ids[n - 1]} + 1 : 0;
            if (n && segments <= 0) value_error("segment ids must be >= 0");
            // Before anything is counted: an id above the last one has no place.
            if (!std::is_sorted(ids, ids + n)) value_error("segment ids are not increasing");
            std::vector<int32_t> counts(static_cast<size_t>(segments));
            for (int64_t i = 0; i < n; ++i) {
                if (ids[i] < 0)
                    value_error("Segment id ", ids[i], " out of range [0, ", counts.size(),
                                "), possibly because segmentIds input is not sorted.");
                if (at[i] < 0 || at[i] >= rows)
                    value_error("Bad: indices[", i, "] == ", at[i], " out of range [0, ", rows, ")");
                ++counts[static_cast<size_t>(ids[i])];
            }
            out.push_back(as_vector(counts));
        },
    .no_grad = "its results are whole numbers",
    .method = false,
    .internal = true,
    .doc = "How many of the sorted segment ids are 0, 1, ... up to the last; indices must be below `rows`.",
});

}  // namespace

}  // namespace lamina
