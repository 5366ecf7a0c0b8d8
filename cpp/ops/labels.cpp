// Labels of classes, and other numbers, as indices.
#include <cmath>

#include "core/error.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

[[noreturn]] void refuse(double label, int64_t row, int64_t classes) {
    value_error("The label ", label, " (sample ", row, " of the batch) is none of the ", classes,
                " classes of the output: labels are 0 to ", classes - 1, ".");
}

[[maybe_unused]] const Op& class_labels_op = define({
    .name = "classLabels",
    .inputs = {{"labels", Accept::numeric}, {"counted", Accept::numeric, Arity::optional}},
    .attrs = {{"classes", AttrType::integer}},
    .infer = [](const Call& c) -> Specs {
        if (c[0].dtype() == DType::complex64) type_error("classLabels is not defined for complex64 tensors.");
        if (c.has(1)) {
            bool fits = c[1].rank() <= c[0].rank();
            for (int i = 0; fits && i < c[1].rank(); ++i) fits = c[1].shape()[i] == c[0].shape()[i];
            if (!fits)
                value_error("classLabels: counted of shape [", c[1].shape(),
                            "] must begin as the labels of shape [", c[0].shape(), "] do.");
        }
        return {{DType::int32, c[0].shape()}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            const int64_t classes = c.integer("classes"), n = c[0].size();
            const int64_t rows = c[0].rank() ? c[0].shape()[0] : 1;
            auto* y = out[0].mutable_data<int32_t>();
            const auto counts = [&](int64_t i) {
                if (!c.has(1)) return true;
                const int64_t at = i / (n / c[1].size());
                return visit_number(c[1].dtype(), [&]<class T>() { return c[1].data<T>()[at] != T(0); });
            };
            visit_number(c[0].dtype(), [&]<class T>() {
                const T* label = c[0].data<T>();
                for (int64_t i = 0; i < n; ++i) {
                    const double value = std::floor(static_cast<double>(label[i]));
                    const bool inside = value >= 0 && value < static_cast<double>(classes);
                    if (!inside && counts(i)) refuse(static_cast<double>(label[i]), i / (n / rows), classes);
                    y[i] = inside ? static_cast<int32_t>(value) : -1;
                }
            });
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "Labels rounded down, as int32; an error where one is not in [0, classes). Those with a 0 in "
           "`counted`, which holds one number for each label or for each of the first dimensions, are not "
           "checked: -1 where they are outside.",
});

[[maybe_unused]] const Op& whole_indices_op = define({
    .name = "wholeIndices",
    .inputs = {{"x", Accept::numeric}},
    .infer = [](const Call& c) -> Specs {
        if (c[0].dtype() == DType::complex64)
            type_error("wholeIndices is not defined for complex64 tensors.");
        return {{DType::int32, c[0].shape()}};
    },
    .run =
        [](const Call& c, Tensors& out) {
            auto* y = out[0].mutable_data<int32_t>();
            visit_number(c[0].dtype(), [&]<class T>() {
                const T* x = c[0].data<T>();
                for (int64_t i = 0; i < c[0].size(); ++i) {
                    const auto value = static_cast<double>(x[i]);
                    // NaN is in no range.
                    if (!(value >= INT32_MIN && value <= INT32_MAX && value == std::floor(value)))
                        value_error("The index ", value, " (element ", i,
                                    ") is none: indices are whole numbers that int32 can hold.");
                    y[i] = static_cast<int32_t>(value);
                }
            });
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "x as int32; an error where an element is not a whole number that int32 can hold.",
});

}  // namespace

}  // namespace lamina
