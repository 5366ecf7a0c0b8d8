// Weights in files.
#include <cstring>
#include <fstream>
#include <iterator>

#include "check.h"

namespace {

std::vector<std::byte> content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::byte> result(bytes.size());
    std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
}

}  // namespace

void testFiles(const std::string& folder) {
    const std::string path = folder + "/weights.safetensors";
    const lamina::NamedTensors saved = {
        {"kernel", lamina::tensor({1.0f, -2.5f, 3.0f, 4.0f}, {2, 2})},
        {"mask", lamina::tensor({true, false, true})},
        {"step", lamina::scalar(std::int32_t{42})},
        {"spectrum", lamina::tensor({std::complex<float>(1, -1)}, {1})},
        {"empty", lamina::fill({0, 3}, 1)},
    };
    lamina::saveTensors(path, saved);
    const lamina::NamedTensors loaded = lamina::loadTensors(path);
    CHECK(loaded.size() == saved.size());
    for (const auto& [name, value] : saved) {
        const lamina::Tensor& other = loaded.at(name);
        CHECK(other.dtype() == value.dtype() && other.rank() == value.rank() && other.size() == value.size());
    }
    CHECK(loaded.at("kernel").data<float>()[1] == -2.5f && loaded.at("kernel").shape()[1] == 2);
    CHECK(loaded.at("step").item<std::int32_t>() == 42);
    CHECK(loaded.at("mask").data<bool>()[2] &&
          loaded.at("spectrum").data<std::complex<float>>()[0].imag() == -1);

    using lamina::ErrorCode;
    std::vector<std::byte> bytes = content(path);
    CHECK(lamina::loadTensors(bytes).size() == saved.size());
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), 8);
    CHECK((8 + header) % 64 == 0);
    bytes.back() ^= std::byte{1};
    CHECK(refuses([&] { lamina::loadTensors(bytes); }, ErrorCode::value, "sha256"));
    bytes.resize(5);
    CHECK(refuses([&] { lamina::loadTensors(bytes); }, ErrorCode::value, "5 bytes"));
    CHECK(refuses([&] { lamina::loadTensors(folder + "/nothing"); }, ErrorCode::runtime, "nothing"));
    CHECK(refuses([&] { lamina::saveTensors(folder + "/no/where", saved); }, ErrorCode::runtime, "where"));
    CHECK(refuses([&] { lamina::saveTensors(path, {{"text", lamina::strings({"a"}, {1})}}); },
                  ErrorCode::value, "string"));
    CHECK(lamina::loadTensors(path).size() == saved.size());
}
