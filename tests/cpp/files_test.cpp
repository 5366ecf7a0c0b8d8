// What reads files: JSON, checksums, files of tensors. Mutations of all kinds are refused or read, and
// nothing else.
#include <cstring>
#include <random>
#include <string>

#include "check.h"
#include "core/error.h"
#include "files/json.h"
#include "files/sha256.h"
#include "files/tensor_file.h"

using namespace lamina;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

template <class F>
bool refused(F&& f) {
    try {
        f();
    } catch (const Error&) {
        return true;
    }
    return false;
}

void checksums() {
    const auto hex = [](std::string_view text) {
        Sha256 sha;
        sha.update(bytes_of(text));
        return sha.hex();
    };
    // FIPS 180-4, examples.
    CHECK(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    Sha256 parts;
    const std::string many(1000000, 'a');
    for (size_t at = 0, n = 1; at < many.size(); at += n, n = n % 200 + 1)
        parts.update(bytes_of(std::string_view(many).substr(at, n)));
    CHECK(parts.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

void json() {
    const Json value = Json::parse(R"( {"a": [1, -2.5e3, true, null], "b\u00e9\ud83d\ude00\n": "x"} )", "it");
    CHECK(value.member("a", "it").array("a")[0].integer("a[0]") == 1);
    CHECK(value.member("a", "it").array("a")[1].number("a[1]") == -2500);
    CHECK(value.member("b\xc3\xa9\xf0\x9f\x98\x80\n", "it").string("b") == "x");
    CHECK(refused([&] { value.member("c", "it"); }) && refused([&] { value.string("it"); }));
    CHECK(Json::parse(json_string("\"\\\n\x01é"), "it").string("it") == "\"\\\n\x01é");
    for (const double x : {0.1, -0.0, 1e300, 5e-324, 3.0, HUGE_VAL, -HUGE_VAL}) {
        const double back = Json::parse(json_number(x), "it").number("it");
        CHECK(std::memcmp(&back, &x, sizeof x) == 0);
    }
    CHECK(std::isnan(Json::parse(json_number(NAN), "it").number("it")));

    for (const char* bad : {"",
                            " ",
                            "{",
                            "[",
                            "[1",
                            "[1,",
                            "[1,]",
                            "{\"a\"}",
                            "{\"a\":}",
                            "{\"a\":1,}",
                            "{a:1}",
                            "{\"a\":1,\"a\":2}",
                            "01",
                            "-",
                            "+1",
                            "1.",
                            ".5",
                            "1e",
                            "1e999",
                            "nul",
                            "tru",
                            "\"",
                            "\"\\",
                            "\"\\x\"",
                            "\"\\u12\"",
                            "\"\\ud800\"",
                            "\"\\udc00\"",
                            "\"\\ud800\\u0041\"",
                            "\"\n\"",
                            "1 2",
                            "[1]]",
                            "NaN",
                            "Infinity",
                            "\"\xff\"",
                            "\"\xc0\x80\"",
                            "\"\xed\xa0\x80\"",
                            "\"\xf4\x90\x80\x80\"",
                            "\xe2\x82"})
        CHECK(refused([&] { Json::parse(bad, "it"); }));
    CHECK(!refused([] { Json::parse(std::string(64, '[') + std::string(64, ']'), "it"); }));
    CHECK(refused([] { Json::parse(std::string(100000, '['), "it"); }));
}

std::string sample() {
    Tensor floats = Tensor::empty(DType::float32, {2, 3});
    for (int i = 0; i < 6; ++i) floats.mutable_data<float>()[i] = static_cast<float>(i) / 4;
    Tensor truths = Tensor::empty(DType::boolean, {3});
    std::memset(truths.mutable_data<char>(), 1, 3);
    return write_tensor_file({{"truths", truths}, {"floats", floats}, {"one", Tensor::scalar(7)}},
                             {{"key", "value"}});
}

void tensors() {
    const std::string file = sample();
    const TensorFile read = read_tensor_file(bytes_of(file), "it");
    CHECK(read.verified && read.tensors.size() == 3 && *read.find_metadata("key") == "value");
    CHECK(read.tensors[0].name == "floats" && read.tensors[0].value.data<float>()[5] == 1.25f);
    CHECK(read.tensors[1].name == "one" && read.tensors[1].value.data<int32_t>()[0] == 7);
    CHECK(read.tensors[2].name == "truths" && read.tensors[2].value.shape() == Shape{3});
    const Tensor one = Tensor::scalar(1);
    CHECK(refused([&] { write_tensor_file({{"a", one}, {"a", one}}, {}); }));

    std::string plain = file;
    plain.replace(plain.find("sha256"), 6, "sha255");
    CHECK(!read_tensor_file(bytes_of(plain), "it").verified);

    // Whatever becomes of a file without a checksum, all that is read lies within it.
    std::mt19937 random(5);
    for (int i = 0; i < 30000; ++i) {
        std::string changed = plain;
        for (int k = static_cast<int>(random() % 3); k >= 0; --k) {
            const size_t at = random() % changed.size();
            switch (random() % 4) {
                case 0:
                    changed[at] = static_cast<char>(random());
                    break;
                case 1:
                    changed[at] = "0123456789[]{},:\"-"[random() % 18];
                    break;
                case 2:
                    changed.erase(at, random() % 8);
                    break;
                default:
                    changed.insert(at, changed.substr(random() % changed.size(), random() % 16));
            }
            if (changed.empty()) break;
        }
        refused([&] { read_tensor_file(bytes_of(changed), "it"); });
    }
    for (size_t n = 0; n < plain.size(); ++n)
        CHECK(refused([&] { read_tensor_file(bytes_of(std::string_view(plain).substr(0, n)), "it"); }));
}

}  // namespace

int main() {
    checksums();
    json();
    tensors();
    return test::result();
}
