// Blocks of space exchanged with batch or channels, and padding by reflection.
#include <algorithm>

#include "ops/functions.h"

namespace lamina {

namespace {

Shape shape_of(const Ints& dims) { return Shape(std::span<const int64_t>(dims)); }
Size at(const Ints& values, int i) { return values[static_cast<size_t>(i)]; }
Size product(const Ints& values) { return SizeList(values).product(); }

// The pairs of `name`, one for each entry of blockShape.
const Ints& pairs_of(const Call& c, const char* name, int blocks) {
    const Ints& pairs = c.ints(name);
    if (static_cast<int>(pairs.size()) != 2 * blocks)
        value_error(c.op.name, ": ", name, " has ", pairs.size() / 2, " pairs but blockShape ", blocks,
                    " numbers.");
    for (const int64_t p : pairs)
        if (p < 0) value_error(c.op.name, ": ", name, " must not be negative, got ", p, ".");
    return pairs;
}

const Ints& block_shape(const Call& c) {
    const Ints& block = c.ints("blockShape");
    const int n = static_cast<int>(block.size());
    if (n == 0) value_error(c.op.name, ": blockShape must name at least one dimension.");
    if (c[0].rank() < 1 + n)
        value_error(c.op.name, ": input rank ", c[0].rank(), " should be > than [blockShape] ", n);
    if (c[0].rank() + n > Shape::kMaxRank)
        value_error(c.op.name, ": rank ", c[0].rank(), " with ", n,
                    " block dimensions is more than there may be.");
    for (const int64_t b : block)
        if (b < 1) value_error(c.op.name, ": blockShape must be positive, got ", b, ".");
    return block;
}

// [b, s1 * k1, s2 * k2, ..., rest] -> [k1, k2, ..., b, s1, s2, ..., rest] -> [k1 * k2 * b, s1, s2, ..., rest]
Tensor space_to_batch(const Call& c) {
    const Ints& block = block_shape(c);
    const int n = static_cast<int>(block.size()), rank = c[0].rank();
    const Ints& paddings = pairs_of(c, "paddings", n);
    Ints all(static_cast<size_t>(2 * rank), 0);
    std::copy(paddings.begin(), paddings.end(), all.begin() + 2);
    const bool pads = std::any_of(paddings.begin(), paddings.end(), [](int64_t p) { return p > 0; });
    const Tensor x = pads ? pad(c[0], all) : c[0];
    const Shape& s = x.shape();
    Ints split{s[0]}, perm, result{s[0] * product(block)};
    for (int i = 0; i < n; ++i) {
        if (s[i + 1] % at(block, i))
            value_error("spaceToBatchND: input spatial dimensions ", shape_of(Ints(s.begin() + 1, s.end())),
                        " (with paddings) must be divisible by blockShapes ", shape_of(block));
        split.insert(split.end(), {s[i + 1] / at(block, i), at(block, i)});
        result.push_back(s[i + 1] / at(block, i));
        perm.push_back(2 * i + 2);
    }
    perm.push_back(0);
    for (int i = 0; i < n; ++i) perm.push_back(2 * i + 1);
    for (int i = n + 1; i < rank; ++i) {
        split.push_back(s[i]);
        result.push_back(s[i]);
        perm.push_back(i + n);
    }
    return reshape(transpose(reshape(x, shape_of(split)), perm), shape_of(result));
}

Tensor batch_to_space(const Call& c) {
    const Ints& block = block_shape(c);
    const int n = static_cast<int>(block.size()), rank = c[0].rank();
    const Ints& crops = pairs_of(c, "crops", n);
    const Shape& s = c[0].shape();
    if (s[0] % product(block))
        value_error("batchToSpaceND: input tensor batch is ", s[0],
                    " but is not divisible by the product of the elements of blockShape ", shape_of(block),
                    " === ", product(block));
    Ints split(block.begin(), block.end()), perm{n}, whole{s[0] / product(block)};
    split.push_back(whole[0]);
    split.insert(split.end(), s.begin() + 1, s.end());
    for (int i = 0; i < n; ++i) {
        perm.insert(perm.end(), {n + 1 + i, i});
        whole.push_back(s[i + 1] * at(block, i));
    }
    for (int i = n + 1; i < rank; ++i) {
        perm.push_back(n + i);
        whole.push_back(s[i]);
    }
    const Tensor y = reshape(transpose(reshape(c[0], shape_of(split)), perm), shape_of(whole));
    Ints begin(static_cast<size_t>(rank), 0), size = whole;
    for (int i = 0; i < n; ++i) {
        begin[static_cast<size_t>(i + 1)] = at(crops, 2 * i);
        size[static_cast<size_t>(i + 1)] -= at(crops, 2 * i) + at(crops, 2 * i + 1);
        if (size[static_cast<size_t>(i + 1)] < 0)
            value_error("batchToSpaceND: crops [", at(crops, 2 * i), ",", at(crops, 2 * i + 1),
                        "] are more than the ", at(whole, i + 1), " elements of dimension ", i + 1, ".");
    }
    return size == whole ? y : slice(y, begin, size);
}

[[maybe_unused]] const Op& space_to_batch_op = define({
    .name = "spaceToBatchND",
    .inputs = {{"x", Accept::numeric}},
    .attrs = {{"blockShape", AttrType::ints}, {"paddings", AttrType::pairs}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors { return {space_to_batch(c)}; },
    .doc = "Dimensions 1, 2, ... padded with zeros and cut into blocks of blockShape, whose elements move "
           "into the batch.",
});

[[maybe_unused]] const Op& batch_to_space_op = define({
    .name = "batchToSpaceND",
    .inputs = {{"x"}},
    .attrs = {{"blockShape", AttrType::ints}, {"crops", AttrType::pairs}},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors { return {batch_to_space(c)}; },
    .doc = "The reverse of spaceToBatchND: elements of the batch become blocks of blockShape; then `crops` "
           "go from the edges.",
});

// ---- depth and space ---------------------------------------------------------------------------------------

AttrSpec block_size_attr() { return {"blockSize", AttrType::integer}; }
AttrSpec format_attr() {
    return {"dataFormat", AttrType::string, std::string("NHWC"), true, {"NHWC", "NCHW"}};
}

[[maybe_unused]] const Op& depth_to_space_op = define({
    .name = "depthToSpace",
    .inputs = {{"x"}},
    .attrs = {block_size_attr(), format_attr()},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        if (c[0].rank() != 4) value_error("depthToSpace: x must be rank 4, but got rank ", c[0].rank(), ".");
        const Size k = c.size("blockSize");
        if (k <= 1) value_error("blockSize should be > 1 for depthToSpace, but was: ", k);
        const Shape& s = c[0].shape();
        const bool first = c.string("dataFormat") == "NCHW";
        const int64_t b = s[0], depth = s[first ? 1 : 3], h = s[first ? 2 : 1], w = s[first ? 3 : 2];
        if (depth % (k * k))
            value_error("Dimension size must be evenly divisible by ", k * k, " but is ", depth,
                        " for depthToSpace with input shape ", s);
        const int64_t left = depth / (k * k);
        if (first)
            return {reshape(transpose(reshape(c[0], {b, k, k, left, h, w}), {0, 3, 4, 1, 5, 2}),
                            {b, left, h * k, w * k})};
        return {reshape(transpose(reshape(c[0], {b, h, w, k, k, left}), {0, 1, 3, 2, 4, 5}),
                        {b, h * k, w * k, left})};
    },
    .doc = "Each pixel's channels spread over a square of blockSize by blockSize pixels.",
});

[[maybe_unused]] const Op& space_to_depth_op = define({
    .name = "spaceToDepth",
    .inputs = {{"x"}},
    .attrs = {block_size_attr(), format_attr()},
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        if (c[0].rank() != 4) value_error("spaceToDepth: x must be rank 4, but got rank ", c[0].rank(), ".");
        const Size k = c.size("blockSize");
        if (k <= 1) value_error("blockSize should be > 1 for spaceToDepth, but was: ", k);
        const Shape& s = c[0].shape();
        const bool first = c.string("dataFormat") == "NCHW";
        const int64_t b = s[0], depth = s[first ? 1 : 3], h = s[first ? 2 : 1], w = s[first ? 3 : 2];
        if (h % k || w % k)
            value_error("spaceToDepth: height ", h, " and width ", w, " must be divisible by blockSize ", k,
                        ".");
        if (first)
            return {reshape(transpose(reshape(c[0], {b, depth, h / k, k, w / k, k}), {0, 3, 5, 1, 2, 4}),
                            {b, k * k * depth, h / k, w / k})};
        return {reshape(transpose(reshape(c[0], {b, h / k, k, w / k, k, depth}), {0, 1, 3, 2, 4, 5}),
                        {b, h / k, w / k, k * k * depth})};
    },
    .doc = "The reverse of depthToSpace: squares of blockSize by blockSize pixels become channels of one.",
});

}  // namespace

}  // namespace lamina
