// Ragged tensors: values beside the places at which rows begin. The ops here find indices; values are then
// gathered, so that they keep their gradients.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

using Numbers = std::vector<int32_t>;

Tensor as_vector(const Numbers& values) {
    Tensor t = Tensor::empty(DType::int32, Shape{static_cast<int64_t>(values.size())}, "ragged");
    std::copy(values.begin(), values.end(), t.mutable_data<int32_t>());
    return t;
}

// ---- gather ------------------------------------------------------------------------------------------------

void check_splits(std::span<const Tensor> nested, int64_t values) {
    for (size_t dim = 0; dim < nested.size(); ++dim) {
        const auto* splits = nested[dim].data<int32_t>();
        const int64_t n = nested[dim].size();
        const int64_t last = dim + 1 == nested.size() ? values : nested[dim + 1].size() - 1;
        if (nested[dim].rank() != 1 || n == 0) value_error("Ragged splits may not be empty");
        if (splits[0] < 0) value_error("Ragged splits must be non-negative");
        if (splits[n - 1] > last) value_error("Ragged splits must not point past values");
        if (!std::is_sorted(splits, splits + n))
            value_error("Ragged splits must be sorted in ascending order");
    }
}

// A number of rows as an index.
int32_t counted(int64_t rows) {
    check_positions("raggedGather", rows + 1);
    return static_cast<int32_t>(rows);
}

// Where coordinates of element i of a shape are, for messages.
std::string place_of(int64_t i, const Shape& shape) {
    std::string text;
    for (int d = 0; d < shape.rank(); ++d) {
        const int64_t rest = shape.product(d + 1, shape.rank());
        text += (d ? "," : "") + std::to_string(i / rest);
        i %= rest;
    }
    return text;
}

[[maybe_unused]] const Op& ragged_rows_op = define({
    .name = "raggedRows",
    .inputs = {{"paramsNestedSplits", Accept::index, Arity::list}, {"indices", Accept::index}},
    .attrs = {{"numValues", AttrType::integer}},
    .outputs = {"*"},
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            const auto nested = c.list(0);
            if (nested.empty()) value_error("paramsNestedSplits must be non empty");
            if (nested[0].rank() == 0) value_error("Split tensors must not be scalars");
            const int64_t params = nested[0].size() - 1, values = c.integer("numValues");
            const Shape& shape = c[1].shape();
            const auto* indices = c[1].data<int32_t>();
            for (int64_t i = 0; i < c[1].size(); ++i)
                if (indices[i] < 0 || indices[i] >= params)
                    value_error("indices[", place_of(i, shape), "] = ", indices[i], " is not in [0, ", params,
                                ")");
            check_splits(nested, values);
            // The dimensions of the indices but the last are regular.
            const int outer = std::max(shape.rank() - 1, 0);
            std::vector<Numbers> splits(static_cast<size_t>(outer) + nested.size(), Numbers{0});
            int64_t rows = 1;
            for (int dim = 0; dim < outer; ++dim) {
                rows *= shape[dim];
                for (int64_t i = 1; i <= rows; ++i)
                    splits[static_cast<size_t>(dim)].push_back(counted(i * shape[dim + 1]));
            }
            Numbers picked;
            for (int64_t i = 0; i < c[1].size(); ++i) {
                int32_t begin = indices[i], end = begin + 1;
                for (size_t dim = 0; dim < nested.size(); ++dim) {
                    const auto* from = nested[dim].data<int32_t>();
                    // A single index leaves its own dimension out.
                    const int64_t at = static_cast<int64_t>(dim) + shape.rank() - 1;
                    if (at >= 0) {
                        Numbers& to = splits[static_cast<size_t>(at)];
                        const int64_t shift = int64_t{to.back()} - from[begin];
                        for (int32_t k = begin; k < end; ++k) to.push_back(counted(from[k + 1] + shift));
                    }
                    begin = from[begin];
                    end = from[end];
                }
                counted(static_cast<int64_t>(picked.size()) + end - begin);
                for (int32_t k = begin; k < end; ++k) picked.push_back(k);
            }
            const size_t left_out = shape.rank() == 0 ? 1 : 0;
            for (size_t i = 0; i + left_out < splits.size(); ++i) out.push_back(as_vector(splits[i]));
            out.push_back(as_vector(picked));
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "Of the rows of a ragged tensor with numValues values that `indices` pick: the nested splits, and "
           "last the "
           "rows of its values.",
});

// ---- range -------------------------------------------------------------------------------------------------

