// Tensors, variables, errors, the library as a whole.
#include <array>

#include "check.h"

namespace {

void values() {
    const std::vector<float> numbers = {1, 2, 3, 4, 5, 6};
    const lamina::Tensor t = lamina::tensor(numbers, {2, 3});
    CHECK(t.dtype() == lamina::DType::float32);
    CHECK(t.rank() == 2 && t.size() == 6);
    CHECK(t.shape()[0] == 2 && t.shape()[1] == 3);
    CHECK(t.data<float>()[5] == 6);

    const std::array<std::int32_t, 2> whole = {7, -8};
    CHECK(lamina::tensor(whole, {2}).data<std::int32_t>()[1] == -8);
    CHECK(lamina::tensor({true, false}).data<bool>()[0]);
    CHECK(lamina::tensor({1.5f, 2.5f}).size() == 2);
    CHECK(lamina::tensor({std::complex<float>(1, 2)}, {1}).data<std::complex<float>>()[0].imag() == 2);
    CHECK(lamina::scalar(std::int32_t{3}).item<std::int32_t>() == 3);
    CHECK(lamina::Tensor(2.5).item() == 2.5f);
    CHECK(lamina::tensor(std::vector<float>{}, {0, 3}).size() == 0);

    const lamina::Tensor words = lamina::strings({"one", "zwölf", ""}, {3});
    CHECK(words.dtype() == lamina::DType::string);
    CHECK(words.text(1) == "zwölf" && words.text(2).empty());

    lamina::Tensor copy = t, moved = std::move(copy);
    CHECK(moved.data<float>().data() == t.data<float>().data());
    moved = lamina::Tensor();
    CHECK(!moved && t);
}

void variables() {
    const lamina::Tensor first = lamina::tensor({1.0f, 2.0f});
    lamina::Variable v(first);
    const lamina::Variable same = v;
    v.assign(lamina::tensor({3.0f, 4.0f}));
    CHECK(same.value().data<float>()[0] == 3);
    CHECK(first.data<float>()[0] == 1);
    const lamina::Tensor before = v;
    lamina::Sgd(1.0f).apply({v}, {lamina::tensor({1.0f, 1.0f})});
    CHECK(before.data<float>()[0] == 3 && v.value().data<float>()[0] == 2);
}

void errors() {
    using lamina::ErrorCode;
    const lamina::Tensor t = lamina::tensor({1.0f, 2.0f});
    CHECK(refuses([&] { t.data<std::int32_t>(); }, ErrorCode::type, "another type"));
    CHECK(refuses([&] { t.item(); }, ErrorCode::value, "one value"));
    CHECK(refuses([&] { t.text(0); }, ErrorCode::type, "no texts"));
    CHECK(refuses([&] { lamina::Tensor().size(); }, ErrorCode::value, "no tensor"));
    CHECK(refuses([&] { lamina::tensor({1.0f}, {2}); }, ErrorCode::value, "2 elements"));
    CHECK(refuses([&] { lamina::strings({"a"}, {1}).text(1); }, ErrorCode::index, "no value 1"));
    CHECK(refuses([&] { lamina::strings({"a"}, {2}); }, ErrorCode::value, "another number"));
    CHECK(
        refuses([&] { lamina::Variable(t).assign(lamina::Tensor(1)); }, ErrorCode::value, "Shape mismatch"));
    CHECK(refuses([&] { lamina::zerosLike({}); }, ErrorCode::type, "missing"));
    CHECK(refuses([&] { lamina::fill({1 << 20, 1 << 20, 1 << 8}, 1); }, ErrorCode::memory, "allocate"));
}

void library() {
    CHECK(lamina_abi_version() == LAMINA_ABI_VERSION);
    CHECK(!lamina::version().empty());
    const int threads = lamina::numThreads();
    lamina::setNumThreads(1);
    CHECK(lamina::numThreads() == 1);
    lamina::setNumThreads(threads);
    CHECK(refuses([] { lamina::setNumThreads(0); }, lamina::ErrorCode::value, "between 1 and 1024"));

    lamina::setRandomSeed(5);
    const lamina::Tensor a = lamina::randomNormal({4});
    lamina::setRandomSeed(5);
    const lamina::Tensor b = lamina::randomNormal({4});
    CHECK(lamina::all(lamina::equal(a, b)).item<bool>());

    const lamina::Memory before = lamina::memory();
    {
        const lamina::Tensor t = lamina::zerosLike(a);
        CHECK(lamina::memory().liveBuffers == before.liveBuffers + 1);
        CHECK(lamina::memory().liveBytes == before.liveBytes + 16);
        CHECK(lamina::memory().allocations > before.allocations);
    }
    CHECK(lamina::memory().liveBuffers == before.liveBuffers);
    CHECK(lamina::trimMemory() > 0 && lamina::memory().cachedBytes == 0);
}

}  // namespace

void testTensors() {
    values();
    variables();
    errors();
    library();
}
