// Strings: pieces, n-grams and hashes.
#include <algorithm>
#include <string>
#include <vector>

#include "core/string_tensor.h"
#include "ops/fingerprint.h"
#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

using Views = std::vector<std::string_view>;

void check_strings(const Call& c, int slot) {
    if (c[slot].dtype() != DType::string)
        type_error("Argument '", c.op.inputs[static_cast<size_t>(slot)].name, "' passed to '", c.op.name,
                   "' must be string tensor, but got ", name_of(c[slot].dtype()), " tensor");
}

Tensor as_vector(const std::vector<int32_t>& values, const Shape& shape) {
    Tensor t = Tensor::empty(DType::int32, shape, "strings");
    std::copy(values.begin(), values.end(), t.mutable_data<int32_t>());
    return t;
}

// ---- split -------------------------------------------------------------------------------------------------

// The first character of UTF-8 text that is not empty.
std::string_view first_character(std::string_view text) {
    size_t n = 1;
    while (n < text.size() && (text[n] & 0xC0) == 0x80) ++n;
    return text.substr(0, n);
}

void split(std::string_view text, const Views& delimiters, bool skip_empty, Views& found) {
    if (text.empty()) return;
    size_t begin = 0, at = 0;
    const auto take = [&] {
        if (!skip_empty || at > begin) found.push_back(text.substr(begin, at - begin));
    };
    while (at < text.size()) {
        const std::string_view character = first_character(text.substr(at));
        if (delimiters.empty()) {
            found.push_back(character);
        } else if (std::find(delimiters.begin(), delimiters.end(), character) != delimiters.end()) {
            take();
            begin = at + character.size();
        }
        at += character.size();
    }
    if (!delimiters.empty()) take();
}

[[maybe_unused]] const Op& string_split_op = define({
    .name = "stringSplit",
    .inputs = {{"input"}, {"delimiter"}},
    .attrs = {{"skipEmpty", AttrType::boolean, true, true}},
    .outputs = {"indices", "values", "shape"},
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            check_strings(c, 0);
            check_strings(c, 1);
            if (c[0].rank() != 1)
                value_error("stringSplit: Input should be Tensor1D but received shape [", c[0].shape(), "]");
            if (c[1].rank() != 0)
                value_error("stringSplit: Delimiter should be a scalar but received shape [", c[1].shape(),
                            "]");
            Views delimiters, values;
            for (std::string_view rest = string_at(c[1], 0); !rest.empty();) {
                delimiters.push_back(first_character(rest));
                rest.remove_prefix(delimiters.back().size());
            }
            check_positions("stringSplit", c[0].size());
            std::vector<int32_t> indices;
            int32_t longest = 0;
            const auto rows = static_cast<int32_t>(c[0].size());
            for (int32_t row = 0; row < rows; ++row) {
                const size_t before = values.size();
                split(string_at(c[0], row), delimiters, c.flag("skipEmpty"), values);
                const auto count = static_cast<int32_t>(values.size() - before);
                for (int32_t i = 0; i < count; ++i) {
                    indices.push_back(row);
                    indices.push_back(i);
                }
                longest = std::max(longest, count);
            }
            const auto n = static_cast<int64_t>(values.size());
            out.push_back(as_vector(indices, Shape{n, 2}));
            out.push_back(make_strings(values, Shape{n}));
            out.push_back(as_vector({rows, longest}, Shape{2}));
        },
    .no_grad = "strings have no derivatives",
    .method = false,
    .internal = true,
    .doc = "The pieces of each string [n] between characters of the delimiter, as a sparse tensor: indices "
           "[pieces, 2], "
           "values and the dense shape. An empty delimiter parts all characters; skipEmpty leaves empty "
           "pieces out.",
});

// ---- n-grams -----------------------------------------------------------------------------------------------

// All words in the n-grams of one row, beyond which there is a mistake.
constexpr int64_t kMostWords = int64_t{1} << 31;

struct NGrams {
    std::string_view separator, left, right;
    int64_t pad;  // -1: as many as a width allows

    int64_t padding(int64_t width) const { return std::min(pad < 0 ? width - 1 : pad, width - 1); }
    int64_t count(int64_t length, int64_t width) const {
        return std::max<int64_t>(0, length + 2 * padding(width) - width + 1);
    }
    // The n-grams of a row of words that stands between paddings of `side` words.
    void make(const Views& row, int64_t side, int64_t width, int64_t many,
              std::vector<std::string>& found) const {
        const auto length = static_cast<int64_t>(row.size());
        if (many * width > kMostWords)
            value_error("stringNGrams: n-grams of ", width, " words are too long.");
        for (int64_t first = 0; first < many; ++first) {
            std::string joined;
            for (int64_t i = first; i < first + width; ++i) {
                if (i > first) joined += separator;
                joined += i < side ? left : i < side + length ? row[static_cast<size_t>(i - side)] : right;
            }
            found.push_back(std::move(joined));
        }
    }
};

