// Ops that put tensors together and take them apart.
#include <vector>

#include "core/string_tensor.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"
#include "ops/strided.h"

namespace lamina {

namespace {

const Op& concat_op = define({
    .name = "concat",
    .inputs = {{"tensors", Accept::any, Arity::list}},
    .attrs = {{"axis", AttrType::integer, int64_t{0}, true}},
    .promote = true,
    .infer = [](const Call& c) -> Specs {
        const auto parts = c.list(0);
        if (parts.empty()) value_error("Pass at least one tensor to concat");
        const Shape& first = parts[0].shape();
        if (first.rank() == 0) value_error("concat: scalars cannot be concatenated; use stack.");
        const int axis = normalize_axis("concat", c.integer("axis"), first.rank());
        Size total = 0;
        for (size_t k = 0; k < parts.size(); ++k) {
            const Shape& s = parts[k].shape();
            bool fits = s.rank() == first.rank();
            for (int i = 0; fits && i < s.rank(); ++i) fits = i == axis || s[i] == first[i];
            if (!fits)
                value_error("Error in concat: Shape of tensors[", k, "] (", s,
                            ") does not match the shape of the rest (", first,
                            ") along the non-concatenated axis.");
            total += s[axis];
        }
        return {{parts[0].dtype(), first.with(axis, total)}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const auto parts = c.list(0);
            if (parts[0].dtype() == DType::string) {
                // One long row of all strings, then the element numbers are put together instead.
                Inputs numbers;
                std::vector<std::string_view> all;
                int32_t at = 0;
                for (const Tensor& t : parts) {
                    Tensor n = element_numbers(t.shape());
                    for (int64_t i = 0; i < t.size(); ++i) {
                        n.mutable_data<int32_t>()[i] += at;
                        all.push_back(string_at(t, i));
                    }
                    at += static_cast<int32_t>(t.size());
                    numbers.tensors.push_back(n);
                }
                numbers.counts = c.inputs.counts;
                Tensors moved{Tensor::empty(DType::int32, out[0].shape())};
                c.op.run(Call{c.op, numbers, c.attrs}, moved);
                out[0] = gather_strings(make_strings(all, Shape{static_cast<int64_t>(all.size())}), moved[0]);
                return;
            }
            const int axis = normalize_axis("concat", c.integer("axis"), out[0].rank());
            const size_t bytes = element_size(out[0].dtype());
            const Strides strides = contiguous_strides(out[0].shape());
            int64_t at = 0;
            for (const Tensor& t : parts) {
                strided_copy(bytes, t.shape(), t.raw(), contiguous_strides(t.shape()),
                             out[0].mutable_data<char>() +
                                 static_cast<size_t>(at * strides[static_cast<size_t>(axis)]) * bytes,
                             strides);
                at += t.shape()[axis];
            }
        },
    .grad = [](const Gradient& g) -> Tensors {
        const int axis =
            normalize_axis("concat", std::get<int64_t>(g.attrs[0]), g.output_specs[0].shape.rank());
        Tensors parts;
        int64_t at = 0;
        for (int i = 0; i < g.count(); ++i) {
            const Shape& s = g.shape(i);
            Ints begin(static_cast<size_t>(s.rank()), 0);
            begin[static_cast<size_t>(axis)] = at;
            parts.push_back(g.wants(i) ? slice(g.dy(), begin, Ints(s.begin(), s.end())) : Tensor());
            at += s[axis];
        }
        return parts;
    },
    .method = false,
    .doc = "The tensors one behind another along the axis; all other sizes must agree.",
});

// Each part is a tensor of its own, also where it has no elements.
void check_parts(const char* op, int64_t count) {
    constexpr int64_t kMost = 1 << 22;
    if (count > kMost) value_error("Error in ", op, ": ", count, " tensors are more than ", kMost, ".");
}

// The sizes of a split's parts along its axis.
Ints part_sizes(const Call& c, int axis) {
    const int64_t total = c[0].shape()[axis];
    if (const auto* count = std::get_if<int64_t>(&c.attr("numOrSizeSplits"))) {
        if (*count <= 0 || total % *count)
            value_error("Number of splits must evenly divide the axis: cannot split ", total, " into ",
                        *count, " parts.");
        check_parts("split", *count);
        return Ints(static_cast<size_t>(*count), total / *count);
    }
    Ints sizes = c.ints("numOrSizeSplits");
    Size known = 0;
    int64_t unknown = -1;
    for (size_t i = 0; i < sizes.size(); ++i) {
        if (sizes[i] == -1 && unknown < 0)
            unknown = static_cast<int64_t>(i);
        else if (sizes[i] < 0)
            value_error("There should be only one negative value in split array.");
        else
            known += sizes[i];
    }
    if (unknown >= 0) sizes[static_cast<size_t>(unknown)] = total - known;
    if (known + (unknown >= 0 ? sizes[static_cast<size_t>(unknown)] : int64_t{0}) != total || known > total)
        value_error("The sum of sizes must match the size of the axis dimension: got ", known, " for ", total,
                    ".");
    return sizes;
}

const Op& split_op = define({
    .name = "split",
    .inputs = {{"x"}},
    .attrs = {{"numOrSizeSplits", AttrType::count_or_sizes}, {"axis", AttrType::integer, int64_t{0}, true}},
    .outputs = {"*"},
    .infer = [](const Call& c) -> Specs {
        const int axis = normalize_axis("split", c.integer("axis"), c[0].rank());
        Specs specs;
        for (int64_t n : part_sizes(c, axis)) specs.push_back({c[0].dtype(), c[0].shape().with(axis, n)});
        return specs;
    },
    .run =
        [](const Call& c, Tensors& out) {
            const int axis = normalize_axis("split", c.integer("axis"), c[0].rank());
            int64_t at = 0;
            for (Tensor& part : out) {
                Ints begin(static_cast<size_t>(c[0].rank()), 0);
                begin[static_cast<size_t>(axis)] = at;
                at += part.shape()[axis];
                part = slice(c[0], begin, Ints(part.shape().begin(), part.shape().end()));
            }
        },
    .grad = [](const Gradient& g) -> Tensors {
        Tensors parts;
        for (size_t i = 0; i < g.output_specs.size(); ++i) parts.push_back(g.dy(static_cast<int>(i)));
        return {concat(parts, std::get<int64_t>(g.attrs[1]))};
    },
    .doc = "x cut along the axis: into that many equal parts, or into parts of the listed sizes (one may be "
           "-1).",
});

const Op& stack_op = define({
    .name = "stack",
    .inputs = {{"tensors", Accept::any, Arity::list}},
    .attrs = {{"axis", AttrType::integer, int64_t{0}, true}},
    .promote = true,
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const auto parts = c.list(0);
        if (parts.empty()) value_error("Pass at least one tensor to tf.stack");
        const Shape& first = parts[0].shape();
        const int axis = normalize_axis("stack", c.integer("axis"), first.rank() + 1);
        Tensors expanded;
        for (const Tensor& t : parts) {
            if (!(t.shape() == first))
                value_error("All tensors passed to stack must have matching shapes: got [", first, "] and [",
                            t.shape(), "].");
            expanded.push_back(reshape(t, first.inserted(axis, 1)));
        }
        return {concat(expanded, axis)};
    },
    .method = false,
    .doc = "Tensors of one shape put together along a new axis.",
});

const Op& unstack_op = define({
    .name = "unstack",
    .inputs = {{"x"}},
    .attrs = {{"axis", AttrType::integer, int64_t{0}, true}},
    .outputs = {"*"},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const int axis = normalize_axis("unstack", c.integer("axis"), c[0].rank());
        const int64_t n = c[0].shape()[axis];
        Tensors parts;
        if (n == 0) return parts;
        const Shape shape = c[0].shape().without(axis);
        for (const Tensor& part : call(split_op, {c[0]}, {n, int64_t{axis}}))
            parts.push_back(reshape(part, shape));
        return parts;
    },
    .doc = "x taken apart along the axis, as a list of tensors without it.",
});

}  // namespace

Tensor concat(const Tensors& parts, int64_t axis) {
    Inputs inputs;
    inputs.tensors = parts;
    inputs.counts.push_back(static_cast<int32_t>(parts.size()));
    return call1(concat_op, std::move(inputs), {axis});
}

}  // namespace lamina
