#include "core/string_tensor.h"

#include <cstring>

namespace lamina {

Tensor make_strings(std::span<const std::string_view> values, const Shape& shape) {
    if (static_cast<int64_t>(values.size()) != shape.size())
        value_error("Shape [", shape, "] has ", shape.size(), " elements but ", values.size(),
                    " strings were given.");
    const size_t head = (values.size() + 1) * sizeof(int64_t);
    size_t bytes = head;
    for (std::string_view v : values) bytes += v.size();
    BufferRef buffer = Pool::global().allocate(bytes, "string tensor");
    auto* offsets = static_cast<int64_t*>(buffer->data());
    char* content = static_cast<char*>(buffer->data()) + head;
    int64_t at = 0;
    for (size_t i = 0; i < values.size(); ++i) {
        offsets[i] = at;
        std::memcpy(content + at, values[i].data(), values[i].size());
        at += static_cast<int64_t>(values[i].size());
    }
    offsets[values.size()] = at;
    return Tensor::from_buffer(DType::string, shape, std::move(buffer));
}

std::string_view string_at(const Tensor& t, int64_t i) {
    const auto* offsets = t.data<int64_t>();
    const char* content = reinterpret_cast<const char*>(offsets + t.size() + 1);
    return {content + offsets[i], static_cast<size_t>(offsets[i + 1] - offsets[i])};
}

}  // namespace lamina