void check_splits(const Tensor& splits, int64_t size) {
    if (splits.rank() != 1) value_error("stringNGrams: dataSplits must be a vector, saw: ", splits.shape());
    const auto* at = splits.data<int32_t>();
    const int64_t n = splits.size();
    if (n == 0) return;
    if (at[0] != 0) value_error("First split value must be 0, got ", at[0]);
    for (int64_t i = 1; i < n; ++i)
        if (at[i] < at[i - 1] || at[i] > size)
            value_error("Invalid split value ", at[i], ", must be in [", at[i - 1], ", ", size, "]");
    if (at[n - 1] != size)
        value_error("Last split value must be data size. Expected ", size, ", got ", at[n - 1]);
}

[[maybe_unused]] const Op& string_n_grams_op = define({
    .name = "stringNGrams",
    .inputs = {{"data"}, {"dataSplits", Accept::index}, {"texts"}},
    .attrs = {{"nGramWidths", AttrType::ints},
              {"padWidth", AttrType::integer},
              {"preserveShortSequences", AttrType::boolean}},
    .outputs = {"nGrams", "nGramsSplits"},
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            check_strings(c, 0);
            check_strings(c, 2);
            if (c[0].rank() != 1) value_error("Data must be a vector, saw: ", c[0].shape());
            if (c[2].size() != 3) value_error("stringNGrams: texts are separator, left and right padding.");
            check_splits(c[1], c[0].size());
            const NGrams grams{string_at(c[2], 0), string_at(c[2], 1), string_at(c[2], 2),
                               c.integer("padWidth")};
            for (const int64_t width : c.ints("nGramWidths"))
                if (width < 1 || width > kMostWords)
                    value_error("stringNGrams: widths must be at least 1 and at most ", kMostWords, ", got ",
                                width, ".");
            if (grams.pad > kMostWords)
                value_error("stringNGrams: padWidth must be at most ", kMostWords, ", got ", grams.pad, ".");
            std::vector<std::string> found;
            std::vector<int32_t> splits;
            const auto* at = c[1].data<int32_t>();
            if (c[1].size() > 0) splits.push_back(0);
            for (int64_t i = 1; i < c[1].size(); ++i) {
                Views row;
                for (int64_t k = at[i - 1]; k < at[i]; ++k) row.push_back(string_at(c[0], k));
                const auto length = static_cast<int64_t>(row.size());
                const size_t before = found.size();
                for (const int64_t width : c.ints("nGramWidths"))
                    grams.make(row, grams.padding(width), width, grams.count(length, width), found);
                if (c.flag("preserveShortSequences") && length > 0 && found.size() == before) {
                    const int64_t side = std::max<int64_t>(grams.pad, 0);
                    grams.make(row, side, length + 2 * side, 1, found);
                }
                splits.push_back(static_cast<int32_t>(found.size()));
            }
            const Views views(found.begin(), found.end());
            out.push_back(make_strings(views, Shape{static_cast<int64_t>(views.size())}));
            out.push_back(as_vector(splits, Shape{static_cast<int64_t>(splits.size())}));
        },
    .no_grad = "strings have no derivatives",
    .method = false,
    .internal = true,
    .doc = "For each row of a ragged tensor of words (data, dataSplits) its n-grams of each width, joined by "
           "a "
           "separator; `texts` are separator, left and right padding, of which padWidth words stand at each "
           "end, or width - 1 where it is -1. preserveShortSequences makes one n-gram of a row too short for "
           "any.",
});

// ---- hashes ------------------------------------------------------------------------------------------------

[[maybe_unused]] const Op& hash_bucket_op = define({
    .name = "stringToHashBucketFast",
    .inputs = {{"input"}},
    .attrs = {{"numBuckets", AttrType::integer}},
    .infer = [](const Call& c) -> Specs {
        check_strings(c, 0);
        if (c.integer("numBuckets") <= 0)
            value_error("stringToHashBucketFast: Number of buckets must be at least 1");
        return {{DType::int32, c[0].shape()}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const auto buckets = static_cast<uint64_t>(c.integer("numBuckets"));
            for (int64_t i = 0; i < c[0].size(); ++i)
                out[0].mutable_data<int32_t>()[i] =
                    static_cast<int32_t>(fingerprint64(string_at(c[0], i)) % buckets);
        },
    .no_grad = "strings have no derivatives",
    .method = false,
    .internal = true,
    .doc = "The FarmHash64 fingerprint of each string, modulo numBuckets.",
});

}  // namespace

}  // namespace lamina
