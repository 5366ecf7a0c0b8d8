// Ops by name, and gradients.
#include <algorithm>
#include <cmath>

#include "capi/handles.h"
#include "core/alea.h"

namespace lamina::capi {

namespace {

Ints ints_of(const lamina_attr& a) {
    if (a.kind == LAMINA_ATTR_INTEGER) return {a.integer};
    if (a.count) needed(a.ints, a.name);
    return Ints(a.ints, a.ints + a.count);
}

std::string text_of(const lamina_attr& a) { return {&needed(a.text, a.name), a.count}; }

}  // namespace

Attr attr_from(const lamina_attr& a, const AttrSpec& spec, const char* op) {
    const auto refuse = [&](const char* wanted) {
        type_error("Argument '", spec.name, "' passed to '", op, "' must be ", wanted, ".");
    };
    const auto choice = [&](std::string_view value) {
        const auto& all = spec.choices;
        if (all.empty() || std::any_of(all.begin(), all.end(), [&](const char* c) { return value == c; }))
            return;
        std::string names;
        for (const char* c : all) names += (names.empty() ? "'" : ", '") + std::string(c) + "'";
        value_error("Argument '", spec.name, "' passed to '", op, "' must be one of ", names, ", but got '",
                    value, "'.");
    };
    const bool is_list = a.kind == LAMINA_ATTR_INTS, is_integer = a.kind == LAMINA_ATTR_INTEGER,
               is_text = a.kind == LAMINA_ATTR_STRING;
    if (a.kind == LAMINA_ATTR_NOT_GIVEN) return NotGiven{};
    if (a.kind == LAMINA_ATTR_NONE) {
        if (!spec.nullable) refuse("given");
        return None{};
    }
    switch (spec.type) {
        case AttrType::boolean:
            if (a.kind != LAMINA_ATTR_BOOL) refuse("a boolean");
            return a.integer != 0;
        case AttrType::integer:
            if (!is_integer) refuse("a whole number");
            return a.integer;
        case AttrType::number:
            if (!is_integer && a.kind != LAMINA_ATTR_NUMBER) refuse("a number");
            return is_integer ? static_cast<double>(a.integer) : a.number;
        case AttrType::string:
            if (!is_text) refuse("a string");
            choice(text_of(a));
            return text_of(a);
        case AttrType::dtype: {
            if (a.kind != LAMINA_ATTR_DTYPE) refuse("a type of elements");
            const DType dtype = dtype_from(static_cast<lamina_dtype>(a.integer));
            choice(name_of(dtype));
            return dtype;
        }
        case AttrType::ints:
        case AttrType::pairs:
            if (!is_list && !is_integer) refuse("a number or a list of numbers");
            return ints_of(a);
        case AttrType::count_or_sizes:
            if (is_integer) return a.integer;
            if (!is_list) refuse("a number or a list of numbers");
            return ints_of(a);
        case AttrType::padding:
            if (is_text) return text_of(a);
            if (!is_integer && !(is_list && a.count == 8))
                refuse("a string, a number, or four pairs of numbers");
            return ints_of(a);
        case AttrType::seed:
            if (is_text) return text_of(a);
            if (!is_integer && a.kind != LAMINA_ATTR_NUMBER) refuse("a number or a string");
            return js_number_to_string(is_integer ? static_cast<double>(a.integer) : a.number);
    }
    fail(ErrorKind::internal, "unknown attribute type");
}

namespace {

Attrs attrs_from(const Op& op, const lamina_attr* attrs, size_t count) {
    Attrs found(op.attrs.size(), NotGiven{});
    if (count) needed(attrs, "attrs");
    for (size_t i = 0; i < count; ++i) {
        const std::string_view name = &needed(attrs[i].name, "the name of an attribute");
        const auto spec =
            std::find_if(op.attrs.begin(), op.attrs.end(), [&](const AttrSpec& s) { return name == s.name; });
        if (spec == op.attrs.end()) type_error("'", op.name, "' takes no argument '", name, "'.");
        found[static_cast<size_t>(spec - op.attrs.begin())] = attr_from(attrs[i], *spec, op.name);
    }
    return found;
}

Inputs inputs_from(const Op& op, const lamina_argument* arguments, size_t count) {
    if (count != op.inputs.size())
        type_error("'", op.name, "' takes ", op.inputs.size(), " arguments, got ", count, ".");
    if (count) needed(arguments, "arguments");
    Inputs inputs;
    for (size_t i = 0; i < count; ++i) {
        const lamina_argument& a = arguments[i];
        const InputSpec& slot = op.inputs[i];
        const bool single = slot.arity == Arity::one || slot.arity == Arity::optional;
        if (single && a.count != 1)
            type_error("Argument '", slot.name, "' of '", op.name, "' is one tensor.");
        if (slot.arity == Arity::variables) {
            if (a.count) needed(a.variables, slot.name);
            for (size_t k = 0; k < a.count; ++k)
                inputs.variables.push_back(needed(a.variables[k], slot.name).value);
            inputs.variable_counts.push_back(static_cast<int32_t>(a.count));
            inputs.counts.push_back(0);
            continue;
        }
        for (size_t k = 0; k < a.count; ++k) {
            if (a.tensors)
                inputs.tensors.push_back(a.tensors[k] ? a.tensors[k]->value : Tensor());
            else
                inputs.tensors.push_back(
                    needed(needed(a.variables, slot.name) ? a.variables[k] : nullptr, slot.name)
                        .value->read());
        }
        inputs.counts.push_back(static_cast<int32_t>(a.count));
    }
    return inputs;
}

// Handles that are freed again unless all of them could be made.
class Results {
  public:
    explicit Results(size_t n) : all_(new lamina_tensor* [n + 1] {}) {}
    ~Results() {
        for (lamina_tensor** t = all_; t && *t; ++t) delete *t;
        delete[] all_;
    }
    Results(const Results&) = delete;
    void add(Tensor t) { all_[count_++] = new lamina_tensor{std::move(t)}; }
    lamina_tensor** release() { return std::exchange(all_, nullptr); }

