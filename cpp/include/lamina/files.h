// Tensors in files, in the safetensors format.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lamina/tensor.h"

namespace lamina {
inline namespace v1 {

using NamedTensors = std::map<std::string, Tensor>;

// Writes float32, int32, bool and complex64 tensors. The file is replaced whole or not at all.
inline void saveTensors(const std::string& path, const NamedTensors& tensors) {
    std::vector<const char*> names;
    std::vector<const lamina_tensor*> values;
    for (const auto& [name, value] : tensors) {
        names.push_back(name.c_str());
        values.push_back(value.get());
    }
    detail::check(lamina_tensor_file_save(path.c_str(), names.data(), values.data(), names.size()));
}

namespace detail {

inline NamedTensors tensorsOf(lamina_tensor_file* opened) {
    const std::unique_ptr<lamina_tensor_file, void (*)(lamina_tensor_file*)> file(opened,
                                                                                  &lamina_tensor_file_free);
    NamedTensors tensors;
    for (std::size_t i = 0; i < lamina_tensor_file_count(file.get()); ++i) {
        lamina_tensor* value = nullptr;
        check(lamina_tensor_file_tensor(file.get(), i, &value));
        tensors.emplace(lamina_tensor_file_name(file.get(), i), Tensor(value));
    }
    return tensors;
}

}  // namespace detail

// All tensors of a file. An Error that names file and tensor where it is not sound, or where its checksum
// differs.
inline NamedTensors loadTensors(const std::string& path) {
    lamina_tensor_file* file = nullptr;
    detail::check(lamina_tensor_file_load(path.c_str(), &file));
    return detail::tensorsOf(file);
}

inline NamedTensors loadTensors(std::span<const std::byte> bytes) {
    lamina_tensor_file* file = nullptr;
    detail::check(lamina_tensor_file_read(bytes.data(), bytes.size(), &file));
    return detail::tensorsOf(file);
}

}  // namespace v1
}  // namespace lamina
