// Ops whose result's size depends on values: they give indices, from which others gather.
#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "core/interrupt.h"
#include "core/string_tensor.h"
#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

// Appends what tells an element from others: 0 and -0 are the same, and so are all NaN.
void append_key(std::string& key, const Tensor& x, int64_t i) {
    const auto bytes = [&](auto value) { key.append(reinterpret_cast<const char*>(&value), sizeof value); };
    const auto number = [&](auto value) {
        using T = decltype(value);
        bytes(value != value ? std::numeric_limits<T>::quiet_NaN() : value == 0 ? T(0) : value);
    };
    switch (x.dtype()) {
        case DType::string: {
            const std::string_view s = string_at(x, i);
            bytes(s.size());
            key += s;
            return;
        }
        case DType::complex64:
            number(x.data<Complex>()[i].re);
            number(x.data<Complex>()[i].im);
            return;
        default:
            visit_number(x.dtype(), [&]<class T>() { number(x.data<T>()[i]); });
    }
}

Tensor as_tensor(const std::vector<int32_t>& values) {
    Tensor t = Tensor::empty(DType::int32, Shape{static_cast<int64_t>(values.size())});
    std::copy(values.begin(), values.end(), t.mutable_data<int32_t>());
    return t;
}

// What append_key() tells apart, as one number, for elements that have so few bytes.
uint64_t element_key(const Tensor& x, int64_t i) {
    uint64_t key = 0;
    visit_number(x.dtype(), [&]<class T>() {
        T value = x.data<T>()[i];
        value = value != value ? std::numeric_limits<T>::quiet_NaN() : value == 0 ? T(0) : value;
        std::memcpy(&key, &value, sizeof value);
    });
    return key;
}

// Numbers in the order in which they came, found again by open addressing.
class Known {
  public:
    explicit Known(int64_t most) {
        while ((int64_t{1} << bits_) < 2 * most) ++bits_;
        slots_.assign(size_t{1} << bits_, -1);
    }
    // Which one it is, and whether it is new.
    std::pair<int32_t, bool> add(uint64_t key) {
        size_t at = key * 0x9E3779B97F4A7C15u >> (64 - bits_);
        for (; slots_[at] >= 0; at = (at + 1) & (slots_.size() - 1))
            if (keys_[static_cast<size_t>(slots_[at])] == key) return {slots_[at], false};
        slots_[at] = static_cast<int32_t>(keys_.size());
        keys_.push_back(key);
        return {slots_[at], true};
    }

  private:
    int bits_ = 1;
    std::vector<int32_t> slots_;
    std::vector<uint64_t> keys_;
};

[[maybe_unused]] const Op& unique_indices_op = define({
    .name = "uniqueIndices",
    .inputs = {{"x"}},
    .attrs = {{"axis", AttrType::integer, int64_t{0}, true}},
    .outputs = {"first", "indices"},
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            const Shape& s = c[0].shape();
            if (s.rank() == 0) value_error("unique: The input tensor must be at least 1D");
            const int axis = normalize_axis("unique", c.integer("axis"), s.rank());
            const int64_t outer = s.product(0, axis), n = s[axis], inner = s.product(axis + 1, s.rank());
            check_positions("unique", n);
            std::vector<int32_t> first, indices(static_cast<size_t>(n));
            if (outer * inner == 1 && (is_real(c[0].dtype()) || is_integral(c[0].dtype()))) {
                Known known(n);
                for (int64_t i = 0; i < n; ++i) {
                    if (i % 4096 == 0) check_interrupt();
                    const auto [which, fresh] = known.add(element_key(c[0], i));
                    if (fresh) first.push_back(static_cast<int32_t>(i));
                    indices[static_cast<size_t>(i)] = which;
                }
            } else {
                std::unordered_map<std::string, int32_t> known;
                for (int64_t i = 0; i < n; ++i) {
                    if (i % 64 == 0) check_interrupt();
                    std::string key;
                    for (int64_t o = 0; o < outer; ++o)
                        for (int64_t k = 0; k < inner; ++k) append_key(key, c[0], (o * n + i) * inner + k);
                    const auto [place, fresh] =
                        known.emplace(std::move(key), static_cast<int32_t>(known.size()));
                    if (fresh) first.push_back(static_cast<int32_t>(i));
                    indices[static_cast<size_t>(i)] = place->second;
                }
            }
            out.push_back(as_tensor(first));
            out.push_back(as_tensor(indices));
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "Where each different slice of x along the axis stands first, and which of them each slice is.",
});

[[maybe_unused]] const Op& unique_op = define({
    .name = "unique",
    .inputs = {{"x"}},
    .attrs = {{"axis", AttrType::integer, int64_t{0}, true}},
    .outputs = {"values", "indices"},
    .shapes = Shapes::from_values,
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        const Tensors found = call(unique_indices_op, {c[0]}, {c.attr("axis")});
        return {gather(c[0], found[0], c.integer("axis")), found[1]};
    },
    .doc = "The different slices of x along the axis in the order in which they come, and for each slice "
           "which of them it is. "
           "The first of several that are equal gets their gradient.",
});

[[maybe_unused]] const Op& true_coordinates_op = define({
    .name = "trueCoordinates",
    .inputs = {{"condition", Accept::numeric}},
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            const Tensor truth = cast(c[0], DType::boolean);
            const Shape& s = truth.shape();
            for (const int64_t n : s) check_positions("whereAsync", n);
            const auto* t = truth.data<uint8_t>();
            int64_t count = 0;
            for (int64_t i = 0; i < s.size(); ++i) count += t[i] != 0;
            // Where they stand, without a branch that could be foreseen wrongly.
            std::vector<int64_t> places(static_cast<size_t>(count));
            int64_t n = 0;
            for (int64_t i = 0; n < count; ++i) {
                places[static_cast<size_t>(n)] = i;
                n += t[i] != 0;
            }
            const int rank = s.rank();
            Tensor found = Tensor::empty(DType::int32, Shape{count, rank}, "whereAsync");
            auto* to = found.mutable_data<int32_t>();
            for (int64_t rest : places) {
                for (int axis = rank - 1; axis > 0; --axis) {
                    to[axis] = static_cast<int32_t>(rest % s[axis]);
                    rest /= s[axis];
                }
                if (rank) to[0] = static_cast<int32_t>(rest);
                to += rank;
            }
            out.push_back(found);
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "The coordinates [n, rank] of all elements that are true, in order.",
});

[[maybe_unused]] const Op& difference_indices_op = define({
    .name = "differenceIndices",
    .inputs = {{"x"}, {"y"}},
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            check_positions("setdiff1dAsync", c[0].size());
            std::unordered_set<std::string> others;
            std::vector<int32_t> found;
            std::string key;
            for (int64_t i = 0; i < c[1].size(); ++i) {
                if (i % 4096 == 0) check_interrupt();
                key.clear();
                append_key(key, c[1], i);
                others.insert(key);
            }
            for (int64_t i = 0; i < c[0].size(); ++i) {
                key.clear();
                append_key(key, c[0], i);
                if (!others.count(key)) found.push_back(static_cast<int32_t>(i));
            }
            out.push_back(as_tensor(found));
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "Where in x values stand that y does not have.",
});

}  // namespace

}  // namespace lamina