  private:
    lamina_tensor** all_;
    size_t count_ = 0;
};

}  // namespace

}  // namespace lamina::capi

using namespace lamina;
using capi::guarded;
using capi::needed;

extern "C" {

lamina_status lamina_call(const char* name, const lamina_argument* arguments, size_t argument_count,
                          const lamina_attr* attrs, size_t attr_count, lamina_tensor*** results,
                          size_t* count) {
    return guarded([&] {
        needed(count, "count"), needed(results, "results");
        const Op* op = find_op(&needed(name, "op"));
        if (!op) value_error("There is no op '", name, "'.");
        Tensors out = call(*op, capi::inputs_from(*op, arguments, argument_count),
                           capi::attrs_from(*op, attrs, attr_count));
        capi::Results made(out.size());
        for (Tensor& t : out) made.add(std::move(t));
        *count = out.size();
        *results = made.release();
    });
}

void lamina_results_free(lamina_tensor** results) { delete[] results; }

lamina_status lamina_tape_create(lamina_tape** tape) {
    return guarded([&] {
        auto made = std::make_unique<lamina_tape>();
        made->value.push();
        needed(tape, "tape") = made.release();
    });
}

void lamina_tape_stop(lamina_tape* tape) {
    if (tape) tape->value.pop();
}

void lamina_tape_free(lamina_tape* tape) {
    lamina_tape_stop(tape);
    delete tape;
}

lamina_status lamina_tape_watch(lamina_tape* tape, const lamina_tensor* tensor) {
    return guarded([&] { needed(tape, "tape").value.watch(needed(tensor, "tensor").value); });
}

lamina_status lamina_tape_watch_variable(lamina_tape* tape, const lamina_variable* variable) {
    return guarded([&] { needed(tape, "tape").value.watch(needed(variable, "variable").value->read()); });
}

lamina_status lamina_tape_gradient(const lamina_tape* tape, const lamina_tensor* target,
                                   const lamina_tensor* const* sources, lamina_variable* const* variables,
                                   size_t count, const lamina_tensor* dy, lamina_tensor** gradients) {
    return guarded([&] {
        Tensors xs;
        for (size_t i = 0; i < count; ++i) {
            if (sources && sources[i])
                xs.push_back(sources[i]->value);
            else
                xs.push_back(needed(variables ? variables[i] : nullptr, "a source").value->read());
        }
        Tensors found = needed(tape, "tape")
                            .value.gradient(needed(target, "target").value, xs, dy ? dy->value : Tensor());
        std::vector<std::unique_ptr<lamina_tensor>> handles;
        for (Tensor& t : found) handles.emplace_back(t ? new lamina_tensor{std::move(t)} : nullptr);
        if (count) needed(gradients, "gradients");
        for (size_t i = 0; i < count; ++i) gradients[i] = handles[i].release();
    });
}

}  // extern "C"
