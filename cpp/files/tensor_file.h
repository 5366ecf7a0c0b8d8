// Named tensors in one file: the safetensors format. Files of ours carry in their metadata the sha256 of
// all their bytes, taken with zeros in the digest's own place.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/tensor.h"

namespace lamina {

struct NamedTensor {
    std::string name;
    Tensor value;
};
using Metadata = std::vector<std::pair<std::string, std::string>>;

struct TensorFile {
    std::vector<NamedTensor> tensors;  // in the order of the payload
    Metadata metadata;
    bool verified = false;  // it carries our checksum, and that is right

    // nullptr where there is none of that name.
    const std::string* find_metadata(std::string_view key) const;
};

// The bytes of a file. The payload begins at a multiple of 64, the larger element types first. A ValueError
// for strings, double tensors and names that occur twice.
std::string write_tensor_file(const std::vector<NamedTensor>& tensors, const Metadata& metadata);

// A ValueError that begins with `what` for anything but a sound file: each size is checked against the bytes
// that are there before memory is taken for it. Values are copied.
TensorFile read_tensor_file(std::span<const std::byte> bytes, std::string_view what);

// Whole files. RuntimeErrors name the path and what the system says; a file is replaced whole or not at all.
std::vector<std::byte> read_file(const std::string& path);
void write_file(const std::string& path, std::string_view bytes);

}  // namespace lamina
