// Philox against its authors' known answers; at each CPU level its independence of cuts and its
// distributions; Alea and the distributions made of it against numbers that TensorFlow.js printed.
#include "core/random.h"

#include <cstring>
#include <string>

#include "check.h"
#include "core/alea.h"
#include "kernels/isa.h"

using namespace lamina;

namespace {

// The known answers of philox4x32-10 in Random123's kat_vectors.
void test_known_answers() {
    struct Case {
        uint32_t key[2], counter[4], want[4];
    };
    const uint32_t ones = 0xffffffff;
    const Case cases[] = {
        {{0, 0}, {0, 0, 0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{ones, ones}, {ones, ones, ones, ones}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0xa4093822, 0x299f31d0},
         {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (const Case& c : cases) {
        uint32_t got[4];
        philox_block(c.key, c.counter, got);
        CHECK(!std::memcmp(got, c.want, sizeof got));
    }
    // Element i is word i / 16 % 4 of block 16 * (i / 64) + i % 16; stream 0 leaves the key as it is.
    uint32_t bits[200], word[4];
    const uint32_t key[2] = {7, 9};
    philox_bits(7 | uint64_t{9} << 32, 0, 5 | uint64_t{6} << 32, bits, 1000, 200);
    for (uint32_t i = 0; i < 200; ++i) {
        const uint32_t element = 1000 + i, counter[4] = {16 * (element / 64) + element % 16, 0, 5, 6};
        philox_block(key, counter, word);
        CHECK(bits[i] == word[element / 16 % 4]);
        uint32_t few[3];
        philox_bits(7 | uint64_t{9} << 32, 0, 5 | uint64_t{6} << 32, few, element, 3);
        CHECK(few[0] == bits[i] && (i > 197 || !std::memcmp(few, bits + i, sizeof few)));
    }
}

template <class T, class Draw>
void test_cuts(Draw draw) {
    std::vector<T> whole(1000), parts(1000);
    draw(whole.data(), 0, 1000);
    int64_t at = 0;
    for (int64_t n = 0; at < 1000; n = (n * 5 + 1) % 97) {
        const int64_t size = std::min<int64_t>(n, 1000 - at);
        draw(parts.data() + at, at, size);
        at += size;
    }
    CHECK(whole == parts);
    draw(parts.data(), 123, 100);
    CHECK(std::equal(parts.begin(), parts.begin() + 100, whole.begin() + 123));
    draw(parts.data(), int64_t{1} << 40, 1);
    CHECK(parts[0] != whole[0]);
}

template <class T>
void test_sequences() {
    const auto& table = kernels<T>();
    test_cuts<T>([&](T* out, int64_t begin, int64_t n) { table.random_uniform(1, 2, out, begin, n); });
    test_cuts<T>([&](T* out, int64_t begin, int64_t n) { table.random_normal(1, 2, out, begin, n); });
    test_cuts<T>(
        [&](T* out, int64_t begin, int64_t n) { table.random_truncated_normal(1, 2, out, begin, n); });
    std::vector<T> a(64), b(64);
    const uint64_t names[][2] = {{0, 0}, {1, 0}, {uint64_t{1} << 32, 0}, {0, 1}, {0, uint64_t{1} << 32}};
    for (const auto& left : names)
        for (const auto& right : names) {
            table.random_uniform(left[0], left[1], a.data(), 0, 64);
            table.random_uniform(right[0], right[1], b.data(), 0, 64);
            CHECK((a == b) == (&left == &right));
        }
    // The highest 24 of the raw bits.
    uint32_t bits[64];
    philox_bits(1, 2, 0, bits, 0, 64);
    table.random_uniform(1, 2, a.data(), 0, 64);
    for (int i = 0; i < 64; ++i)
        CHECK(a[static_cast<size_t>(i)] == static_cast<T>(bits[i] >> 8) * T(0x1p-24));
}

void test_steps() {
    const uint64_t steps[] = {0, 1, uint64_t{1} << 32};
    uint32_t a[64], b[64];
    for (const uint64_t& left : steps)
        for (const uint64_t& right : steps) {
            philox_bits(0, 0, left, a, 0, 64);
            philox_bits(0, 0, right, b, 0, 64);
            CHECK(!std::memcmp(a, b, sizeof a) == (&left == &right));
        }
}

struct Moments {
    double mean = 0, variance = 0, fourth = 0, largest = 0, neighbours = 0;

    explicit Moments(const std::vector<double>& x) {
        for (const double v : x) mean += v / x.size();
        for (size_t i = 0; i < x.size(); ++i) {
            const double d = x[i] - mean;
            variance += d * d / x.size();
            fourth += d * d * d * d / x.size();
            largest = std::max(largest, std::fabs(x[i]));
            if (i) neighbours += d * (x[i - 1] - mean) / x.size();
        }
    }
};

void test_distributions() {
    constexpr int64_t n = 1 << 20;
    const auto near = [](double x, double y, double tolerance) { return std::fabs(x - y) < tolerance; };
    std::vector<double> x(n);
    std::vector<float> rounded(n);
    const auto is_rounded = [](double a, float b) { return static_cast<float>(a) == b; };
    // The reference level in double, and the one that is tested.
    const auto& exact = kernels<double>();
    const auto& table = kernels<float>();

    exact.random_uniform(11, 0, x.data(), 0, n);
    const Moments uniform(x);
    CHECK(near(uniform.mean, 0.5, 2e-3) && near(uniform.variance, 1.0 / 12, 1e-3) && uniform.largest < 1);
    table.random_uniform(11, 0, rounded.data(), 0, n);
    CHECK(std::equal(x.begin(), x.end(), rounded.begin()));

    exact.random_normal(11, 1, x.data(), 0, n);
    const Moments normal(x);
    CHECK(near(normal.mean, 0, 5e-3) && near(normal.variance, 1, 7e-3) && near(normal.fourth, 3, 0.05));
    CHECK(near(normal.neighbours, 0, 5e-3) && normal.largest > 4.5);
    table.random_normal(11, 1, rounded.data(), 0, n);
    CHECK(std::equal(x.begin(), x.end(), rounded.begin(), is_rounded));

    exact.random_truncated_normal(11, 2, x.data(), 0, n);
    const Moments truncated(x);
    CHECK(near(truncated.mean, 0, 5e-3) && near(std::sqrt(truncated.variance), 0.87962566, 3e-3));
    CHECK(truncated.largest <= 2);
    table.random_truncated_normal(11, 2, rounded.data(), 0, n);
    CHECK(std::equal(x.begin(), x.end(), rounded.begin(), is_rounded));

    exact.random_dropout(11, 3, 0.25, x.data(), 0, n);
    int64_t kept = 0;
    for (const double v : x) {
        CHECK(v == 0 || v == 1 / 0.75);
        kept += v != 0;
    }
    CHECK(near(kept / static_cast<double>(n), 0.75, 3e-3));
    table.random_dropout(11, 3, 0.25, rounded.data(), 0, n);
    CHECK(std::equal(x.begin(), x.end(), rounded.begin(), is_rounded));
    table.random_dropout(11, 3, 0, rounded.data(), 0, n);
    for (const float v : rounded) CHECK(v == 1);
}

template <class Random>
void expect_values(Random random, const std::vector<double>& want, double tolerance) {
    for (const double value : want) CHECK(std::fabs(random.next() - value) <= tolerance);
}

void test_alea() {
    expect_values(Alea("hello"), {0.8750656815245748, 0.33650841237977147, 0.6642807484604418}, 0);
    expect_values(Alea("\u00e9\u20ac\U0001f600"),
                  {0.3097032941877842, 0.08797837933525443, 0.26920455996878445}, 0);
    expect_values(UniformRandom(0, 1, "42"), {0.68486351, 0.54632449, 0.84559333, 0.19908552}, 5e-8);
    expect_values(GaussRandom(0, 1, false, false, "42"), {1.9053093, 0.47744656, 0.4454464, -0.38785839},
                  1e-7);
    expect_values(GaussRandom(0, 5, true, false, "42"), {10, 2, 2, -2, 0, 3}, 0);
    expect_values(
        GaussRandom(1, 2, false, true, "42"),
        {4.810618877410889, 1.9548931121826172, 1.8908928632736206, 0.22428318858146667, 1.1403567790985107},
        3e-7);
    expect_values(GammaRandom(2.5, 1.5, false, "42"),
                  {1.6336429119110107, 2.1420445442199707, 1.751004695892334}, 3e-7);
    expect_values(GammaRandom(0.5, 2, false, "42"),
                  {0.624740719795227, 0.41365256905555725, 0.001958270324394107}, 3e-7);
}

void test_numbers() {
    const std::pair<double, const char*> cases[] = {
        {42, "42"},
        {0.0, "0"},
        {-0.0, "0"},
        {-1.5, "-1.5"},
        {1e21, "1e+21"},
        {1e20, "100000000000000000000"},
        {1e-6, "0.000001"},
        {1.5e-7, "1.5e-7"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {0.1 + 0.2, "0.30000000000000004"},
        {9007199254740992.0, "9007199254740992"},
        {12345.678, "12345.678"},
        {HUGE_VAL, "Infinity"},
        {-HUGE_VAL, "-Infinity"},
    };
    for (const auto& [value, want] : cases) CHECK(js_number_to_string(value) == want);
    CHECK(js_number_to_string(std::nan("")) == "NaN");
}

}  // namespace

int main() {
    test_known_answers();
    test_steps();
    test_sequences<double>();
    for (const std::string& level : available_levels()) {
        set_level(level);
        test_sequences<float>();
        test_distributions();
    }
    test_alea();
    test_numbers();
    return lamina::test::result();
}
