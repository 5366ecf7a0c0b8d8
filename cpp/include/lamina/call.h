// Calling ops by their names in the registry. lamina/ops.h has a function for each; this is what they use.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "lamina/variable.h"

namespace lamina {
inline namespace v1 {

// What stands in one slot of an op: a tensor (or none, where it is optional), or a list of tensors or
// variables.
class Argument {
  public:
    Argument(const Tensor& tensor) : one_(tensor.get()), count_(1) {}
    Argument(const Variable& variable) : cell_(variable.get()), count_(1) {}
    Argument(const std::vector<Tensor>& tensors) : count_(tensors.size()), is_list_(true) {
        for (const Tensor& t : tensors) many_.push_back(t.get());
    }
    Argument(const std::vector<Variable>& variables) : count_(variables.size()), is_list_(true) {
        for (const Variable& v : variables) cells_.push_back(v.get());
    }

    // Valid as long as this object stays where it is.
    lamina_argument view() const {
        if (!is_list_) return {cell_ ? nullptr : &one_, cell_ ? &cell_ : nullptr, count_};
        static constexpr const lamina_tensor* none[1] = {};
        return {cells_.empty() ? (many_.empty() ? none : many_.data()) : nullptr,
                cells_.empty() ? nullptr : cells_.data(), count_};
    }

  private:
    const lamina_tensor* one_ = nullptr;
    lamina_variable* cell_ = nullptr;
    std::vector<const lamina_tensor*> many_;
    std::vector<lamina_variable*> cells_;
    std::size_t count_;
    bool is_list_ = false;
};

// Whole numbers of an attribute: nothing, one (`{.axis = 0}`), or several (`{.strides = {2, 2}}`).
class Ints {
  public:
    Ints() = default;
    Ints(std::int64_t value) : values_{value}, kind_(LAMINA_ATTR_INTEGER) {}
    Ints(int value) : Ints(std::int64_t{value}) {}
    Ints(std::initializer_list<std::int64_t> values) : values_(values), kind_(LAMINA_ATTR_INTS) {}
    Ints(const std::vector<std::int64_t>& values) : values_(values), kind_(LAMINA_ATTR_INTS) {}
    Ints(std::span<const std::int64_t> values)
        : values_(values.begin(), values.end()), kind_(LAMINA_ATTR_INTS) {}

    lamina_attr view(const char* name) const {
        return {name, kind_, values_.empty() ? 0 : values_[0], 0, nullptr, values_.data(), values_.size()};
    }

  private:
    std::vector<std::int64_t> values_;
    lamina_attr_kind kind_ = LAMINA_ATTR_NOT_GIVEN;
};

// "same", "valid", a number for all sides, or four pairs of numbers.
class Padding {
  public:
    Padding() = default;
    Padding(const char* name) : name_(name) {}
    Padding(int value) : numbers_(value) {}
    Padding(std::initializer_list<std::int64_t> pairs) : numbers_(pairs) {}

    lamina_attr view(const char* name) const {
        if (name_.empty()) return numbers_.view(name);
        return {name, LAMINA_ATTR_STRING, 0, 0, name_.data(), nullptr, name_.size()};
    }

  private:
    std::string_view name_;
    Ints numbers_;
};

// The value of an attribute under its name; both stay the caller's.
class Attribute {
  public:
    Attribute(const char* name, bool value) : attr_{name, LAMINA_ATTR_BOOL, value, 0, nullptr, nullptr, 0} {}
    Attribute(const char* name, int value) : Attribute(name, std::int64_t{value}) {}
    Attribute(const char* name, std::int64_t value)
        : attr_{name, LAMINA_ATTR_INTEGER, value, 0, nullptr, nullptr, 0} {}
    Attribute(const char* name, double value)
        : attr_{name, LAMINA_ATTR_NUMBER, 0, value, nullptr, nullptr, 0} {}
    Attribute(const char* name, DType value)
        : attr_{name, LAMINA_ATTR_DTYPE, static_cast<std::int64_t>(value), 0, nullptr, nullptr, 0} {}
    Attribute(const char* name, std::string_view value)
        : attr_{name, LAMINA_ATTR_STRING, 0, 0, value.data() ? value.data() : "", nullptr, value.size()} {}
    Attribute(const char* name, const char* value) : Attribute(name, std::string_view(value)) {}
    Attribute(const char* name, const Ints& value) : attr_(value.view(name)) {}
    Attribute(const char* name, const Padding& value) : attr_(value.view(name)) {}
    template <class T>
    Attribute(const char* name, const std::optional<T>& value)
        : attr_(value ? Attribute(name, *value).attr_
                      : lamina_attr{name, LAMINA_ATTR_NOT_GIVEN, 0, 0, nullptr, nullptr, 0}) {}

    const lamina_attr& view() const noexcept { return attr_; }

  private:
    lamina_attr attr_;
};

// The results of an op, called with a value for each of its slots and some of its attributes. An Error where
// they do not fit.
inline std::vector<Tensor> call(const char* op, std::initializer_list<Argument> arguments,
                                std::initializer_list<Attribute> attributes = {}) {
    std::array<lamina_argument, 16> views{};
    std::array<lamina_attr, 16> attrs{};
    if (arguments.size() > views.size() || attributes.size() > attrs.size())
        throw Error(ErrorCode::value, "No op takes so many arguments.");
    std::size_t n = 0, m = 0;
    for (const Argument& a : arguments) views[n++] = a.view();
    for (const Attribute& a : attributes) attrs[m++] = a.view();
    lamina_tensor** results = nullptr;
    std::size_t count = 0;
    detail::check(lamina_call(op, views.data(), n, attrs.data(), m, &results, &count));
    std::vector<Tensor> tensors;
    tensors.reserve(count);
    for (std::size_t i = 0; i < count; ++i) tensors.emplace_back(results[i]);
    lamina_results_free(results);
    return tensors;
}

namespace detail {

inline Tensor call1(const char* op, std::initializer_list<Argument> arguments,
                    std::initializer_list<Attribute> attributes = {}) {
    return std::move(call(op, arguments, attributes)[0]);
}

template <std::size_t N>
std::array<Tensor, N> callN(const char* op, std::initializer_list<Argument> arguments,
                            std::initializer_list<Attribute> attributes = {}) {
    std::vector<Tensor> results = call(op, arguments, attributes);
    std::array<Tensor, N> fixed;
    for (std::size_t i = 0; i < N; ++i) fixed[i] = std::move(results[i]);
    return fixed;
}

}  // namespace detail

}  // namespace v1
}  // namespace lamina
