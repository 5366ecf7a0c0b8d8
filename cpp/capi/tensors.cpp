// Tensors and variables.
#include <cstring>

#include "capi/handles.h"
#include "core/string_tensor.h"

namespace lamina::capi {

DType dtype_from(lamina_dtype dtype) {
    if (dtype < LAMINA_FLOAT32 || dtype > LAMINA_STRING) value_error(dtype, " is no type of elements.");
    return static_cast<DType>(dtype);
}

Shape shape_from(const int64_t* shape, size_t rank) {
    if (rank) needed(shape, "shape");
    return Shape({shape, rank});
}

}  // namespace lamina::capi

static_assert(static_cast<int>(lamina::DType::float32) == LAMINA_FLOAT32);
static_assert(static_cast<int>(lamina::DType::int32) == LAMINA_INT32);
static_assert(static_cast<int>(lamina::DType::boolean) == LAMINA_BOOL);
static_assert(static_cast<int>(lamina::DType::complex64) == LAMINA_COMPLEX64);
static_assert(static_cast<int>(lamina::DType::string) == LAMINA_STRING);

using namespace lamina;
using capi::guarded;
using capi::looked_at;
using capi::needed;

extern "C" {

lamina_status lamina_tensor_create(lamina_dtype dtype, const int64_t* shape, size_t rank, const void* values,
                                   lamina_tensor** tensor) {
    return guarded([&] {
        const DType type = capi::dtype_from(dtype);
        if (type == DType::string) value_error("Strings are given to lamina_tensor_create_strings.");
        Tensor t = Tensor::empty(type, capi::shape_from(shape, rank), "tensor");
        if (t.size()) {
            needed(static_cast<const char*>(values), "values");
            std::memcpy(t.mutable_data<char>(), values, static_cast<size_t>(t.size()) * element_size(type));
        }
        if (type == DType::boolean)
            for (int64_t i = 0; i < t.size(); ++i)
                if (t.data<uint8_t>()[i] > 1)
                    value_error("The value ", i, " of a bool tensor is neither 0 nor 1.");
        needed(tensor, "tensor") = new lamina_tensor{std::move(t)};
    });
}

lamina_status lamina_tensor_create_strings(const int64_t* shape, size_t rank, const char* const* values,
                                           const size_t* lengths, lamina_tensor** tensor) {
    return guarded([&] {
        const Shape dims = capi::shape_from(shape, rank);
        std::vector<std::string_view> texts;
        if (dims.size()) needed(values, "values"), needed(lengths, "lengths");
        for (int64_t i = 0; i < dims.size(); ++i)
            texts.emplace_back(&needed(values[i], "a text"), lengths[i]);
        needed(tensor, "tensor") = new lamina_tensor{make_strings(texts, dims)};
    });
}

lamina_status lamina_tensor_share(const lamina_tensor* tensor, lamina_tensor** other) {
    return guarded([&] { needed(other, "other") = new lamina_tensor{needed(tensor, "tensor").value}; });
}

void lamina_tensor_free(lamina_tensor* tensor) { delete tensor; }

lamina_dtype lamina_tensor_dtype(const lamina_tensor* tensor) {
    return looked_at(tensor, static_cast<lamina_dtype>(-1),
                     [](const lamina_tensor& t) { return static_cast<lamina_dtype>(t.value.dtype()); });
}

size_t lamina_tensor_rank(const lamina_tensor* tensor) {
    return looked_at(tensor, size_t{0},
                     [](const lamina_tensor& t) { return static_cast<size_t>(t.value.rank()); });
}

const int64_t* lamina_tensor_shape(const lamina_tensor* tensor) {
    return looked_at(tensor, static_cast<const int64_t*>(nullptr),
                     [](const lamina_tensor& t) { return t.value.shape().begin(); });
}

int64_t lamina_tensor_size(const lamina_tensor* tensor) {
    return looked_at(tensor, int64_t{0}, [](const lamina_tensor& t) { return t.value.size(); });
}

lamina_status lamina_tensor_data(const lamina_tensor* tensor, const void** data) {
    return guarded([&] {
        const Tensor& t = needed(tensor, "tensor").value;
        if (t.dtype() == DType::string) value_error("The values of a string tensor are read one by one.");
        needed(data, "data") = t.raw();
    });
}

lamina_status lamina_tensor_string(const lamina_tensor* tensor, int64_t index, const char** text,
                                   size_t* length) {
    return guarded([&] {
        const Tensor& t = needed(tensor, "tensor").value;
        if (t.dtype() != DType::string)
            type_error("A ", name_of(t.dtype()), " tensor has no texts as its values.");
        if (index < 0 || index >= t.size())
            fail(ErrorKind::index, "There is no value ", index, " in a tensor of ", t.size(), ".");
        const std::string_view value = string_at(t, index);
        needed(text, "text") = value.data();
        needed(length, "length") = value.size();
    });
}

lamina_status lamina_variable_create(const lamina_tensor* initial, lamina_variable** variable) {
    return guarded([&] {
        VariableRef made = Variable::make(needed(initial, "initial").value);
        needed(variable, "variable") = new lamina_variable{std::move(made)};
    });
}

void lamina_variable_free(lamina_variable* variable) { delete variable; }

lamina_status lamina_variable_read(const lamina_variable* variable, lamina_tensor** value) {
    return guarded(
        [&] { needed(value, "value") = new lamina_tensor{needed(variable, "variable").value->read()}; });
}

lamina_status lamina_variable_assign(lamina_variable* variable, const lamina_tensor* value) {
    return guarded([&] { needed(variable, "variable").value->assign(needed(value, "value").value); });
}

}  // extern "C"