[[maybe_unused]] const Op& ragged_range_places_op = define({
    .name = "raggedRangePlaces",
    .inputs = {{"starts", Accept::numeric}, {"limits", Accept::numeric}, {"deltas", Accept::numeric}},
    .outputs = {"splits", "rows", "steps"},
    .promote = true,
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            int64_t rows = 1;
            bool known = false;
            const char* names[] = {"starts", "limits", "deltas"};
            for (int i = 0; i < 3; ++i) {
                if (c[i].dtype() == DType::complex64)
                    type_error("raggedRangePlaces: ranges are not defined for complex64 tensors.");
                if (c[i].rank() > 1) value_error(names[i], " must be a scalar or vector");
                if (c[i].rank() == 0) continue;
                if (known && c[i].size() != rows)
                    value_error("starts, limits, and deltas must have the same shape");
                rows = c[i].size();
                known = true;
            }
            Numbers splits{0}, row_of, steps;
            visit_number(c[0].dtype(), [&]<class T>() {
                const auto value = [&](int slot, int64_t row) {
                    return static_cast<double>(c[slot].data<T>()[c[slot].rank() ? row : 0]);
                };
                for (int64_t row = 0; row < rows; ++row) {
                    const double start = value(0, row), limit = value(1, row), delta = value(2, row);
                    if (delta == 0) value_error("Requires delta != 0");
                    const bool none = delta > 0 ? limit < start : limit > start;
                    const double size = none ? 0 : std::ceil(std::abs((limit - start) / delta));
                    if (!(size + splits.back() <= 2147483647.0))
                        value_error("Requires ((limit - start) / delta) <= 2147483647");
                    for (int32_t i = 0; i < static_cast<int32_t>(size); ++i) {
                        row_of.push_back(static_cast<int32_t>(row));
                        steps.push_back(i);
                    }
                    splits.push_back(static_cast<int32_t>(row_of.size()));
                }
            });
            out.push_back(as_vector(splits));
            out.push_back(as_vector(row_of));
            out.push_back(as_vector(steps));
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "For ranges from starts to limits by deltas, vectors or scalars: the splits between them, and of "
           "each value its "
           "range and its place in it.",
});

// ---- to a dense tensor -------------------------------------------------------------------------------------

enum Partition : int64_t { first_dim_size, value_row_ids, row_splits };

int64_t longest_row(Partition kind, const Tensor& t) {
    const auto* at = t.data<int32_t>();
    int64_t longest = 0, run = 0;
    for (int64_t i = 0; i < t.size(); ++i) {
        if (kind == row_splits) {
            if (i > 0) longest = std::max(longest, int64_t{at[i]} - at[i - 1]);
        } else {
            run = i > 0 && at[i] == at[i - 1] ? run + 1 : 1;
            longest = std::max(longest, run);
        }
    }
    return longest;
}

// The output places of the children of rows with output places `parents`; -1: nowhere.
std::vector<int64_t> children(Partition kind, const Tensor& t, const std::vector<int64_t>& parents,
                              int64_t step, int64_t size) {
    const auto* at = t.data<int32_t>();
    std::vector<int64_t> places;
    const auto place = [&](int64_t row, int64_t column) {
        const int64_t parent = parents[static_cast<size_t>(row)];
        places.push_back(parent < 0 || column >= size ? -1 : parent + column * step);
    };
    const auto rows = static_cast<int64_t>(parents.size());
    if (kind == row_splits) {
        if (t.size() - 1 > rows)
            value_error("Row partition size is greater than output size: ", t.size() - 1, " > ", rows);
        if (!std::is_sorted(at, at + t.size())) value_error("Invalid row split size.");
        for (int64_t row = 0; row + 1 < t.size(); ++row)
            for (int64_t column = 0; column < at[row + 1] - at[row]; ++column) place(row, column);
        if (t.size() > 0 && static_cast<int64_t>(places.size()) != at[t.size() - 1])
            value_error("Invalid row split size.");
        return places;
    }
    int64_t column = 0;
    for (int64_t i = 0; i < t.size(); ++i) {
        if (at[i] < 0 || at[i] >= rows)
            value_error("Got currentValueRowId=", at[i], ", which is not less than ", rows);
        column = i > 0 && at[i] == at[i - 1] ? column + 1 : 0;
        place(at[i], column);
    }
    return places;
}

// The dense shape: what is asked for, the rest from the values and the longest rows.
Ints dense_shape(const Tensor& asked, const Ints& values, int64_t first, std::span<const Partition> kinds,
                 std::span<const Tensor> parts) {
    const int64_t ragged = static_cast<int64_t>(parts.size());
    const auto rank = static_cast<size_t>(ragged) + values.size();
    const auto* sizes = asked.data<int32_t>();
    Ints shape(rank, -1);
    if (asked.rank() == 0) {
        if (sizes[0] != -1)
            value_error("The only valid scalar shape tensor is the fully unknown shape specified as -1.");
    } else {
        shape.assign(sizes, sizes + asked.size());
        if (shape.size() != rank)
            value_error("rt input.shape and shape are incompatible: rt input.rank = ", rank,
                        ", but shape.rank = ", shape.size());
    }
    for (size_t i = 0; i < rank; ++i) {
        if (shape[i] < -1) value_error("Dimension ", shape[i], " must be >= -1");
        if (i > static_cast<size_t>(ragged)) {
            const int64_t size = values[i - static_cast<size_t>(ragged)];
            if (shape[i] >= 0 && shape[i] != size)
                value_error("rt input.shape and shape are incompatible: rt input.shape[", i, "] = ", size,
                            " but shape[", i, "] = ", shape[i]);
            shape[i] = size;
        }
    }
    if (shape[0] < 0) shape[0] = first;
    for (size_t i = 1; i <= static_cast<size_t>(ragged); ++i)
        if (shape[i] < 0) shape[i] = longest_row(kinds[i - 1], parts[i - 1]);
    return shape;
}

[[maybe_unused]] const Op& ragged_places_op = define({
    .name = "raggedPlaces",
    .inputs = {{"shape", Accept::index}, {"rowPartitionTensors", Accept::index, Arity::list}},
    .attrs = {{"kinds", AttrType::ints}, {"valuesShape", AttrType::ints}},
    .outputs = {"shape", "sources"},
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            const auto given = c.list(1);
            const Ints &codes = c.ints("kinds"), &values = c.ints("valuesShape");
            if (codes.empty()) value_error("No row_partition_types given.");
            if (given.size() != codes.size() || values.empty())
                value_error("raggedTensorToTensor: there are ", given.size(), " row partitions and ",
                            codes.size(), " types of them, for values of rank ", values.size(), ".");
            if (given[0].size() == 0)
                value_error("Invalid first partition input. Tensor requires at least one element.");
            std::vector<Partition> kinds;
            for (const int64_t code : codes) kinds.push_back(static_cast<Partition>(code));
            if (kinds[0] == value_row_ids) value_error("Cannot handle VALUE_ROWIDS in first dimension.");
            const bool sized = kinds[0] == first_dim_size;
            const int64_t first = sized ? given[0].data<int32_t>()[0] : given[0].size() - 1;
            const auto parts = given.subspan(sized ? 1 : 0);
            const auto part_kinds = std::span<const Partition>(kinds).subspan(sized ? 1 : 0);
            for (const Partition kind : part_kinds)
                if (kind != value_row_ids && kind != row_splits)
                    value_error("Cannot handle partition type ", kind);
            const Ints shape = dense_shape(c[0], values, first, part_kinds, parts);
            const int64_t count =
                Shape(std::span<const int64_t>(shape)).product(0, static_cast<int>(parts.size()) + 1);
            const int64_t rows = values[0];
            if (std::max(count, first) > std::numeric_limits<int32_t>::max())
                value_error("raggedTensorToTensor: there are more rows than int32 can count.");
            std::vector<int64_t> steps(parts.size() + 1, 1);
            for (size_t i = parts.size(); i > 0; --i) steps[i - 1] = steps[i] * shape[i];
            // Everything is the default, which stands behind the values, but what gets one.
            Numbers sources(static_cast<size_t>(count), static_cast<int32_t>(rows));
            if (count > 0) {
                std::vector<int64_t> places;
                for (int64_t i = 0; i < first; ++i) places.push_back(i < shape[0] ? i * steps[0] : -1);
                for (size_t i = 0; i < parts.size(); ++i)
                    places = children(part_kinds[i], parts[i], places, steps[i + 1], shape[i + 1]);
                if (static_cast<int64_t>(places.size()) > rows)
                    value_error("raggedTensorToTensor: the partitions ask for ", places.size(),
                                " values, but there are ", rows, ".");
                for (size_t i = 0; i < places.size(); ++i)
                    if (places[i] >= 0) sources[static_cast<size_t>(places[i])] = static_cast<int32_t>(i);
            }
            out.push_back(as_vector(Numbers(shape.begin(), shape.end())));
            out.push_back(as_vector(sources));
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "The shape of a dense tensor from a ragged one, and for each of its places the row of the values "
           "that comes "
           "there, or their number where the default does. kinds: 0 FIRST_DIM_SIZE, 1 VALUE_ROWIDS, 2 "
           "ROW_SPLITS.",
});

}  // namespace

}  // namespace lamina
